"""The start of an episode, and what a drone senses at each frame. Compiled, one drone at a time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.state import MAX_RANGE_M
from reprohrl.mission.reach import DRONE_RADIUS_M
from reprohrl.perception.memory import forget
from reprohrl.perception.routes import Grid
from reprohrl.perception.tracker import blank, track
from sim.batched.tick import NO_CONTACT, sense
from sim.dynamics.compiled import kernel
from sim.dynamics.layout import S
from sim.dynamics.step import hover_state
from sim.envs.config import Settings
from sim.envs.detector_model import begin_errors, detect
from sim.envs.noisy_boxes import apply_noise, begin_noise
from sim.envs.pool import Pool
from sim.envs.random import between, integer, normal, uniform
from sim.envs.world import RUNNING, Real, Whole, World
from sim.movers import move

Array = NDArray[np.float64]
Scratch = tuple[Array, tuple[Grid, Grid, Grid, Grid]]


@kernel
def begin(
    w: World, pool: Pool, c: Settings, i: int, scene: int, camera: Array, lens: Array, scratch: Scratch
) -> None:
    """Put drone `i` hovering at the start of a scene of the pool, with its mission before it."""
    w.whole[i, Whole.SCENE] = scene
    w.objects[i] = pool.objects[scene]
    w.count[i] = pool.count[scene]
    w.half_room[i] = pool.half_room[scene]
    w.movers[i] = pool.movers[scene]
    w.whole[i, Whole.MOVER_COUNT] = pool.mover_count[scene]
    w.params[i] = pool.drones[integer(w.streams, i, pool.drones.shape[0])]
    w.delay[i] = int(between(w.streams, i, c.delay_low, c.delay_high))
    w.commands[i] = 0.0
    x, y, z, yaw = pool.start[scene]
    if not c.judged:
        z = between(w.streams, i, 0.6, 1.1)
    hover_state(w.state[i], x, y, z, yaw, between(w.streams, i, 0.4, 1.0), w.params[i])
    w.contact[i] = NO_CONTACT
    _begin_mission(w, pool, c, i, scene)
    w.real[i, Real.STRENGTH] = between(w.streams, i, c.strength_low, c.strength_high)
    begin_errors(w.streams, i, c.errors, w.missed[i], w.alike[i])
    begin_noise(w.streams, i, w.noise[i], w.ghost[i])
    w.whole[i, Whole.FITTED] = uniform(w.streams, i) < c.fitted_share
    bias = c.noise.velocity_bias_mps
    w.real[i, Real.BIAS_X], w.real[i, Real.BIAS_Y] = bias * normal(w.streams, i), bias * normal(w.streams, i)
    w.real[i, Real.DRIFT_X], w.real[i, Real.DRIFT_Y] = 0.0, 0.0
    forget(w.memory, i)
    blank(w.views, i)
    w.detections[i, :, 0] = -1.0
    count = w.count[i]
    sense(
        w.state[i], w.objects[i, :count], w.half_room[i], camera, DRONE_RADIUS_M, scratch[0],
        w.rotation[i], w.boxes[i], w.true_ranges[i], w.goal_distance[i],
    )  # fmt: skip
    w.pose[i, :3] = w.state[i, S.POS : S.POS + 3]
    w.pose[i, 3], w.pose[i, 4], w.pose[i, 5] = 0.0, 0.0, yaw
    w.velocity[i], w.real[i, Real.YAW_RATE] = 0.0, 0.0
    w.ranges[i] = w.true_ranges[i]
    w.real[i, Real.HOME_X], w.real[i, Real.HOME_Y] = w.pose[i, 0], w.pose[i, 1]
    w.real[i, Real.TRUE_HOME_X], w.real[i, Real.TRUE_HOME_Y] = w.pose[i, 0], w.pose[i, 1]
    w.whole[i, Whole.IN_VIEW] = False
    for k in range(count):
        if w.boxes[i, k, 0] == w.legs[i, 0]:
            w.whole[i, Whole.IN_VIEW] = True
    perceive(w, c, i, lens, scratch)


@kernel
def _begin_mission(w: World, pool: Pool, c: Settings, i: int, scene: int) -> None:
    goals = pool.num_goals[scene]
    w.legs[i] = pool.goals[scene]
    if not c.judged:
        for k in range(goals - 1, 0, -1):
            j = integer(w.streams, i, k + 1)
            w.legs[i, k], w.legs[i, j] = w.legs[i, j], w.legs[i, k]
    w.whole[i, Whole.NUM_LEGS] = goals
    w.whole[i, Whole.ABSENT] = pool.absent[scene]
    (
        w.whole[i, Whole.INDEX],
        w.real[i, Real.TIME_S],
        w.real[i, Real.LEG_S],
        w.real[i, Real.NEAR_S],
        w.whole[i, Whole.TICK],
    ) = 0, 0.0, 0.0, -1.0, 0
    w.whole[i, Whole.RETURNING], w.whole[i, Whole.FOUND], w.whole[i, Whole.WRONG] = False, False, False
    w.whole[i, Whole.GOES_HOME] = not c.judged and uniform(w.streams, i) < c.home_share
    w.whole[i, Whole.STRAY] = uniform(w.streams, i) < c.stray_share
    w.real[i, Real.FORGET_S] = between(w.streams, i, c.forget_low_s, c.forget_high_s)
    w.whole[i, Whole.SKILL], w.whole[i, Whole.TARGET] = 1, w.legs[i, 0]
    w.action[i] = 0.0
    (
        w.whole[i, Whole.OUTCOME],
        w.whole[i, Whole.REACHED],
        w.real[i, Real.TRUE_NEAR_S],
        w.real[i, Real.TRUE_LEG_S],
    ) = RUNNING, 0, -1.0, 0.0
    w.real[i, Real.PATH_M], w.whole[i, Whole.SWITCHES] = 0.0, 0
    w.leg_times[i] = 0.0


@kernel
def perceive(w: World, c: Settings, i: int, lens: Array, scratch: Scratch) -> int:
    """Run the corrupted truth boxes of drone `i` through the tracker, as a frame runs through the detector.

    Returns the number of floor cells the camera had not looked at before.
    """
    strength = w.real[i, Real.STRENGTH]
    if w.whole[i, Whole.FITTED]:
        apply_noise(w.boxes[i], c.fitted, strength, w.streams, i, w.noise[i], w.ghost[i], w.detections[i])
    else:
        detect(w.boxes[i], c.errors, strength, w.streams, i, w.missed[i], w.alike[i], w.detections[i])
    for k in range(5):
        measured = w.true_ranges[i, k] * (1 + c.noise.range_ratio * normal(w.streams, i))
        w.ranges[i, k] = MAX_RANGE_M if w.true_ranges[i, k] >= MAX_RANGE_M else min(measured, MAX_RANGE_M)
    _estimate(w, c, i)
    return track(
        w.memory, w.views, i, w.detections[i], w.pose[i], w.pose[i, 2], w.ranges[i], w.real[i, Real.TIME_S],
        lens, scratch[1],
    )  # fmt: skip


@kernel
def _estimate(w: World, c: Settings, i: int) -> None:
    """Measure state as the drone does: odometry that drifts, noisy height, attitude and rates."""
    n, s, r = c.noise, w.state[i], w.rotation[i]
    yaw = math.atan2(r[1, 0], r[0, 0])
    cy, sy = math.cos(yaw), math.sin(yaw)
    vx, vy = s[S.VEL], s[S.VEL + 1]
    w.velocity[i, 0] = cy * vx + sy * vy + w.real[i, Real.BIAS_X] + n.velocity_mps * normal(w.streams, i)
    w.velocity[i, 1] = -sy * vx + cy * vy + w.real[i, Real.BIAS_Y] + n.velocity_mps * normal(w.streams, i)
    w.velocity[i, 2] = s[S.VEL + 2] + n.velocity_mps * normal(w.streams, i)
    w.real[i, Real.DRIFT_X] += TICK_S * (cy * w.real[i, Real.BIAS_X] - sy * w.real[i, Real.BIAS_Y])
    w.real[i, Real.DRIFT_Y] += TICK_S * (sy * w.real[i, Real.BIAS_X] + cy * w.real[i, Real.BIAS_Y])
    w.pose[i, 0], w.pose[i, 1] = s[S.POS] + w.real[i, Real.DRIFT_X], s[S.POS + 1] + w.real[i, Real.DRIFT_Y]
    w.pose[i, 2] = s[S.POS + 2] + n.height_m * normal(w.streams, i)
    w.pose[i, 3] = math.atan2(r[2, 1], r[2, 2]) + n.attitude_rad * normal(w.streams, i)
    w.pose[i, 4] = -math.asin(min(max(r[2, 0], -1.0), 1.0)) + n.attitude_rad * normal(w.streams, i)
    w.pose[i, 5] = yaw + n.attitude_rad * normal(w.streams, i)
    w.real[i, Real.YAW_RATE] = s[S.RATE + 2] + n.yaw_rate_radps * normal(w.streams, i)


@kernel
def move_solids(w: World, i: int) -> None:
    """Put the moving solids of drone `i`'s scene where they are at the end of this tick."""
    if w.whole[i, Whole.MOVER_COUNT] > 0:
        move(w.objects[i], w.movers[i, : w.whole[i, Whole.MOVER_COUNT]], w.real[i, Real.TIME_S] + TICK_S)
