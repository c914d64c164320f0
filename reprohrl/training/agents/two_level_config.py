"""Settings and networks' layouts that both two-level DQN agents share."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.agents.moves import MOVES
from reprohrl.training.agents.observations import View, spec, values_of
from reprohrl.training.agents.search import Choice, Real, SearchSpace, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLevelConfig(AgentConfig):
    """Both levels are double DQNs (van Hasselt et al. 2016) with replay memories of their own.

    option_ticks   ticks between two choices of the meta-controller, unless its goal was reached before
    updates        gradient steps of the controller per step of all environments
    act_explore    share of random moves in flight (Mnih et al. 2015 fly with 0.05): a way out of dead ends
    """

    environments: int = 128
    option_ticks: int = 10
    learning_rate: float = 5e-4
    gamma: float = 0.98
    n_steps: int = 5
    meta_gamma: float = 0.97
    batch: int = 512
    updates: int = 4
    buffer: int = 300_000
    meta_buffer: int = 50_000
    explore_share: float = 0.3
    explore_end: float = 0.05
    act_explore: float = 0.02
    target_every: int = 4_000
    hidden: tuple[int, ...] = (128, 128)


SEARCH: SearchSpace = {
    "learning_rate": Real(1e-4, 2e-3, log=True),
    "gamma": Choice((0.95, 0.98, 0.99)),
    "n_steps": Whole(1, 10),
    "option_ticks": Whole(5, 30),
    "updates": Whole(1, 8),
    "explore_share": Real(0.1, 0.5),
}


@dataclass(frozen=True, slots=True)
class Levels:
    """What the two levels see. The options are the goal classes; the controller is shown the chosen one."""

    name: str
    meta: View
    controller: View

    @property
    def meta_spec(self) -> PolicySpec:
        return spec(f"{self.name}-meta", self.meta.entries, values_of(NUM_GOALS))

    @property
    def controller_spec(self) -> PolicySpec:
        return spec(f"{self.name}-controller", self.controller.entries, values_of(len(MOVES)))
