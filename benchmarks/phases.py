"""Where a training's seconds go: simulate, learn, evaluate, and the rest, which is inference and glue."""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SIMULATE = "sim.envs.navigation:BatchNavigation.step"
EVALUATE = ("reprohrl.training.agents.held_out:fly_batch",)
LEARN = (
    "stable_baselines3.ppo.ppo:PPO.train",
    "stable_baselines3.dqn.dqn:DQN.train",
    "stable_baselines3.sac.sac:SAC.train",
    "reprohrl.training.lean_ppo:LeanPpo._learn",
    "reprohrl.training.agents.double_dqn:DoubleDqn.learn",
)
"""The methods that update networks, of every learner there is."""


@dataclass(slots=True)
class Phases:
    """Wall seconds by phase. A phase inside another counts for the outer one alone."""

    seconds: dict[str, float] = field(default_factory=dict)
    inside: str = ""

    def shares(self, total_s: float) -> dict[str, float]:
        """Return each phase's share of `total_s`; what is left is `infer and rest`."""
        known = {name: spent / total_s for name, spent in self.seconds.items()}
        return {**known, "infer and rest": max(0.0, 1.0 - sum(known.values()))}


@contextmanager
def watched() -> Iterator[Phases]:
    """Time the phases of whatever trains inside; everything is as before afterwards."""
    phases, before = Phases(), []
    targets = {"simulate": (SIMULATE,), "learn": LEARN, "evaluate": EVALUATE}
    try:
        for phase, places in targets.items():
            for place in places:
                owner, name = _find(place)
                if owner is not None:
                    before.append((owner, name, getattr(owner, name)))
                    setattr(owner, name, _timed(getattr(owner, name), phase, phases))
        yield phases
    finally:
        for owner, name, original in reversed(before):
            setattr(owner, name, original)


def _find(place: str) -> tuple[Any, str]:
    """Return the owner and name of `module:Class.method`, (None, "") where it is not installed."""
    module, _, path = place.partition(":")
    try:
        owner = importlib.import_module(module)
        *parts, name = path.split(".")
        owner = functools.reduce(getattr, parts, owner)
        getattr(owner, name)
    except (ImportError, AttributeError):
        return None, ""
    return owner, name


def _timed(call: Any, phase: str, phases: Phases) -> Any:
    @functools.wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        if phases.inside:
            return call(*args, **kwargs)
        phases.inside, start = phase, time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            spent = time.perf_counter() - start
            phases.seconds[phase] = phases.seconds.get(phase, 0.0) + spent
            phases.inside = ""

    return timed
