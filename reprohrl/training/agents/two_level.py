"""h-DQN (Kulkarni et al. 2016): a meta-controller over goals, a controller paid for reaching the chosen one.

Both learn at once. The controller's pay is intrinsic: progress to the chosen goal, reaching it, and touching
nothing; the meta-controller's is what the mission pays. Training goes in chunks that begin with a fresh world
and fresh random numbers, so that a resumed run equals an uninterrupted one.
"""

from __future__ import annotations

import json
import math
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import F
from reprohrl.contracts.rates import TICK_HZ
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import FRESH_S, HOLD_S, REACH_M
from reprohrl.training.agents.double_dqn import DoubleDqn, NStep
from reprohrl.training.agents.env import make_world
from reprohrl.training.agents.held_out import TorchPolicy, fly_held_out
from reprohrl.training.agents.moves import FRACTIONS, MOVES
from reprohrl.training.agents.two_level_agent import TwoLevelAgent
from reprohrl.training.agents.two_level_config import Levels, TwoLevelConfig
from reprohrl.training.harness.sb3 import chunk_seed
from sim.envs.agents import surface_distances
from sim.envs.navigation import BatchNavigation

if TYPE_CHECKING:
    from reprohrl.training.harness.run import Run

GUIDED = 0.7
"""Share of exploring choices that try the commanded goal: a class drawn at random is seldom in the room."""

HOLD_TICKS = round(HOLD_S * TICK_HZ)
WINDOW = 1000
REPORTS = 200
MIN_TICKS = 1000


def train_two_level(config: TwoLevelConfig, run: Run, levels: Levels) -> None:
    """Train both levels of an agent and finish the run."""
    learner = Learner(config, run, levels)
    learner.restore()
    learner.learn()
    policies = {
        "meta": (learner.meta.network, levels.meta_spec),
        "controller": (learner.controller.network, levels.controller_spec),
    }
    run.finish(learner.steps, policies)


