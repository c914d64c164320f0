"""The reactions of the bridge, the last layer before the radio: its numbers, and their rows of the table."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.safety.conditions import Condition, Reaction, Rule


@dataclass(frozen=True, slots=True)
class BridgeConfig:
    """How long [s] the bridge bears silence; all of it within the firmware's 2 s.

    hover_after_s, land_after_s   without a command from the pilot
    first_command_s   without the first command after take-off
    repeat_s          for how long a stop is sent again, for packets get lost
    repeat_blind_s    for how long a landing is, while nothing is heard of the drone: past the firmware's
                      lock, and over before a landing that was heard ends
    """

    hover_after_s: float = 0.2
    land_after_s: float = 1.0
    first_command_s: float = 30.0
    repeat_s: float = 0.4
    repeat_blind_s: float = 1.4


def bridge_rules(config: BridgeConfig) -> tuple[Rule, ...]:
    """Return what the bridge adds to `conditions.rules`, which it applies to the state as well."""
    return (
        Rule(Condition.SILENT_PILOT, Reaction.HOVER, config.hover_after_s),
        Rule(Condition.SILENT_PILOT, Reaction.LAND, config.land_after_s),
        Rule(Condition.NO_FIRST_COMMAND, Reaction.LAND, config.first_command_s),
        Rule(Condition.DRONE_STOPPED, Reaction.CUT),
        Rule(Condition.DEAD_MAN, Reaction.LAND),
        Rule(Condition.PILOT_GONE, Reaction.LAND),
        Rule(Condition.OPERATOR, Reaction.CUT),
    )
