"""The methods of the benchmark, in the order of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a method is in a comparison. A bound is told what no drone can know: it beats nobody."""

    OURS = "ours"
    BASELINE = "baseline"
    BOUND = "upper bound"


@dataclass(frozen=True, slots=True)
class Method:
    """One method: an agent of `reprohrl.training.agents.registry`.

    title   as tables name it; `about` says what it is
    frames  whether it can fly from rendered frames (R2 and up)
    """

    name: str
    title: str
    about: str
    role: Role = Role.BASELINE
    learned: bool = True
    seeds: int = 5
    frames: bool = True


_ALL = (
    Method(
        "ours", "ours", "options with termination, a learned goal selector over them, memory", Role.OURS
    ),
    Method("flat-ppo", "flat PPO", "PPO on object features, one-hot goal and progress"),
    Method("dqn8", "flat DQN", "DQN with discrete moves on 8 numbers: the goal's box and four ranges"),
    Method("pixel-ppo", "pixel PPO", "PPO on camera frames", seeds=3),
    Method("hdqn", "h-DQN", "two levels of DQN: a goal selector over a goal-conditioned controller"),
    Method("sac-her", "SAC + HER", "SAC with hindsight experience replay", seeds=3),
    Method("paper", "two-level", "the published shape: 1 x k inputs above, 4 + k inputs below"),
    Method("scripted", "scripted", "search by turning, visual servo, stop by range", learned=False, seeds=1),
    Method(
        "routes", "routes", "a rule over options, ways on the map the drone draws", learned=False, seeds=1
    ),
    Method("random", "random", "random actions", learned=False, seeds=1),
    Method(
        "map-planner", "map planner", "a planner that is told the map and where it is",
        Role.BOUND, learned=False, seeds=1, frames=False,
    ),
)  # fmt: skip
METHODS: dict[str, Method] = {m.name: m for m in _ALL}
