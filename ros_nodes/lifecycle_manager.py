"""The lifecycle manager node: brings the graph up in order, down in reverse, and back up when a node died."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future

from reprohrl_msgs import msg as m
from reprohrl_msgs.srv import ManageGraph
from ros_nodes import convert, qos
from ros_nodes.configuration.lifecycle_manager import LifecycleManagerConfig
from ros_nodes.graces import grace_s
from ros_nodes.process_handle import ProcessHandle
from ros_nodes.roster import MORE_S, Member, Primary, Roster, Step
from ros_nodes.running import LAST_WORDS_S, process
from ros_nodes.stage import HEARTBEAT_S, Stage

STEP_S = 0.05
DOWN_S = 150.0
"""Wall time a bring-down may take: a landing, and a report to be written."""

GONE_S = 1.0
"""Wall time after which a node that was asked for something, and whose services are gone, has ended."""

BAD_NEWS = ("node_lost", "node_hung", "transition_failed")
GOALS = {
    ManageGraph.Request.STARTUP: Primary.ACTIVE,
    ManageGraph.Request.PAUSE: Primary.INACTIVE,
    ManageGraph.Request.RESET: Primary.UNCONFIGURED,
    ManageGraph.Request.SHUTDOWN: Primary.FINALIZED,
}
SHUTDOWN = {
    Primary.UNCONFIGURED: Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
    Primary.INACTIVE: Transition.TRANSITION_INACTIVE_SHUTDOWN,
    Primary.ACTIVE: Transition.TRANSITION_ACTIVE_SHUTDOWN,
}


class LifecycleManagerNode(Stage):
    """A shell around `Roster`: heartbeats in, transition requests out, the graph's status on a topic."""

    CONFIG = LifecycleManagerConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("lifecycle_manager", **kwargs)

    def configure(self) -> None:
        names, critical, restarted = (_words(self.values[p]) for p in ("nodes", "critical", "restarted"))
        self.roster = Roster(
            names, critical, restarted=restarted, timeout_s=float(self.values["heartbeat_timeout_s"]),
            hung_s=float(self.values["hung_timeout_s"]),
        )  # fmt: skip
        self._processes: dict[str, ProcessHandle] = {}
        self._downward = 0.0
        self._changers: dict[str, Any] = {}
        self._waiting: list[Future] = []
        self._status = self.create_publisher(m.GraphStatus, "graph_status", qos.LATCHED)
        self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
        beats = qos.deep(qos.STAGES, 10 * len(names) + 10)
        self.listen(m.Heartbeat, "heartbeat", self._on_heartbeat, beats, polled=True)
        group = ReentrantCallbackGroup()  # heartbeats come in while a request waits for its end
        self.create_service(ManageGraph, "manage_graph", self._on_manage, callback_group=group)
        self.every(STEP_S, self._look)
        self.every(HEARTBEAT_S, self._publish)

    def activate(self) -> None:
        if self.values["bring_up"]:
            self.roster.aim(Primary.ACTIVE, self.wall_s())

    def cleanup(self) -> None:
        for held in self._processes.values():
            held.close()
        self._processes.clear()

    def take_down(self, goal: Primary = Primary.FINALIZED) -> None:
        """Begin to bring the graph down; `roster.done` tells the end."""
        self._downward = self.wall_s()
        self.roster.aim(goal, self._downward)

    def outlives_all(self) -> bool:
        """Tell whether no node is left that did not come down; kills those that had time enough for it."""
        now, left = self.wall_s(), False
        for name, held in self._processes.items():
            member = self.roster.members[name]
            if member.state is Primary.FINALIZED or not held.alive():
                continue
            left, silent_s = True, now - max(member.heard, self._downward)
            if silent_s > grace_s(name) + MORE_S:
                self._kill(name, f"did not end within {silent_s:.0f} s")
        return not left

    def _on_heartbeat(self, beat: m.Heartbeat) -> None:
        before = self._state_of(beat.node)
        self.roster.heard(beat.node, beat.session, beat.state, beat.trouble, self.wall_s())
        after = self._state_of(beat.node)
        if after is not None and (before is None or before[1] != after[1]):
            self._hold(beat)
        if after != before:
            self._step()

    def _hold(self, beat: m.Heartbeat) -> None:
        """Get hold of a node's new process, for the case that it hangs."""
        if (old := self._processes.pop(beat.node, None)) is not None:
            old.close()
        held = ProcessHandle.hold(beat.place, beat.pid, beat.node)
        if held is not None:
            self._processes[beat.node] = held

    def _kill(self, name: str, why: str) -> None:
        """End a process that hangs; what started it starts it again."""
        held = self._processes.get(name)
        if held is not None and held.alive() and held.kill():
            self._tell("node_hung", f"{name}: {why}; process {held.pid} is killed")

    def _state_of(self, node: str) -> tuple[Primary, str] | None:
        member = self.roster.members.get(node)
        return None if member is None else (member.state, member.session)

    def _look(self) -> None:
        self.hear()
        self._step()

    def _step(self) -> None:
        now = self.wall_s()
        for member in self.roster.members.values():
            gone = member.pending is not None and now - member.asked > GONE_S
            if gone and not self._changers[member.name].service_is_ready():
                self.roster.vanished(member.name)
        for name, step in self.roster.step(now):
            self._ask(self.roster.members[name], step, now)
        for name, detail in self.roster.news:
            self._tell(name, detail)
        for name, why in self.roster.hung:
            self._kill(name, why)
        self.roster.hung.clear()
        said = bool(self.roster.news)
        self.roster.news.clear()
        if said:
            self._publish()
        if self._waiting and (self.roster.done(now) or self.roster.failed()):
            for future in self._waiting:
                future.set_result(None)
            self._waiting.clear()

    def _ask(self, member: Member, step: Step, now: float) -> None:
        if member.name not in self._changers:
            self._changers[member.name] = self.create_client(ChangeState, f"{member.name}/change_state")
        client = self._changers[member.name]
        if not client.service_is_ready():
            return
        number = SHUTDOWN[member.state] if step is Step.SHUTDOWN else int(step)
        self.roster.asked(member.name, step, now)
        answer = client.call_async(ChangeState.Request(transition=Transition(id=number)))
        answer.add_done_callback(partial(self._on_answer, member.name, member.session, step))

    def _on_answer(self, name: str, session: str, step: Step, answer: Future) -> None:
        if answer.cancelled() or answer.result() is None or self.roster.members[name].session != session:
            return
        self.roster.answered(name, step, answer.result().success, self.wall_s())
        self._step()

    async def _on_manage(
        self, request: ManageGraph.Request, response: ManageGraph.Response
    ) -> ManageGraph.Response:
        if request.goal not in GOALS:
            response.message = f"there is no goal {request.goal}; 0 startup, 1 pause, 2 reset, 3 shutdown"
            return response
        self.take_down(GOALS[request.goal])
        done = Future()
        self._waiting.append(done)
        await done
        response.message = self.roster.failed()
        response.success = not response.message
        return response

    def _publish(self) -> None:
        roster, now = self.roster, self.wall_s()
        members = roster.members.values()
        trouble = "; ".join(f"{one.name}: {one.trouble}" for one in members if one.trouble)
        status = m.GraphStatus(
            ready=roster.goal is Primary.ACTIVE and roster.ready(now), failed=bool(roster.failed()),
            goal=roster.goal.name.lower(), nodes=list(roster.members), missing=roster.missing(now),
            states=[int(one.state) if roster.alive(one, now) else 0 for one in members],
            ages_s=[now - one.heard if one.heard >= 0 else -1.0 for one in members],
            restarts=[min(one.restarts, 65535) for one in members], trouble=trouble,
        )  # fmt: skip
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)

    def _tell(self, name: str, detail: str) -> None:
        bad = name in BAD_NEWS
        text = f"{name}: {detail}"
        if bad:  # rclpy takes one severity per line of code
            self.get_logger().warning(text)
        else:
            self.get_logger().info(text)
        severity = m.Event.WARN if bad else m.Event.INFO
        self._events.publish(
            m.Event(
                header=convert.header(self.now_s(), convert.ODOM), source=self.get_name(), name=name,
                detail=detail, kind=m.Event.NODE, severity=severity,
            )
        )  # fmt: skip


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def main(args: Sequence[str] | None = None) -> int:
    """Manage until SIGINT or SIGTERM, then bring the graph down in order; a second signal ends at once.

    Ends by itself, too, when somebody else shut the whole graph down.
    """
    stop = threading.Semaphore(0)
    with process(stop.release, args) as one:
        node = one.own(LifecycleManagerNode())
        if not node.bring_up():
            return 2
        while not stop.acquire(blocking=False):
            one.turn()
            if node.roster.goal is Primary.FINALIZED and node.roster.done(node.wall_s()):
                break
        node.take_down()
        until = node.wall_s() + DOWN_S
        while not (node.roster.done(node.wall_s()) and node.outlives_all()):
            one.turn()
            if stop.acquire(blocking=False):
                break
            if node.wall_s() > until:
                return 1
        until = node.wall_s() + LAST_WORDS_S
        while node.wall_s() < until:
            one.turn()
        return 0


if __name__ == "__main__":
    sys.exit(main())
