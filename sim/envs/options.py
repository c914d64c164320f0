"""The plain rule for options: what trains the low level, warm-starts the selector, and serves as a peer."""

from __future__ import annotations

from reprohrl.contracts.rates import SELECTOR_EVERY
from reprohrl.policies.observation import GO_TO, RETURN, SEARCH
from reprohrl.policies.rule import rule_skill
from sim.dynamics.compiled import kernel
from sim.envs.random import integer, uniform
from sim.envs.world import Real, Whole, World

STRAY_CHANCE = 0.15
"""Chance that a decision of a stray episode is drawn at random."""


@kernel
def choose_option(w: World, i: int, judged: bool) -> None:
    """Decide on every fifth tick, as the selector does in flight."""
    if w.whole[i, Whole.TICK] % SELECTOR_EVERY != 0:
        return
    skill, goal = RETURN, -1
    if not w.whole[i, Whole.RETURNING]:
        goal = w.legs[i, min(w.whole[i, Whole.INDEX], w.whole[i, Whole.NUM_LEGS] - 1)]
        skill = rule_skill(goal, w.views.values[i], w.views.routes[i], w.real[i, Real.FORGET_S])
        if skill == RETURN and not w.whole[i, Whole.ABSENT] and not judged:
            skill = SEARCH
        if w.whole[i, Whole.STRAY] and skill != RETURN and uniform(w.streams, i) < STRAY_CHANCE:
            skill = SEARCH + integer(w.streams, i, 2)
        if skill == RETURN:
            w.whole[i, Whole.RETURNING] = True
            w.real[i, Real.LEG_S] = 0.0
    set_option(w, i, skill, goal)


@kernel
def set_option(w: World, i: int, skill: int, goal: int) -> None:
    """Let drone `i` follow a skill toward a goal class."""
    if skill != w.whole[i, Whole.SKILL] or (skill == GO_TO and goal != w.whole[i, Whole.TARGET]):
        w.whole[i, Whole.SWITCHES] += 1
    w.whole[i, Whole.SKILL], w.whole[i, Whole.TARGET] = skill, goal
