"""`Guard`: the bridge's own eyes on the drone, 25 times a second, whatever the pilot does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from firmware_bridge.dead_man import DeadMan
from firmware_bridge.supervisor_bits import FLYING, trouble
from firmware_bridge.telemetry import Telemetry
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.link import DroneNote
from reprohrl.safety.conditions import Condition, Reaction, Verdict
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.readings import is_sound
from reprohrl.safety.supervisor import Supervisor

UNTRUSTED = frozenset({Condition.ESTIMATE_UNSURE, Condition.ESTIMATE_JUMPED})
"""With these a planned landing would chase the estimate: the drone sinks level instead."""

_SILENT_S = 0.15

_SETTLE_S = 0.2
"""So long a drone must say that it does not fly; the reason comes meanwhile, where there is one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`command` is what may be flown. `level` says that no position is to be trusted. `why` is a sentence."""

    command: VelocityCommand
    reaction: Reaction
    level: bool
    stopped: bool
    why: str


class Guard:
    """Applies the supervisor's rules about the state to a drone in the air, and the bridge's own."""

    def __init__(
        self, telemetry: Telemetry, config: SafetyConfig | None = None, dead_man: DeadMan | None = None
    ) -> None:
        self._telemetry, self._dead_man = telemetry, dead_man
        self._supervisor = Supervisor(config)
        self._notes: list[DroneNote] = []
        self.reset()

    def reset(self) -> None:
        """Forget the last flight."""
        self._supervisor.reset()
        self._has_flown, self._quiet_since = False, 0.0
        self._why = ""

    def demand(self, reaction: Reaction, why: str, condition: Condition) -> None:
        """React at the next check because somebody asks for it."""
        self._supervisor.demand(reaction, why, condition=condition)

    def has_landed(self, now: float) -> bool:
        """True once a drone that flew has said for a moment that it does not any more."""
        bits = self._telemetry.info
        if bits is None or bits & FLYING:
            self._has_flown = self._has_flown or bits is not None
            self._quiet_since = now
        return self._has_flown and now - self._quiet_since > _SETTLE_S

    def check(self, now: float, command: VelocityCommand, *, landing: bool = False) -> Judgement:
        """Judge this moment of a flight; `command` is what the pilot wants."""
        state = self._telemetry.state()
        stopped = self._stopped(now, landing)
        if stopped:
            self.demand(Reaction.CUT, stopped, Condition.DRONE_STOPPED)
        if self._dead_man is not None and self._dead_man.gone:
            why = f"no dead-man signal for {min(self._dead_man.gone_s, 99.0):.1f} s"
            self.demand(Reaction.LAND, why, Condition.DEAD_MAN)
        verdict = self._supervisor.check(
            now, replace(command, stamp=now), replace(state, flying=True), frame_stamp=now
        )
        self._note(now, verdict)
        level = not is_sound(state) or any(c in UNTRUSTED for c in verdict.active)
        return Judgement(verdict.command, verdict.reaction, level, bool(stopped), self._why)

    @property
    def silent(self) -> bool:
        """True while nothing is heard of the drone."""
        return self._telemetry.age_s > _SILENT_S

    def take_notes(self) -> list[DroneNote]:
        notes, self._notes = self._notes, []
        return notes

    def note(self, now: float, text: str) -> None:
        """Note a reaction, once."""
        if not any(n.text == text and now - n.stamp < 1.0 for n in self._notes):
            self._notes.append(DroneNote(now, "failsafe", text))

    def _stopped(self, now: float, landing: bool) -> str:
        """Return why the drone does not fly any more although it should, or an empty text."""
        if why := trouble(self._telemetry.info):
            return f"the drone stopped: {why}"
        if self.has_landed(now) and not landing:
            return "the drone stopped: it says it does not fly any more"
        return ""

    def _note(self, now: float, verdict: Verdict) -> None:
        for event in verdict.events:
            if event.reaction >= Reaction.HOVER or event.condition is Condition.BATTERY_WARNING:
                self.note(now, event.message)
            if event.reaction >= Reaction.LAND and event.reaction == verdict.reaction:
                self._why = event.message
