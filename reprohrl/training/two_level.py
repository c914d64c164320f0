"""The training of both levels in one run: imitate, improve, twice over. It survives kills at any moment.

Wherever a stretch between two checkpoints begins, in any process, the environments and every random
generator restart from (seed, steps), so a resumed run goes on exactly like an uninterrupted one.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
from reprohrl.training.agents.held_out import TorchPolicy, fly_held_out
from reprohrl.training.imitate import ImitateConfig, imitate
from reprohrl.training.lean_ppo import LeanPpo, PpoConfig
from sim.envs.config import NavigationConfig, Rewards
from sim.envs.levels import TwoLevelAgent
from sim.envs.navigation import BatchNavigation
from sim.envs.selection import BatchSelection
from sim.envs.teacher import teach
from sim.profiles.catalogue import load_profile
from sim.profiles.training import with_profile
from sim.tasks import mixture

if TYPE_CHECKING:
    from reprohrl.training.agents.ours import OursConfig
    from reprohrl.training.harness.run import Run

_TICKS = 24
_SELECTOR_TICKS = 12
REPORT_EVERY = 4
"""PPO iterations between two points of the curve."""

PHASES = ("imitate-navigator", "navigator", "imitate-selector", "selector")


class TwoLevelTraining:
    """Holds both learners and their worlds; `run_all` takes them through `PHASES`."""

    def __init__(self, config: OursConfig, run: Run) -> None:
        self.config, self.run = config, run
        world = NavigationConfig(
            tasks=mixture(config.task),
            scenes=config.scenes,
            rewards=Rewards(contact=config.contact),
            threads=config.threads,
        )
        if config.profile is not None:
            world = with_profile(world, load_profile(config.profile))
        total = config.steps
        self._imitated = int(config.imitate * total)
        self._imitated_selector = int(config.imitate_selector * total)
        self._selector_steps = int(config.selector * total)
        steps = total - self._imitated - self._imitated_selector - self._selector_steps
        self.navigator_world = BatchNavigation(config.environments, world, config.seed)
        self.navigator = LeanPpo(self.navigator_world, self._ppo(steps, config.rollout), config.seed)
        self.selector_world = BatchSelection(config.environments, self._low_level, world, config.seed + 1)
        selector_ppo = self._ppo(self._selector_steps // SELECTOR_EVERY, config.rollout // 2)
        self.selector = LeanPpo(self.selector_world, selector_ppo, config.seed + 1, discrete=True)
        self.phase, self.steps = 0, 0
        self._since = 0
        self._best: dict[str, tuple[float, Any]] = {}

    def _ppo(self, steps: int, rollout: int) -> PpoConfig:
        c = self.config
        return PpoConfig(
            steps=max(steps, 1), rollout=max(rollout, 1), minibatch=c.minibatch, epochs=c.epochs,
            learning_rate=c.learning_rate, final_learning_rate=c.final_learning_rate, gamma=c.gamma,
            hidden=c.hidden, log_std=c.log_std, threads=c.threads,
        )  # fmt: skip

    @torch.no_grad()
    def _low_level(self, observation: Any) -> Any:
        return self.navigator.model.actor(torch.from_numpy(observation)).clamp(-1, 1).numpy()

    def run_all(self) -> None:
        """Train to the end, the target, or an interruption."""
        found = self.run.resume_state()
        if found is not None:
            self._restore(found)
        else:
            self._restart()
        doing = (
            self._imitate_navigator,
            self._improve_navigator,
            self._imitate_selector,
            self._improve_selector,
        )
        while self.phase < len(PHASES):
            doing[self.phase]()
            self._take_best()
            self.phase += 1
            self._checkpoint()

    def _imitate_navigator(self) -> None:
        per_round = _TICKS * self.config.environments
        rounds = max(self._imitated // per_round, 2)
        settings = ImitateConfig(
            rounds=rounds, ticks=_TICKS, noise=self.config.noise, led=max(rounds // 6, 1)
        )
        start = self.steps

        def note(decisions: int, loss: float) -> None:
            self.steps = start + decisions
            self._report(self.navigator, {"imitate/navigator_loss": loss})

        imitate(
            self.navigator, lambda: teach(self.navigator_world), settings, seed=self.config.seed,
            after_round=note,
        )  # fmt: skip
        self._evaluate()

    def _imitate_selector(self) -> None:
        per_round = _SELECTOR_TICKS * self.config.environments * SELECTOR_EVERY
        rounds = max(self._imitated_selector // per_round, 2)
        settings = ImitateConfig(rounds=rounds, ticks=_SELECTOR_TICKS, noise=0.15, led=1, updates=80)
        start = self.steps

        def note(decisions: int, loss: float) -> None:
            self.steps = start + decisions * SELECTOR_EVERY
            self._report(self.selector, {"imitate/selector_loss": loss})

        imitate(self.selector, self.selector_world.rule, settings, seed=self.config.seed, after_round=note)
        self._evaluate()

    def _improve_navigator(self) -> None:
        self._improve(self.navigator, 1)

    def _improve_selector(self) -> None:
        self._improve(self.selector, SELECTOR_EVERY)

    def _improve(self, learner: LeanPpo, ticks: int) -> None:
        count = 0
        per_iteration = learner.config.rollout * self.config.environments
        while learner.steps < learner.config.steps and not self.run.should_stop():
            warming = learner.steps < self.config.warm_up * per_iteration
            losses = learner.iterate(value_only=warming)
            self.steps += per_iteration * ticks
            self._since += per_iteration * ticks
            count += 1
            if count % REPORT_EVERY == 0:
                self._report(learner, {f"{PHASES[self.phase]}/{k}": v for k, v in losses.items()})
            if self._since >= self.config.eval_every:
                self._evaluate()
                self._checkpoint()
        self._evaluate()

    def _report(self, learner: LeanPpo, scalars: dict[str, float]) -> None:
        rates = learner.tally.rates()
        self.run.report(
            self.steps,
            success_rate=rates["success"],
            episodes=len(learner.tally.recent),
            scalars={**{f"train/{k}": v for k, v in rates.items()}, **scalars},
        )

    def _evaluate(self) -> None:
        """Fly held-out episodes with what has been learned; before its turn the selector is the rule."""
        chooser = TorchPolicy(self.selector.model.actor, SELECTOR_SPEC) if self.phase >= 2 else None
        agent = TwoLevelAgent("ours", chooser, TorchPolicy(self.navigator.model.actor, NAVIGATOR_SPEC))
        tasks = list(mixture(self.config.task))
        share = replace(self.config, eval_episodes=max(self.config.eval_episodes // len(tasks), 1))
        flown = [fly_held_out(agent, share, task=task) for task in tasks]
        episodes = sum(n for _, n in flown)
        success = sum(rate * n for rate, n in flown) / episodes
        self.run.evaluated(self.steps, success, episodes)
        learner = self.navigator if self.phase < 2 else self.selector
        level = PHASES[self.phase].rpartition("-")[2]
        if success >= self._best.get(level, (-1.0, None))[0]:
            weights = {k: v.clone() for k, v in learner.model.state_dict().items()}
            self._best[level] = (success, weights)

    def _take_best(self) -> None:
        """At a level's end, go back to the weights that did best on the held-out episodes."""
        if PHASES[self.phase] in self._best:
            learner = self.navigator if self.phase == 1 else self.selector
            learner.model.load_state_dict(self._best[PHASES[self.phase]][1])

    def profile(self) -> dict[str, float]:
        """Return the seconds of PPO by phase."""
        parts = (self.navigator.profile, self.selector.profile)
        return {k: round(sum(getattr(p, k) for p in parts), 1) for k in ("simulate", "infer", "learn")}

    def _checkpoint(self) -> None:
        self.run.save(self.steps, self._write)
        self._since = 0
        self._restart()

    def _write(self, folder: Path) -> None:
        self.navigator.save(folder / "navigator.pt")
        self.selector.save(folder / "selector.pt")
        torch.save(self._best, folder / "best.pt")
        (folder / "phase.json").write_text(json.dumps({"phase": self.phase, "steps": self.steps}))

    def _restore(self, folder: Path) -> None:
        self.navigator.restore(folder / "navigator.pt")
        self.selector.restore(folder / "selector.pt")
        self._best = torch.load(folder / "best.pt", weights_only=True)
        state = json.loads((folder / "phase.json").read_text())
        self.phase, self.steps = state["phase"], state["steps"]
        self._restart()

    def _restart(self) -> None:
        """Begin the next stretch: new episodes and random numbers, from (seed, phase, steps) alone."""
        seed = int(np.random.SeedSequence((self.config.seed, self.phase, self.steps)).generate_state(1)[0])
        torch.manual_seed(seed)
        for learner, world in (
            (self.navigator, self.navigator_world),
            (self.selector, self.selector_world.world),
        ):
            world.reseed(seed % 2**31)
            learner.restart()
