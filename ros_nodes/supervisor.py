"""The supervisor node: nothing reaches the drone but through it, and silence is an answer, too."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import TwistStamped

from reprohrl.safety.conditions import Condition, Reaction, Verdict
from reprohrl.safety.config import Fence, SafetyConfig
from reprohrl.safety.supervisor import Supervisor
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.chain import Chain
from ros_nodes.configuration.supervisor import SupervisorConfig
from ros_nodes.event_kinds import event as typed_event
from ros_nodes.interfaces import timeout_s
from ros_nodes.pairing import Pairing
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key, to_seconds
from ros_nodes.trace import extend, now_ns

PATIENCE_S = timeout_s("raw_command")
"""Wall time a frame may go unanswered before the supervisor speaks for the silent stages."""

DRONE_SILENCE_S = timeout_s("state")
SILENCES = (Condition.STALE_COMMAND, Condition.SILENT_POLICY)


class SupervisorNode(Stage):
    """Checks each command against the state of its own frame; without commands it checks by a timer."""

    CONFIG = SupervisorConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("supervisor", **kwargs)

    def configure(self) -> None:
        half, top = self.values["fence_half_m"], self.values["fence_top_m"]
        fence = Fence((-half, -half, -0.5), (half, half, top))
        land_s = float(self.values["silence_land_s"])
        self._supervisor = Supervisor(SafetyConfig(fence=fence, command_land_s=land_s))
        self._pairs: Pairing[m.DroneState, m.Command] = Pairing()
        self._chain = Chain()
        self._state: m.DroneState | None = None
        self._command: m.Command | None = None
        self._frame_s: float | None = None
        self._flight = 0
        self._heard = self._spoke = -1.0
        self._speaking = False
        self._said = (-1, "", "")
        self._out = self.create_publisher(m.Command, "command", qos.COMMANDS)
        self._twist = self.create_publisher(TwistStamped, "command_velocity", qos.COMMANDS)
        self._status = self.create_publisher(m.SupervisorStatus, "supervisor_status", qos.LATCHED)
        self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
        self.listen(m.DroneState, "state", self._on_state)
        self.listen(m.Command, "raw_command", self._on_command)
        for kind, topic, stage in (
            (m.ObjectFeatures, "features", "detector"),
            (m.MissionStatus, "mission_status", "mission"),
            (m.Option, "option", "goal_selector"),
        ):
            self.listen(kind, topic, self._note(stage), polled=True)
        self.every(0.05, self._on_timer)

    def activate(self) -> None:
        self._tell(Reaction.PASS, "", "")

    def _note(self, stage: str) -> Callable[[Any], None]:
        return lambda message: self._chain.answered(stage, key(message.header.stamp), self.wall_s())

    def _on_state(self, message: m.DroneState) -> None:
        self._state, self._heard = message, self.wall_s()
        stamp = key(message.header.stamp)
        if message.phase != m.DroneState.FLYING:
            self._speaking = False
            if message.phase == m.DroneState.TAKING_OFF:
                self._supervisor.reset()
            return
        if message.flight != self._flight:
            self._flight = message.flight
            self._supervisor.reset()
            self._chain.reset(self.wall_s())
            self._command, self._frame_s, self._spoke = None, None, self.wall_s()
            self._tell(Reaction.PASS, "", "")
        if message.has_frame:
            self._chain.framed(stamp)
            self._frame_s = to_seconds(message.header.stamp)
        self._on_pair(self._pairs.left(stamp, message))

    def _on_command(self, message: m.Command) -> None:
        self._on_pair(self._pairs.right(key(message.header.stamp), message))

    def _on_pair(self, pair: tuple[m.DroneState, m.Command] | None) -> None:
        if pair is None:
            return
        state, self._command = pair
        self._chain.answered("navigator", key(state.header.stamp), self.wall_s())
        heard = now_ns()
        now = max(self.now_s(), to_seconds(state.header.stamp))
        verdict = self._check(now, state)
        self._speaking = False
        self._publish(verdict, state, heard)

    def _on_timer(self) -> None:
        """Answer a frame that nobody else answers, and a drone that shows no frames."""
        self.hear()
        state = self._state
        if state is None or state.phase != m.DroneState.FLYING:
            return
        if self.wall_s() - self._heard > DRONE_SILENCE_S:
            self._tell(Reaction.LAND, "the drone node is silent", "drone")
        elif self._chain.complete() and state.has_frame:
            return
        elif self.wall_s() - self._spoke > PATIENCE_S or self._speaking or not state.has_frame:
            self._speak()

    def _speak(self) -> None:
        """Send hover or land where it is due; while all is well, leave the word to the navigator."""
        state = self._state
        if state is None:
            return
        now = max(self.now_s(), to_seconds(state.header.stamp))
        verdict = self._check(now, state)
        self._speaking = verdict.reaction >= Reaction.HOVER
        if self._speaking:
            self._publish(verdict, state, None)

    def _check(self, now: float, state: m.DroneState) -> Verdict:
        command = convert.command_from_msg(self._command) if self._command is not None else None
        verdict = self._supervisor.check(now, command, convert.state_from_msg(state), self._frame_s)
        for event in verdict.events:
            self._events.publish(
                typed_event(
                    now, kind=m.Event.SUPERVISOR, source="supervisor", name=str(event.condition),
                    reaction=int(event.reaction), detail=self._explain(event.message, event.condition),
                )
            )  # fmt: skip
        return verdict

    def _publish(self, verdict: Verdict, state: m.DroneState, heard: int | None) -> None:
        """Send the verdict; `heard` [ns] is when its command came, None when the supervisor speaks itself."""
        quiet = any(c in SILENCES for c in verdict.active)
        silent = self._chain.silent(self.wall_s()) if quiet else ""
        reason = ", ".join(verdict.active) + (f" ({silent} node)" if silent else "")
        self._tell(verdict.reaction, reason, silent)
        self._spoke = self.wall_s()
        took_s = (now_ns() - heard) / NS if heard is not None else 0.0
        answer = convert.command_to_msg(
            verdict.command, stamp=state.header.stamp, reaction=int(verdict.reaction), reason=reason,
            took_s=took_s,
        )  # fmt: skip
        if heard is not None and self._command is not None:
            answer.trace = extend(self._command.trace, "supervisor", heard)
            self.health.took("supervise", took_s)
        self._out.publish(answer)
        twist = TwistStamped(header=convert.header(state.header.stamp, convert.BASE))
        twist.twist.linear.x, twist.twist.linear.y = verdict.command.vx, verdict.command.vy
        twist.twist.linear.z, twist.twist.angular.z = verdict.command.vz, verdict.command.yaw_rate
        self._twist.publish(twist)

    def _explain(self, message: str, condition: Condition) -> str:
        self.hear()
        silent = self._chain.silent(self.wall_s()) if condition in SILENCES else ""
        return f"{message} ({silent} node)" if silent else message

    def _tell(self, reaction: Reaction, reason: str, silent: str) -> None:
        """Latch the status when it changes."""
        said = (int(reaction), reason, silent)
        if said == self._said:
            return
        self._said = said
        status = m.SupervisorStatus(reaction=said[0], reason=reason, silent=[silent] if silent else [])
        status.header.stamp = self.get_clock().now().to_msg()
        self._status.publish(status)


def main() -> int:
    return run(SupervisorNode)


if __name__ == "__main__":
    sys.exit(main())
