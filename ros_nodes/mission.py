"""The mission node: the FlyMission action, its services, and the judgement of progress."""

from __future__ import annotations

import sys
from typing import Any

from rclpy.action import ActionServer, CancelResponse, GoalResponse

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus
from reprohrl.mission.ordered import report_option
from reprohrl.mission.reach import compile_reach
from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from reprohrl_msgs.action import FlyMission
from ros_nodes import convert, qos
from ros_nodes.configuration.mission import MissionConfig
from ros_nodes.event_kinds import event
from ros_nodes.mission_goal import mission_of
from ros_nodes.mission_run import SILENCE_S, Leg, MissionRun
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key, to_seconds
from ros_nodes.trace import extend, now_ns

OPERATOR_EVENTS = ("paused", "resumed")

HELD_UP_S = 0.5
"""Wall time between two looks after which this node was held up itself, and calls nobody silent for it."""

GRAPH_SILENCE_S = 1.0
"""Wall time without a word of the lifecycle manager after which nobody vouches for the graph."""


class MissionNode(Stage):
    """Takes off, answers each frame's features with the mission's status, lands."""

    CONFIG = MissionConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("mission", **kwargs)

    def configure(self) -> None:
        compile_reach()
        self._run: MissionRun | None = None
        self._missions = 0
        self._orphan = -1
        self._flight = 0
        self._phase = m.DroneState.GROUND
        self._heard = self._looked = -1.0
        self._option = ""
        self._supervisor = ""
        self._commanded, self._supervised = -1, False
        self._graph, self._graph_heard = m.GraphStatus(), -1.0
        self._status = self.create_publisher(m.MissionStatus, "mission_status", qos.STAGES)
        self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
        # Of messages that wait together, those of the topic first listened to are handled first: what the
        # planner said of the last frame is heard before the next one is judged, and why the drone comes down
        # before that it does.
        self.listen(m.Option, "option", self._on_option)
        self.listen(m.ObjectFeatures, "features", self._on_features)
        self.listen(m.SupervisorStatus, "supervisor_status", self._on_supervisor, qos.LATCHED)
        self.listen(m.Event, "events", self._on_event)
        self.listen(m.DroneState, "state", self._on_state)
        self.listen(m.GraphStatus, "graph_status", self._on_graph, qos.LATCHED)
        self.listen(m.Command, "raw_command", self._on_command, polled=True)
        self._take_off = self.create_client(srv.TakeOff, "drone/take_off")
        self._land = self.create_client(srv.Land, "drone/land")
        self.create_service(srv.Pause, "pause", self._on_pause)
        self.create_service(srv.Land, "land", self._on_land)
        self._server = ActionServer(
            self, FlyMission, "fly_mission", self._execute,
            goal_callback=self._on_goal, cancel_callback=self._on_cancel,
        )  # fmt: skip
        self.every(0.1, self._watch)

    def deactivate(self) -> None:
        """The drone node is told to land by its own deactivation, which comes before."""
        if self._run is not None:
            self._run.cancel("the mission node is taken down")
            self._run = None

    def _on_goal(self, goal: FlyMission.Goal) -> GoalResponse:
        try:
            mission_of(goal, self.values["time_limit_per_goal_s"])
        except UserError as error:
            return self._refuse(str(error))
        if not self.active:
            return self._refuse("the mission node is not active")
        if self._run is not None or self._phase != m.DroneState.GROUND:
            return self._refuse("the drone is not waiting on the ground")
        lacking = self._lacking()
        return self._refuse(f"the graph is not complete: {lacking}") if lacking else GoalResponse.ACCEPT

    def _refuse(self, why: str) -> GoalResponse:
        self.get_logger().error(f"mission refused: {why}")
        self._tell("mission_refused", why)
        return GoalResponse.REJECT

    def _lacking(self) -> str:
        """Name the nodes without which no mission may begin; a graph without a manager is not asked."""
        if self.values["autostart"]:
            return ""
        age_s = self.wall_s() - self._graph_heard
        if self._graph_heard < 0 or age_s > GRAPH_SILENCE_S:
            since = f"silent for {age_s:.1f} s" if self._graph_heard >= 0 else "never heard"
            return f"lifecycle_manager: {since}"
        return "" if self._graph.ready else "; ".join(self._graph.missing) or f"it is {self._graph.goal}"

    def _on_graph(self, message: m.GraphStatus) -> None:
        self._graph, self._graph_heard = message, self.wall_s()

    def _on_cancel(self, goal_handle: Any) -> CancelResponse:
        if self._run is not None:
            self._run.cancel("cancelled by the operator")
        return CancelResponse.ACCEPT

    async def _execute(self, goal_handle: Any) -> FlyMission.Result:
        mission = mission_of(goal_handle.request, self.values["time_limit_per_goal_s"])
        self._missions += 1
        flown = MissionRun(self._missions, mission, goal_handle, self.wall_s())
        self._run = flown
        reason = await flown.ended
        self._tell("mission_ended", reason)
        flown.enter(Leg.LANDING, self.wall_s())
        if flown.climbing and self._land.service_is_ready():
            self._land.call_async(srv.Land.Request(reason=reason))
        landing = await flown.landed
        self._run = None
        result = FlyMission.Result(
            success=flown.succeeded and not landing, reached=flown.reached, elapsed_s=flown.elapsed_s,
            reason=f"{reason}; {landing}" if landing else reason, run_dir=self.values["run_dir"],
        )  # fmt: skip
        if goal_handle.is_cancel_requested:
            goal_handle.canceled()
        elif result.success:
            goal_handle.succeed()
        else:
            goal_handle.abort()
        return result

    def _on_features(self, message: m.ObjectFeatures) -> None:
        heard = now_ns()
        features, flown = convert.features_from_msg(message), self._run
        number = 0
        if flown is not None and flown.climbing and message.state.flight > flown.after_flight:
            number = flown.number
            status = flown.update(features, self.wall_s())
        else:
            status = MissionStatus(Mission(()), 0, MissionPhase.IDLE, features.stamp)
        answer = convert.status_to_msg(status, mission_id=number, stamp=message.header.stamp)
        answer.trace = extend(message.trace, "mission", heard)
        self._status.publish(answer)
        self.health.took("judge", (now_ns() - heard) / NS)
        if flown is not None and number:
            self._feed_back(flown, status)

    def _feed_back(self, flown: MissionRun, status: MissionStatus) -> None:
        if flown.goal_handle.is_active and not flown.ended.done():
            goal = status.mission.names[status.index] if status.goal >= 0 else ""
            flown.goal_handle.publish_feedback(
                FlyMission.Feedback(
                    index=status.index, goal=goal, option=self._option, elapsed_s=status.elapsed_s
                )
            )

    def _on_state(self, message: m.DroneState) -> None:
        came_down = self._phase == m.DroneState.FLYING and message.phase != m.DroneState.FLYING
        if self._heard < 0 and message.phase == m.DroneState.FLYING:
            self._orphan = message.flight
        self._phase, self._flight, self._heard = message.phase, message.flight, self.wall_s()
        flown = self._run
        if flown is None:
            self._land_orphan(message)
            return
        if came_down and not flown.ended.done():
            flown.end(self._supervisor or "the drone landed by itself")
        flown.was_up = flown.was_up or (flown.climbing and message.phase != m.DroneState.GROUND)
        down = message.phase == m.DroneState.GROUND and (flown.was_up or not flown.climbing)
        if flown.ended.done() and down and not flown.landed.done():
            flown.landed.set_result("")

    def _land_orphan(self, state: m.DroneState) -> None:
        """Land a drone that flew before this process was there: its mission died with the old one."""
        flying = state.phase == m.DroneState.FLYING and state.flight == self._orphan
        if flying and self._land.service_is_ready():
            self._orphan = -1
            self._land.call_async(srv.Land.Request(reason="the mission node was started again in flight"))

    def _on_option(self, message: m.Option) -> None:
        option, flown = convert.option_from_msg(message), self._run
        self._option = str(option)
        if flown is not None and flown.status is not None and message.mission_id == flown.number:
            report_option(flown.tracker, option, flown.status)

    def _on_command(self, message: m.Command) -> None:
        self._commanded = key(message.header.stamp)

    def _on_supervisor(self, message: m.SupervisorStatus) -> None:
        self._supervised = True
        if message.reaction >= m.Command.LAND:
            self._supervisor = f"the supervisor landed the drone: {message.reason}"
        elif self._phase == m.DroneState.GROUND:
            self._supervisor = ""

    def _on_event(self, message: m.Event) -> None:
        if self._run is None:
            return
        if message.name == "take_off_failed":
            self._run.climbing = False
            self._run.end(f"take-off failed: {message.detail}")
        elif message.name == "failsafe":
            self._supervisor = f"the drone landed by itself: {message.detail}"

    def _on_pause(self, request: srv.Pause.Request, response: srv.Pause.Response) -> srv.Pause.Response:
        if self._run is None or self._run.ended.done():
            response.message = "no mission is running"
            return response
        self._run.tracker.pause(request.pause)
        self._tell("paused" if request.pause else "resumed", "by the operator")
        response.success = True
        return response

    def _on_land(self, request: srv.Land.Request, response: srv.Land.Response) -> srv.Land.Response:
        reason = request.reason or "asked to land"
        if self._run is not None:
            self._run.cancel(reason)
            response.success = True
        elif self._land.service_is_ready():
            self._land.call_async(srv.Land.Request(reason=reason))
            response.success = True
        else:
            response.message = "the drone node does not answer"
        return response

    def _watch(self) -> None:
        """Start the take-off when the drone node is there, and hold every wait to its deadline."""
        self.hear()
        flown, now = self._run, self.wall_s()
        if self._heard >= 0 and now - self._looked > HELD_UP_S:
            self._heard = now  # what came meanwhile still waits to be handled
        self._looked = now
        if flown is None:
            return
        silent = self._heard >= 0 and now - self._heard > SILENCE_S
        if flown.ended.done():
            if not flown.landed.done() and (silent or flown.late(now)):
                flown.landed.set_result("the drone node is silent" if silent else "no landing was reported")
        elif silent or flown.late(now):
            lacking = f": {self._lacking()}" if flown.leg is Leg.WAITING and self._lacking() else ""
            flown.end("the drone node is silent" if silent else f"waited too long for {flown.leg}{lacking}")
        elif flown.leg is Leg.WAITING and self._ready(flown):
            flown.enter(Leg.CLIMBING, now)
            flown.climbing, flown.after_flight = True, self._flight
            request = srv.TakeOff.Request(height_m=self.values["height_m"])
            self._take_off.call_async(request).add_done_callback(self._on_take_off)

    def _ready(self, flown: MissionRun) -> bool:
        """Tell whether all nodes are there, and all stages have answered a frame on the ground."""
        if flown.first_command is None:
            flown.first_command = self._commanded
        answered = self._commanded != flown.first_command
        complete = self._supervised and answered and not self._lacking()
        return self._heard >= 0 and complete and self._take_off.service_is_ready()

    def _on_take_off(self, answer: Any) -> None:
        response = answer.result()
        if self._run is not None and response is not None and not response.success:
            self._run.climbing = False
            self._run.end(f"take-off refused: {response.message}")

    def _tell(self, name: str, detail: str) -> None:
        stamp = to_seconds(self.get_clock().now().to_msg())
        kind = m.Event.OPERATOR if name in OPERATOR_EVENTS else m.Event.MISSION
        self._events.publish(
            event(stamp, kind=kind, source="mission", name=name, detail=detail, frame=convert.ODOM)
        )


def main() -> int:
    return run(MissionNode)


if __name__ == "__main__":
    sys.exit(main())
