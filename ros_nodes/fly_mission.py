"""The operator: sends one FlyMission goal, tells how it goes, and sees to it that the drone lands."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient

from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyMission, FlyWords
from ros_nodes import qos
from ros_nodes.configuration.fly_mission import FlyMissionConfig
from ros_nodes.running import let_flight_go_first, process
from ros_nodes.stage import Stage

START_S = 90.0
LANDING_S = 40.0
SILENCE_S = 5.0
ATTEMPTS, AGAIN_S = 3, 1.0
"""How often a refused mission is sent again, and after what time: a node may just be coming back."""

LONG_LEGS = 20
"""Legs that a mission of groups, rounds and conditions may take: it ends by its own limits before."""

SUCCESS, FAILED, TROUBLE = 0, 1, 2
NEEDED = {"state": 3, "features": 4, "mission_status": 2, "option": 3, "raw_command": 2, "command": 1}
"""Topics that must have a publisher and at least so many subscriptions before a mission makes sense."""


class FlyMissionNode(Stage):
    """A client with a deadline on every wait; `outcome` is set when it is done."""

    CONFIG = FlyMissionConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("fly_mission", **kwargs)

    def configure(self) -> None:
        self.outcome: tuple[int, str] | None = None
        self.cancelling = False
        self._goal: Any = None
        self._phase = m.DroneState.GROUND
        self._said = ""
        self._told: set[str] = set()
        self._heard = self.wall_s()
        self._began = self.wall_s()
        self._deadline = self._began + START_S
        self._sent = False
        self._recorded = not self.values["recorder"]
        self._bare = False  # the mission node is gone: nothing is left to do but land
        self._graph: m.GraphStatus | None = None
        self._refusal, self._attempts, self._again = "", 0, 0.0
        self._words = bool(self.values["words"])
        kind, name = (FlyWords, "fly_words") if self._words else (FlyMission, "fly_mission")
        self._client = ActionClient(self, kind, name)
        self._land = self.create_client(srv.Land, "drone/land")
        self.listen(m.DroneState, "state", self._on_state, polled=True)
        self.listen(m.Event, "events", self._on_event, qos.EVENTS)
        self.listen(m.SupervisorStatus, "supervisor_status", self._on_supervisor, qos.LATCHED)
        self.listen(m.GraphStatus, "graph_status", self._on_graph, qos.LATCHED)
        self.every(0.1, self._watch)

    def cancel(self) -> None:
        """Cancel the mission; the outcome comes when the drone is down."""
        if self.cancelling:
            return
        self.cancelling = True
        if self._goal is None or self._bare:
            self._end(TROUBLE, "cancelled before the mission began")
        else:
            self._say("cancelling, the drone lands")
            self._deadline = self.wall_s() + LANDING_S
            self._goal.cancel_goal_async()

    def _ready(self) -> bool:
        said = all(self.count_publishers(topic) for topic in NEEDED)
        heard = all(self.count_subscribers(topic) >= many for topic, many in NEEDED.items())
        waited = self.wall_s() - self._began > START_S / 2  # fly without a recorder rather than not at all
        ready = self._graph is not None and self._graph.ready and self.wall_s() >= self._again
        return ready and said and heard and (self._recorded or waited) and self._client.server_is_ready()

    def _watch(self) -> None:
        self.hear()
        if self.outcome is not None:
            return
        if not self._sent and self._graph is not None and self._graph.failed:
            self._end(TROUBLE, f"the graph does not come up: {self._graph.trouble}")
        elif not self._sent and self._ready():
            self._send()
        elif not self._client.server_is_ready():
            self._bereave()
        if self._bare and self._phase == m.DroneState.GROUND:
            self._end(FAILED, "the node that was asked to fly died; the drone landed")
        elif self._bare and self.wall_s() - self._heard > SILENCE_S:
            self._end(TROUBLE, "mission node and drone node are silent")
        elif self.wall_s() > self._deadline:
            why = "no landing was reported" if self._sent else self._lacking()
            if self._land.service_is_ready():
                self._land.call_async(srv.Land.Request(reason="the operator gave up waiting"))
            self._end(TROUBLE, why)

    def _bereave(self) -> None:
        """The node that flew the mission is gone, or is another one now: its goal's result never comes."""
        if self._sent and not self._bare:
            self._bare = True
            self._deadline = self.wall_s() + LANDING_S
            self._say("the mission node is gone; waiting for the landing")

    def _lacking(self) -> str:
        if self._graph is None:
            return "the lifecycle manager is silent"
        missing = [t for t in NEEDED if not self.count_publishers(t)]
        return "; ".join(self._graph.missing) or self._refusal or f"nobody publishes {', '.join(missing)}"

    def _send(self) -> None:
        self._sent = True
        goals = [g for g in self.values["goals"].replace(",", " ").split() if g]
        limit = self.values["time_limit_per_goal_s"]
        legs = LONG_LEGS if self._words or self.values["mission"] else len(goals)
        self._deadline = self.wall_s() + legs * limit * 3 + START_S
        self._say(f"mission: {self.values['words'] or self.values['mission'] or ', '.join(goals)}")
        goal: Any
        if self._words:
            goal = FlyWords.Goal(words=self.values["words"])
        elif self.values["mission"]:
            goal = FlyMission.Goal(mission=self.values["mission"], time_limit_per_goal_s=limit)
        else:
            goal = FlyMission.Goal(goals=goals, time_limit_per_goal_s=limit)
        sent = self._client.send_goal_async(goal, feedback_callback=self._on_feedback)
        sent.add_done_callback(self._on_answer)

    def _on_answer(self, answer: Any) -> None:
        self._goal = answer.result()
        if self._goal is None or not self._goal.accepted:
            self._attempts += 1
            if self._attempts >= ATTEMPTS or self.cancelling:
                self._end(FAILED, f"the mission was refused: {self._refusal or 'its log says why'}")
            self._sent, self._again = False, self.wall_s() + AGAIN_S
            self._deadline = min(self._deadline, self.wall_s() + START_S)
            return
        self._goal.get_result_async().add_done_callback(self._on_result)
        if self.cancelling:
            self._goal.cancel_goal_async()

    def _on_feedback(self, message: Any) -> None:
        f = message.feedback
        if self._words:
            self._tell_reading(f)
        line = f"{f.index} reached; {f.option or 'taking off'}"
        if line != self._said:
            self._said = line
            self._say(f"{f.elapsed_s:5.1f} s  {line}")

    def _tell_reading(self, f: FlyWords.Feedback) -> None:
        """Say once how the words were read, and what the operator is asked."""
        lines = [*f.understood, *(f"note: {note}" for note in f.notes)]
        if f.question:
            choices = f" ({', '.join(f.choices)})" if f.choices else ""
            lines.append(f"question {f.question_id}: {f.question}{choices}; answer with answer_question")
        for line in lines:
            if line not in self._told:
                self._told.add(line)
                self._say(line)

    def _on_result(self, answer: Any) -> None:
        response = answer.result()
        result = response.result
        good = result.success and response.status == GoalStatus.STATUS_SUCCEEDED
        reached = ", ".join(result.reached) or "none"
        self._say(f"{result.reason}; reached: {reached}; {result.elapsed_s:.1f} s")
        self._end(SUCCESS if good else FAILED, result.reason)

    def _on_state(self, message: m.DroneState) -> None:
        self._phase, self._heard = message.phase, self.wall_s()

    def _on_event(self, message: m.Event) -> None:
        self._recorded = self._recorded or message.name == "recorder_ready"
        if message.name == "mission_refused":
            self._refusal = message.detail
        if message.name in ("node_lost", "node_hung", "node_restarted", "transition_failed"):
            self._say(f"{message.name.replace('_', ' ')}: {message.detail}")
        if message.name == "node_restarted" and message.detail.startswith("mission:"):
            self._bereave()
        elif message.name == "node_restarted" and message.detail.startswith("language_planner:"):
            self._bare |= self._sent and self._words  # the mission flies on; its result does not come here

    def _on_graph(self, message: m.GraphStatus) -> None:
        self._graph = message

    def _on_supervisor(self, message: m.SupervisorStatus) -> None:
        if message.reaction >= m.Command.HOVER:
            self._say(f"supervisor: {message.reason}")

    def _end(self, code: int, reason: str) -> None:
        if self.outcome is None:
            self.outcome = (code, reason)
            if self.values["result_file"]:
                text = json.dumps({"code": code, "reason": reason, "wall_s": self.wall_s() - self._began})
                file = Path(self.values["result_file"])
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text + "\n")

    def _say(self, text: str) -> None:
        self.get_logger().info(text)


def main() -> int:
    """Fly and return 0 for success, 1 for a mission that failed, 2 when nothing could be flown."""
    let_flight_go_first()
    stop = threading.Event()
    with process(stop.set) as one:
        node = one.own(FlyMissionNode())
        if not node.bring_up():
            return TROUBLE
        while node.outcome is None:
            one.turn()
            if stop.is_set():
                node.cancel()
        code, reason = node.outcome
        if code != SUCCESS:
            node.get_logger().error(reason)
        return code


if __name__ == "__main__":
    sys.exit(main())
