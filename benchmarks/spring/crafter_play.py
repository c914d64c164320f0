"""Short episodes of Crafter, decided by SPRING; scored by the game's own reward and achievements."""

from __future__ import annotations

import warnings
from importlib.resources import files
from typing import Any

from benchmarks.spring.crafter_words import ACTIONS, observe
from benchmarks.spring.variants import Variant, thinker
from reprohrl.contracts.errors import UserError
from reprohrl.planners.spring.dag import load_dag
from reprohrl.planners.thinker import Request

STEPS = 250
REMOVED = "Place Table requires 2 wood."
SMALL_PX = 63


def manual() -> str:
    return (files("benchmarks.spring") / "crafter.tex").read_text(encoding="utf-8")


def play(variant: Variant, seed: int, steps: int = STEPS) -> dict[str, Any]:
    """Play one episode; return its reward, and what was achieved, by name."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import crafter
    except ImportError as error:
        raise UserError("this benchmark needs crafter", fix="pip install 'reprohrl[crafter]'") from error
    mind = thinker(variant, load_dag("crafter"), manual(), REMOVED)
    # hash() of numbers is the same in every process: a seed is a world.
    env = crafter.Env(length=steps, seed=seed, size=(SMALL_PX, SMALL_PX))
    env.reset()
    names = tuple(ACTIONS)
    before, last, reward, fallbacks, done = "", "", 0.0, 0, False
    achieved: dict[str, int] = {}
    while not done:
        seen = observe(env, last)
        thought = mind.think(Request(seen, names, 0.0, 60.0, before, last))
        fallbacks += thought.index < 0
        last = names[max(thought.index, 0)]
        before = seen
        _, gained, done, info = env.step(env.action_names.index(ACTIONS[last]))
        reward += float(gained)
        achieved = {k: int(v) for k, v in info["achievements"].items() if v}
    return {"seed": seed, "reward": round(reward, 3), "achieved": sorted(achieved), "fallbacks": fallbacks}
