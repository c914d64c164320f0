"""How a mission stands: as the drone judges it on board, and by the simulator's truth. Compiled."""

from __future__ import annotations

import math

from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.evaluation.judge import HOLD_S as TRUE_HOLD_S
from reprohrl.evaluation.judge import REACH_M as TRUE_REACH_M
from reprohrl.mission.reach import HOLD_S, HOME_M, is_near
from reprohrl.mission.tracker import RETURN_LIMIT_S
from sim.batched.tick import CONTACT_FLOOR, CONTACT_WALL, NO_CONTACT
from sim.dynamics.compiled import kernel
from sim.envs.world import (
    HIT_FLOOR,
    HIT_GOAL,
    HIT_OBSTACLE,
    HIT_WALL,
    HIT_WRONG_GOAL,
    RUNNING,
    SUCCESS,
    TIMEOUT,
    UNFINISHED,
    WRONGLY_ABSENT,
    Real,
    Whole,
    World,
)

_TIE_S = 1e-6
CAME_HOME_M = 0.5


@kernel
def advance_mission(w: World, i: int) -> bool:
    """Judge on board whether the current goal counts as reached, and if so go on to the next."""
    if w.whole[i, Whole.RETURNING] or w.whole[i, Whole.INDEX] >= w.whole[i, Whole.NUM_LEGS]:
        return False
    goal = w.legs[i, w.whole[i, Whole.INDEX]]
    if is_near(w.views.values[i, goal], w.ranges[i, 0], goal):
        w.real[i, Real.NEAR_S] = 0.0 if w.real[i, Real.NEAR_S] < 0 else w.real[i, Real.NEAR_S] + TICK_S
    else:
        w.real[i, Real.NEAR_S] = -1.0
    if w.real[i, Real.NEAR_S] < HOLD_S - _TIE_S:
        return False
    w.whole[i, Whole.INDEX] += 1
    w.real[i, Real.LEG_S], w.real[i, Real.NEAR_S], w.whole[i, Whole.FOUND] = 0.0, -1.0, False
    if w.whole[i, Whole.INDEX] >= w.whole[i, Whole.NUM_LEGS] and w.whole[i, Whole.GOES_HOME]:
        w.whole[i, Whole.RETURNING] = True
    return True


@kernel
def believes_home(w: World, i: int) -> bool:
    """Return whether a returning drone counts itself home."""
    dx, dy = w.pose[i, 0] - w.real[i, Real.HOME_X], w.pose[i, 1] - w.real[i, Real.HOME_Y]
    return w.whole[i, Whole.RETURNING] and math.sqrt(dx * dx + dy * dy) < HOME_M


@kernel
def judge(w: World, i: int, limit_s: float) -> None:
    """Advance the mission by the simulator's truth and decide its outcome, once and for good."""
    if w.whole[i, Whole.OUTCOME] != RUNNING:
        return
    if w.contact[i] != NO_CONTACT:
        w.whole[i, Whole.OUTCOME] = _blame(w, i)
        return
    w.real[i, Real.TRUE_LEG_S] += TICK_S
    if w.whole[i, Whole.RETURNING] and w.whole[i, Whole.INDEX] < w.whole[i, Whole.NUM_LEGS]:
        _judge_return(w, i)
        return
    if w.real[i, Real.TRUE_LEG_S] > limit_s + _TIE_S:
        w.whole[i, Whole.OUTCOME] = TIMEOUT
        return
    if w.whole[i, Whole.REACHED] < w.whole[i, Whole.NUM_LEGS]:
        near = w.goal_distance[i, w.legs[i, w.whole[i, Whole.REACHED]]] <= TRUE_REACH_M
        w.real[i, Real.TRUE_NEAR_S] = (
            -1.0
            if not near
            else (0.0 if w.real[i, Real.TRUE_NEAR_S] < 0 else w.real[i, Real.TRUE_NEAR_S] + TICK_S)
        )
        if w.real[i, Real.TRUE_NEAR_S] >= TRUE_HOLD_S - _TIE_S:
            w.leg_times[i, w.whole[i, Whole.REACHED]] = w.real[i, Real.TRUE_LEG_S]
            w.whole[i, Whole.REACHED] += 1
            w.real[i, Real.TRUE_NEAR_S], w.real[i, Real.TRUE_LEG_S] = -1.0, 0.0
            if w.whole[i, Whole.REACHED] >= w.whole[i, Whole.NUM_LEGS]:
                w.whole[i, Whole.OUTCOME] = SUCCESS
                return
    if w.whole[i, Whole.INDEX] >= w.whole[i, Whole.NUM_LEGS]:
        w.whole[i, Whole.OUTCOME] = UNFINISHED


@kernel
def _judge_return(w: World, i: int) -> None:
    """A goal was declared absent: right or wrong, and is the drone home?"""
    if not w.whole[i, Whole.ABSENT]:
        w.whole[i, Whole.OUTCOME] = WRONGLY_ABSENT
        return
    dx, dy = w.state[i, 0] - w.real[i, Real.TRUE_HOME_X], w.state[i, 1] - w.real[i, Real.TRUE_HOME_Y]
    if believes_home(w, i):
        w.whole[i, Whole.OUTCOME] = SUCCESS if math.sqrt(dx * dx + dy * dy) <= CAME_HOME_M else UNFINISHED
    elif w.real[i, Real.LEG_S] > RETURN_LIMIT_S:
        w.whole[i, Whole.OUTCOME] = TIMEOUT


@kernel
def _blame(w: World, i: int) -> int:
    what = w.contact[i]
    if what == CONTACT_WALL:
        return HIT_WALL
    if what == CONTACT_FLOOR:
        return HIT_FLOOR
    kind = int(w.objects[i, what, 9])
    if kind >= NUM_GOALS:
        return HIT_OBSTACLE
    current = w.legs[i, min(w.whole[i, Whole.REACHED], w.whole[i, Whole.NUM_LEGS] - 1)]
    return HIT_GOAL if kind == current else HIT_WRONG_GOAL