class Learner:
    """The loop: choose, fly a tick, pay, remember, learn."""

    def __init__(self, config: TwoLevelConfig, run: Run, levels: Levels) -> None:
        self.config, self.run, self.levels = config, run, levels
        self.steps = 0
        self.returns = NStep(config.n_steps, config.gamma)
        self.outcomes: deque[bool] = deque(maxlen=WINDOW)
        shared: dict[str, Any] = {"learning_rate": config.learning_rate, "seed": config.seed}
        hidden = config.hidden
        self.meta = DoubleDqn(levels.meta.size, NUM_GOALS, hidden, capacity=config.meta_buffer, **shared)
        self.controller = DoubleDqn(
            levels.controller.size, len(MOVES), hidden, capacity=config.buffer, **shared
        )
        self.chunk_steps = max(config.checkpoint_every, MIN_TICKS * config.environments)

    def restore(self) -> None:
        folder = self.run.resume_state()
        if folder is None:
            return
        state = json.loads((folder / "loop.json").read_text(encoding="utf-8"))
        self.steps = int(state["steps"])
        self.outcomes.extend(state["outcomes"])
        self.meta.restore(folder / "meta.pt")
        self.controller.restore(folder / "controller.pt")

    def learn(self) -> None:
        while self.steps < self.config.steps and not self._fly_chunk():
            pass

    def _save(self) -> None:
        def write(folder: Path) -> None:
            self.meta.save(folder / "meta.pt")
            self.controller.save(folder / "controller.pt")
            state = {"steps": self.steps, "outcomes": list(self.outcomes)}
            (folder / "loop.json").write_text(json.dumps(state), encoding="utf-8")

        self.run.save(self.steps, write)

    def _fly_chunk(self) -> bool:
        """Train to the next checkpoint; return whether the target was reached."""
        c = self.config
        end = min((self.steps // self.chunk_steps + 1) * self.chunk_steps, c.steps)
        seed = chunk_seed(c.seed, self.steps)
        self.meta.rng, self.controller.rng = (np.random.default_rng((seed, k)) for k in range(2))
        world = make_world(c, seed, c.environments)
        world.reset()
        options = _Options(world, self.levels)
        self.returns = NStep(c.n_steps, c.gamma)
        stop = False
        while self.steps < end and not stop:
            before = self.steps
            self._tick(world, options)
            stop = self._tell(before)
        self._save()
        return stop

    def _tick(self, world: BatchNavigation, options: _Options) -> None:
        c, explore = self.config, self._explore()
        options.choose(world, self.meta, explore, c.option_ticks)
        seen = self.levels.controller.scaled(world, options.goal)
        move = self.controller.choose(seen, explore)
        before = _potential(world, options)
        _, reward, terminated, truncated, infos = world.step(FRACTIONS[move])
        ended = terminated | truncated
        pay, there = _intrinsic(world, options, before, ended, infos)
        after = self.levels.controller.scaled(world, options.goal)
        options.pay(world, self.meta, reward, ended, there, c.meta_gamma)
        kept = self.returns.add(seen, move, pay, after, ended | there, options.over)
        if kept is not None:
            self.controller.remember(*kept)
        self.outcomes.extend(bool(infos[i]["success"]) for i in np.flatnonzero(ended))
        self.steps += c.environments
        self._update()

    def _update(self) -> None:
        c = self.config
        if self.steps < min(20_000, c.steps // 10):
            return
        for _ in range(c.updates):
            self.controller.learn(c.batch)
        if self.meta.size >= c.batch:
            self.meta.learn(c.batch)
        if self.steps // c.target_every != (self.steps - c.environments) // c.target_every:
            self.controller.renew_target()
            self.meta.renew_target()

    def _explore(self) -> float:
        done = min(self.steps / max(self.config.explore_share * self.config.steps, 1.0), 1.0)
        return 1.0 + (self.config.explore_end - 1.0) * done

    def _tell(self, before: int) -> bool:
        c = self.config
        if _crossed(before, self.steps, max(c.steps // REPORTS, 1)):
            rate = sum(self.outcomes) / len(self.outcomes) if self.outcomes else math.nan
            self.run.report(self.steps, success_rate=rate, episodes=len(self.outcomes))
        if _crossed(before, self.steps, c.eval_every) or self.steps >= c.steps:
            meta = TorchPolicy(self.meta.network, self.levels.meta_spec)
            controller = TorchPolicy(self.controller.network, self.levels.controller_spec)
            agent = TwoLevelAgent(
                self.levels, meta, controller, c.eval_episodes, c.option_ticks, c.act_explore
            )
            self.run.evaluated(self.steps, *fly_held_out(agent, c))
        return self.run.should_stop()


class _Options:
    """The goal each row is sent to, and what it has earned the meta-controller so far."""

    def __init__(self, world: BatchNavigation, levels: Levels) -> None:
        n = world.batch
        self.levels, self.rows = levels, np.arange(n)
        self.goal = np.zeros(n, np.int64)
        self._left = np.zeros(n, np.int64)
        self._near_ticks = np.zeros(n, np.int64)
        self._earned, self._discount = np.zeros(n), np.ones(n)
        self._seen = np.zeros((n, levels.meta.size), np.float32)

    def choose(self, world: BatchNavigation, meta: DoubleDqn, explore: float, ticks: int) -> None:
        """Send the rows whose option is over to a new goal."""
        due = self.over
        seen = self.levels.meta.scaled(world, world.goal)
        chosen = meta.choose(seen, explore)
        guided = meta.rng.random(len(due)) < explore * GUIDED
        self.goal = np.where(due, np.where(guided, world.goal, chosen), self.goal)
        self._near_ticks[due] = 0
        self._seen[due], self._left[due] = seen[due], ticks
        self._earned[due], self._discount[due] = 0.0, 1.0

    @property
    def over(self) -> NDArray[np.bool_]:
        """(N,) whether the row's option has come to its end."""
        return self._left <= 0

    def held(self, near: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows have now been near their goal for as long as the mission asks."""
        self._near_ticks = np.where(near, self._near_ticks + 1, 0)
        return self._near_ticks > HOLD_TICKS

    def pay(
        self, world: BatchNavigation, meta: DoubleDqn, reward: NDArray[np.float64], ended: NDArray[np.bool_],
        there: NDArray[np.bool_], gamma: float,
    ) -> None:  # fmt: skip
        """Add a tick's reward; options that end with it become memories of the meta-controller."""
        self._earned += self._discount * reward
        self._discount *= gamma
        self._left -= 1
        self._left[ended | there] = 0
        over = self.over
        after = self.levels.meta.scaled(world, world.goal)
        discount = np.where(ended, 0.0, self._discount)[over]
        meta.remember(self._seen[over], self.goal[over], self._earned[over], after[over], discount)


def _intrinsic(
    world: BatchNavigation, options: _Options, before: NDArray[np.float64], ended: NDArray[np.bool_],
    infos: list[dict[str, object]],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:  # fmt: skip
    """Return the controller's pay (N,) and where the chosen goal was reached, by what the drone sees."""
    near = surface_distances(world.values, world.ranges, options.goal) < REACH_M
    near &= world.values[options.rows, options.goal, F.AGE] < FRESH_S
    pay = np.where(ended, 0.0, np.clip(_potential(world, options) - before, -0.6, 0.6)) - 0.01
    pay -= 0.15 * np.clip(1.0 - world.core.clearance / 0.3, 0.0, 1.0)
    there = options.held(near)
    pay += np.where(there, 3.0, 0.0)
    for i in np.flatnonzero(ended):
        pay[i] = 3.0 if infos[i]["success"] else (-10.0 if infos[i]["contact"] is not None else -2.0)
    return pay, there & ~ended


def _potential(world: BatchNavigation, options: _Options) -> NDArray[np.float64]:
    """Return (N,) what rises on the way to the chosen goal [m]; half a metre for having it in view."""
    away = np.minimum(world.core.goal_distance[options.rows, options.goal], 20.0)
    return np.asarray(0.5 * world.values[options.rows, options.goal, F.VISIBLE] - away, np.float64)


def _crossed(before: int, now: int, every: int) -> bool:
    return before // every != now // every
