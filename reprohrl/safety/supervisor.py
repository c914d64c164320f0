"""`Supervisor`: every command passes through it, and only what is safe comes out."""

from __future__ import annotations

from dataclasses import replace

from reprohrl.contracts.command import HOVER, VelocityCommand
from reprohrl.contracts.state import DroneState
from reprohrl.safety import limits
from reprohrl.safety.conditions import Condition, Reaction, Rule, SafetyEvent, Verdict, rules
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.estimate import EstimateCheck
from reprohrl.safety.readings import is_sound, read_state
from reprohrl.safety.streams import Stream
from reprohrl.safety.watch import Reading, Watch

_SHAPERS = (
    (Condition.HEIGHT_LIMIT, limits.keep_height),
    (Condition.OBSTACLE_CLOSE, limits.keep_off_obstacles),
    (Condition.FENCE_NEAR, limits.keep_in_fence),
)


class Supervisor:
    """Pure but for what it remembers of time; knows no drone, no camera and no clock.

    Begins to judge with the first state that is flying; on the ground it lets nothing pass.
    """

    def __init__(self, config: SafetyConfig | None = None) -> None:
        self.config = config or SafetyConfig()
        self.reset()

    def reset(self) -> None:
        """Forget everything, LAND and CUT included: for the next flight."""
        self._watch = Watch(rules(self.config))
        self._demanded: list[tuple[Reaction, str, Condition]] = []
        self._streams: dict[str, Stream] = {}
        self._command: VelocityCommand | None = None
        self._state: DroneState | None = None
        self._sound = False
        self._estimate = EstimateCheck()

    def demand(self, reaction: Reaction, message: str, *, condition: Condition = Condition.OPERATOR) -> None:
        """Land or cut at the next check because someone says so (an operator, a node's watchdog)."""
        self._demanded.append((reaction, message, condition))

    def check(
        self, now: float, command: VelocityCommand | None, state: DroneState | None, frame_stamp: float | None
    ) -> Verdict:
        """Judge one moment.

        now          [s] on the caller's clock; the stamps may be on others
        command      the newest from the policy; it is new when its stamp differs, None when there is none
        state        the newest from the drone, None when there is none
        frame_stamp  exposure [s] of the newest camera frame
        """
        if state is not None:
            self._state, self._sound = state, is_sound(state)
        if self._state is None or (self._sound and not self._state.flying):
            return self._grounded(now)
        readings = self._silences(now, command, state, frame_stamp)
        if self._sound:
            readings |= read_state(self._state, self.config)
            if (jump := self._estimate.jump_m(self._state)) > self.config.jump_m:
                readings[Condition.ESTIMATE_JUMPED] = Reading(jump, "m")
        wanted = self._admit(readings)
        shaped = self._shape(wanted, readings)
        events = self._demands(now) + self._watch.update(now, readings)
        worst = max((rule.reaction for rule in self._watch.acting), default=Reaction.PASS)
        active = tuple(dict.fromkeys(rule.condition for rule in self._watch.acting))
        return Verdict(self._output(worst, shaped), worst, tuple(events), active)

    def _grounded(self, now: float) -> Verdict:
        self._streams.clear()
        self._estimate.reset()
        self._command = None
        self._watch.pause()
        events = tuple(self._demands(now))
        worst = max((rule.reaction for rule in self._watch.acting), default=Reaction.PASS)
        return Verdict(HOVER, worst, events, tuple(rule.condition for rule in self._watch.acting))

    def _silences(
        self, now: float, command: VelocityCommand | None, state: DroneState | None, frame_stamp: float | None
    ) -> dict[Condition, Reading]:
        """Feed the three streams and read how late each one is."""
        if not self._streams:
            self._streams = {name: Stream(now) for name in ("camera", "command", "state")}
        camera, commands, states = self._streams.values()
        camera.update(now, frame_stamp)
        if command is not None and (commands.update(now, command.stamp) or self._command is None):
            self._command = command
        states.update(now, state.stamp if state is not None and self._sound else None)
        late = {
            Condition.STALE_CAMERA: camera.lateness(now),
            Condition.STALE_COMMAND: commands.lateness(now),
            Condition.SILENT_POLICY: commands.lateness(now) - max(0.0, camera.lateness(now)),
            Condition.STALE_STATE: states.lateness(now) + (0.0 if self._sound else self.config.state_hover_s),
        }
        return {c: Reading(s, "s", lasting_s=s) for c, s in late.items() if s > 0.0}

    def _admit(self, readings: dict[Condition, Reading]) -> VelocityCommand:
        """Return the policy's command within its limits, or hovering when it is garbage."""
        command = self._command or HOVER
        over = limits.excess(command, self.config)
        if over > self.config.absurd_factor:
            readings[Condition.INVALID_COMMAND] = Reading(over, "times the limit")
            return HOVER
        if over > 1.0 + limits.NEGLIGIBLE:
            readings[Condition.OUT_OF_RANGE] = Reading(over, "times the limit")
        return limits.clamp(command, self.config)

    def _shape(self, command: VelocityCommand, readings: dict[Condition, Reading]) -> VelocityCommand:
        """Apply fence, height and obstacle limits, noting those that changed the command."""
        if not self._sound or self._state is None:
            return command
        for condition, keep in _SHAPERS:
            kept = keep(command, self._state, self.config)
            if (change := limits.differ(kept, command)) > limits.NEGLIGIBLE:
                readings[condition] = Reading(change, "m/s")
            command = kept
        return limits.slow_for_obstacles(command, self._state, self.config)

    def _output(self, worst: Reaction, shaped: VelocityCommand) -> VelocityCommand:
        stamp = shaped.stamp
        if worst == Reaction.CUT:
            return replace(HOVER, stamp=stamp)
        if worst == Reaction.LAND:
            return replace(HOVER, vz=-self.config.land_descent_mps, stamp=stamp)
        if worst == Reaction.HOVER:
            blind = not self._sound or any(r.condition is Condition.STALE_STATE for r in self._watch.acting)
            return replace(HOVER, stamp=stamp) if blind else self._hover(stamp)
        return shaped

    def _hover(self, stamp: float) -> VelocityCommand:
        """Stand still, or return into the fence from outside."""
        return self._shape(replace(HOVER, stamp=stamp), {})

    def _demands(self, now: float) -> list[SafetyEvent]:
        events = []
        for reaction, message, condition in self._demanded:
            if self._watch.latch(now, Rule(condition, reaction)):
                events.append(SafetyEvent(now, condition, reaction, 0.0, f"{message}: {reaction.word}"))
        self._demanded.clear()
        return events
