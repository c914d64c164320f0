"""One frame of one mission: fly, sense, judge, pay, and begin anew when it is over. Compiled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from reprohrl.contracts.features import F
from reprohrl.contracts.rates import TICK_S
from reprohrl.mission.reach import DRONE_RADIUS_M
from reprohrl.perception.memory import CELL_M, CELLS
from reprohrl.policies.observation import ACTION_SCALE, GO_TO, RETURN, STILL, write_navigator
from sim.batched.tick import NO_CONTACT, fly_tick, make_scratch
from sim.dynamics.compiled import kernel
from sim.dynamics.layout import S
from sim.envs.config import Settings
from sim.envs.episode import Scratch, begin, move_solids, perceive
from sim.envs.options import choose_option
from sim.envs.pool import Pool
from sim.envs.progress import advance_mission, believes_home, judge
from sim.envs.random import integer
from sim.envs.world import RUNNING, Real, Whole, World

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]

WIDEST_STEP_M = 0.15
"""Progress of one tick counts up to this: estimates of a way jump when it is planned anew."""


@njit(cache=True, nogil=True, error_model="numpy")
def begin_rows(
    first: int, last: int, which: NDArray[np.bool_], w: World, pool: Pool, c: Settings, substeps: int,
    camera: Array, lens: Array, scale: Array32, bounds: tuple[Array32, Array32], out: Array32,
    scenes: NDArray[np.int64],
) -> None:  # fmt: skip
    """Begin an episode for the drones `which`, in scene `scenes[i]`, or any where that is negative."""
    scratch = _scratch()
    for i in range(first, last):
        if which[i]:
            scene = scenes[i] if scenes[i] >= 0 else integer(w.streams, i, pool.count.shape[0])
            begin(w, pool, c, i, scene, camera, lens, scratch)
            w.real[i, Real.REWARD], w.whole[i, Whole.ENDED] = 0.0, 0
            _observe(w, i, scale, bounds, out)


@njit(cache=True, nogil=True, error_model="numpy")
def step_rows(
    first: int, last: int, action: Array32, by_rule: bool, w: World, pool: Pool, c: Settings, substeps: int,
    camera: Array, lens: Array, scale: Array32, bounds: tuple[Array32, Array32], out: Array32,
    terminal: Array32,
) -> None:  # fmt: skip
    """Step drones `first` to `last` by one frame under `action` (N, 4), and write observations to `out`.

    With `by_rule` the options are the rule's. What an ended episode was last seen as goes to `terminal`;
    unless the world is judged, a new one begins in its place.
    """
    scratch = _scratch()
    for i in range(first, last):
        if c.judged and w.whole[i, Whole.OUTCOME] != RUNNING:
            w.whole[i, Whole.ENDED], w.real[i, Real.REWARD] = 0, 0.0
            continue
        _fly(w, c, i, action[i], by_rule, substeps, camera, lens, scratch)
        _observe(w, i, scale, bounds, out)
        if w.whole[i, Whole.ENDED] != 0:
            terminal[i] = out[i]
            if not c.judged:
                begin(w, pool, c, i, integer(w.streams, i, pool.count.shape[0]), camera, lens, scratch)
                _observe(w, i, scale, bounds, out)


@kernel
def _scratch() -> Scratch:
    cells = CELLS * CELLS
    return make_scratch(), (
        np.empty(cells, np.int32), np.empty(cells, np.int32), np.empty(cells, np.int32),
        np.empty(cells, np.int32),
    )  # fmt: skip


@kernel
def _fly(
    w: World, c: Settings, i: int, action: Array32, by_rule: bool, substeps: int, camera: Array, lens: Array,
    scratch: Scratch,
) -> None:  # fmt: skip
    x, y, z = w.state[i, 0], w.state[i, 1], w.state[i, 2]
    skill, goal = w.whole[i, Whole.SKILL], w.whole[i, Whole.TARGET]
    before = _way_left(w, i, skill, goal)
    change = 0.0
    w.commands[i, 0] = w.commands[i, 1]
    w.commands[i, 1] = w.commands[i, 2]
    for k in range(4):
        a = min(max(action[k], np.float32(-1.0)), np.float32(1.0))
        change += (a - w.action[i, k]) ** 2
        w.action[i, k] = a
        w.commands[i, 2, k] = a * ACTION_SCALE[k]
    move_solids(w, i)
    w.contact[i], w.clearance[i] = fly_tick(
        w.state[i], w.params[i], w.commands[i], w.delay[i], substeps, w.objects[i, : w.count[i]],
        w.half_room[i], camera, DRONE_RADIUS_M, scratch[0], w.rotation[i], w.boxes[i],
        w.true_ranges[i], w.goal_distance[i],
    )  # fmt: skip
    w.real[i, Real.PATH_M] += math.sqrt(
        (w.state[i, 0] - x) ** 2 + (w.state[i, 1] - y) ** 2 + (w.state[i, 2] - z) ** 2
    )
    w.real[i, Real.TIME_S] += TICK_S
    w.real[i, Real.LEG_S] += TICK_S
    w.whole[i, Whole.TICK] += 1
    new_cells = perceive(w, c, i, lens, scratch)
    judge(w, i, c.leg_limit_s)
    left = _way_left(w, i, skill, goal)
    index = w.whole[i, Whole.INDEX]
    advanced = advance_mission(w, i)
    truly = advanced and w.goal_distance[i, w.legs[i, index]] <= 0.5
    w.whole[i, Whole.WRONG] = advanced and not truly
    home = believes_home(w, i)
    _pay(w, c, i, skill, before - left, new_cells, change, truly, home)
    _end(w, c, i, home)
    if by_rule:
        choose_option(w, i, c.judged)


@kernel
def _way_left(w: World, i: int, skill: int, goal: int) -> float:
    """Return the distance [m] to where the option leads: the true one to a goal or home."""
    if skill == GO_TO and goal >= 0:
        return min(w.goal_distance[i, goal], 20.0)
    if skill == RETURN:
        dx, dy = w.state[i, 0] - w.real[i, Real.TRUE_HOME_X], w.state[i, 1] - w.real[i, Real.TRUE_HOME_Y]
        return math.sqrt(dx * dx + dy * dy)
    if skill == STILL:
        return 0.0
    route = 5 + skill  # SEARCH_ROUTE for SEARCH, PASS_ROUTE for PASS
    dx = w.memory.waypoint[i, route, 0] - w.pose[i, 0]
    dy = w.memory.waypoint[i, route, 1] - w.pose[i, 1]
    return math.sqrt(dx * dx + dy * dy)


@kernel
def _pay(
    w: World, c: Settings, i: int, skill: int, nearer: float, new_cells: int, change: float, truly: bool,
    home: bool,
) -> None:  # fmt: skip
    """Add up the reward of this tick."""
    r = c.rewards
    near = max(0.0, 1 - w.clearance[i] / r.too_close_m)
    rush = max(0.0, 1 - w.clearance[i] / r.rush_m)
    vx, vy, vz = w.state[i, S.VEL], w.state[i, S.VEL + 1], w.state[i, S.VEL + 2]
    pay = r.time + r.smoothness * change + r.too_close * min(near, 1.0)
    pay += r.rush * math.sqrt(vx * vx + vy * vy + vz * vz) * min(rush, 1.0)
    pay += r.climb * min(max(abs(w.state[i, 2] - 0.85) - 0.45, 0.0), 1.0)
    if skill == GO_TO or skill == RETURN:
        pay += r.progress * min(max(nearer, -WIDEST_STEP_M), WIDEST_STEP_M)
    elif skill != STILL:
        pay += 0.4 * r.progress * min(max(nearer, -0.06), 0.06) + r.new_floor * CELL_M * CELL_M * new_cells
    if not w.whole[i, Whole.RETURNING] and w.whole[i, Whole.INDEX] < w.whole[i, Whole.NUM_LEGS]:
        seen = w.views.values[i, w.legs[i, w.whole[i, Whole.INDEX]], F.VISIBLE] > 0
        if seen and not w.whole[i, Whole.FOUND]:
            pay += r.found
            w.whole[i, Whole.FOUND] = True
    if truly or home:
        pay += r.reached
    if w.contact[i] != NO_CONTACT:
        pay += r.contact
    w.real[i, Real.REWARD] = pay


@kernel
def _end(w: World, c: Settings, i: int, home: bool) -> None:
    """Decide whether the episode is over: 1 it came to an end, 2 it ran out of time."""
    w.whole[i, Whole.ENDED] = 0
    if c.judged:
        w.whole[i, Whole.ENDED] = 1 if w.whole[i, Whole.OUTCOME] != RUNNING else 0
        return
    finished = w.whole[i, Whole.INDEX] >= w.whole[i, Whole.NUM_LEGS] and not w.whole[i, Whole.RETURNING]
    if w.contact[i] != NO_CONTACT or w.whole[i, Whole.WRONG] or finished or home:
        w.whole[i, Whole.ENDED] = 1
        if w.whole[i, Whole.WRONG]:
            w.real[i, Real.REWARD] += c.rewards.timeout
    elif w.real[i, Real.LEG_S] > c.leg_limit_s:
        w.whole[i, Whole.ENDED] = 2
        w.real[i, Real.REWARD] += c.rewards.timeout
    if w.whole[i, Whole.ENDED] != 0:
        touched = w.contact[i] != NO_CONTACT
        w.record[i, 0] = (finished or home) and not touched and not w.whole[i, Whole.WRONG]
        w.record[i, 1], w.record[i, 2] = (
            w.whole[i, Whole.INDEX] - int(w.whole[i, Whole.WRONG]),
            w.whole[i, Whole.NUM_LEGS],
        )
        w.record[i, 3], w.record[i, 4] = w.contact[i], w.whole[i, Whole.ENDED] == 2
        w.record[i, 5], w.record[i, 6] = w.whole[i, Whole.WRONG], w.real[i, Real.TIME_S]


@kernel
def _observe(w: World, i: int, scale: Array32, bounds: tuple[Array32, Array32], out: Array32) -> None:
    """Write the navigator's normalised observation of drone `i`."""
    skill = w.whole[i, Whole.SKILL] if w.whole[i, Whole.SKILL] != STILL else 1
    write_navigator(
        skill, w.whole[i, Whole.TARGET], w.views.values[i], w.views.sectors[i], w.views.looked[i],
        w.views.routes[i],
        w.ranges[i], w.pose[i, 2], w.velocity[i], w.real[i, Real.YAW_RATE], w.action[i], out[i],
    )  # fmt: skip
    low, high = bounds
    for k in range(out.shape[1]):
        out[i, k] = min(max(out[i, k], low[k]), high[k]) / scale[k]
