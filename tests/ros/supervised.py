"""A supervisor node alone, with a probe that plays the drone and the navigator on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.state import DroneState
from reprohrl.safety.config import Fence, SafetyConfig
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.stamps import key
from tests.ros.probe import Probe

TICK_S = 0.1
SOUND = DroneState(0.0, (0.0, 0.0, 1.0), height=1.0, flying=True)
AHEAD = VelocityCommand(vx=0.3)
CONFIG = SafetyConfig(fence=Fence((-2.5, -2.5, -0.5), (2.5, 2.5, 2.5)))
"""As the node's under the launch arguments' defaults, without respawn."""

DEADLINE_S = 60.0


@dataclass(frozen=True)
class Fault:
    """What is wrong: parts of the state, the navigator's command (None: it is silent), the frames.

    `frozen`: the drone repeats its last state.
    """

    state: Mapping[str, Any] = field(default_factory=dict)
    command: VelocityCommand | None = AHEAD
    frames: bool = True
    frozen: bool = False

    @property
    def silence(self) -> bool:
        """Tell whether something stays away; such a fault counts from the last message on."""
        return self.command is None or self.frozen


FINE = Fault()


class Bench:
    """Simulated time goes on tick by tick, and only when the node has answered what it has to."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self._states = probe.node.create_publisher(m.DroneState, "state", qos.STAGES)
        self._commands = probe.node.create_publisher(m.Command, "raw_command", qos.STAGES)
        self._flight = 0
        self.now = self._state_s = 0.0

    def take_off(self) -> None:
        """Begin a new flight in which all is well."""
        self._flight += 1
        self.now = 1000.0 * self._flight
        for publisher in (self._states, self._commands):
            self.until(lambda p=publisher: p.get_subscription_count() == 1, "the supervisor")
        if self._flight == 1:
            self.until(self._heard, "an active supervisor")
        for _ in range(10):
            assert self.answered(FINE).reaction == m.Command.PASS
        self.probe.clear()

    def _heard(self) -> bool:
        """Go on by a tick and tell whether the navigator's command was passed on.

        Before it is active, a node hears nothing; then it may hover until it has heard both topics.
        """
        self.tick(FINE)
        return any(c.reaction == m.Command.PASS for c in self.probe.heard["command"])

    def tick(self, fault: Fault) -> int:
        """Show the drone's next state, and the navigator's answer to it; return its stamp."""
        self.now = round(self.now + TICK_S, 6)
        self._state_s = self._state_s if fault.frozen else self.now
        state = replace(SOUND, stamp=self._state_s, **fault.state)
        message = convert.state_to_msg(state, flight=self._flight, stamp=self.now)
        message.phase, message.has_frame = m.DroneState.FLYING, fault.frames
        self._states.publish(message)
        if fault.command is not None:
            command = replace(fault.command, stamp=self.now)
            self._commands.publish(convert.command_to_msg(command, stamp=message.header.stamp))
        return key(message.header.stamp)

    def answered(self, fault: Fault) -> m.Command:
        """Go on by a tick and return what the drone is sent for it."""
        stamp = self.tick(fault)
        return self.until(
            lambda: next((c for c in self.probe.heard["command"] if key(c.header.stamp) == stamp), None),
            f"the command for {self.now:.1f} s",
        )

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        return self.probe.until(holds, what, DEADLINE_S)

    def events(self, condition: str) -> list[tuple[float, int, str]]:
        """Return stamp [s], reaction and words of what was said of a condition."""
        return [
            (key(e.header.stamp) * 1e-9, int(e.reaction), e.detail)
            for e in self.probe.heard["events"]
            if e.name == condition
        ]
