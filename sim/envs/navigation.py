"""`BatchNavigation`: missions flown by the low level alone, with a perfect goal order. Batch first.

Legs chain without a reset, so go-to starts next to the object just reached and search starts wherever
the last leg ended: the states a mission really contains.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.features import MAX_AGE_S, MAX_SECTOR_M, NUM_FEATURES, NUM_HEADINGS, NUM_SECTORS, F
from reprohrl.contracts.rates import TICK_S
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import HOLD_S, is_near
from reprohrl.perception.tracker import ObjectTracker
from reprohrl.policies.normalisation import scale_observation
from reprohrl.policies.observation import ACTION_SCALE, NAVIGATOR_SPEC, navigator_observation
from sim.batched.core import MAX_OBJECTS, NO_CONTACT, BatchCore
from sim.dynamics.params import IDENTIFIED, drone_params
from sim.envs.config import NavigationConfig
from sim.envs.detector_model import corrupt
from sim.scene import Scene
from sim.tasks import make_scene

Array = NDArray[np.float64]
MAX_LEGS = 6
REACH_TRUTH_M = 0.5
_RANGE_NOISE = 0.02
_VELOCITY_NOISE_MPS = 0.04
_VELOCITY_BIAS_MPS = 0.008
_HEIGHT_NOISE_M = 0.005
_ATTITUDE_NOISE_RAD = 0.005
_YAW_RATE_NOISE_RADPS = 0.02


class BatchNavigation:
    """Steps `batch` missions. Observations are normalised; actions are fractions of the command limits."""

    observation_size = NAVIGATOR_SPEC.observation_size
    action_size = NAVIGATOR_SPEC.action_size

    def __init__(self, batch: int, config: NavigationConfig | None = None, seed: int = 0) -> None:
        self.batch = batch
        self.config = config or NavigationConfig()
        self.rng = np.random.default_rng(seed)
        self.core = BatchCore(batch)
        self.tracker = ObjectTracker(batch)
        self._pool = self._draw_pool()
        self._params = [drone_params(IDENTIFIED, self.rng, self.config.randomise) for _ in range(512)]
        self.legs = np.zeros((batch, MAX_LEGS), np.int64)
        self.num_legs = np.ones(batch, np.int64)
        self.index = np.zeros(batch, np.int64)
        self.time_s = np.zeros(batch)
        self.leg_s = np.zeros(batch)
        self.near_s = np.full(batch, -1.0)
        self.strength = np.ones(batch)
        self.forget_s = np.ones(batch)
        self.found = np.zeros(batch, bool)
        self.action = np.zeros((batch, 4), np.float32)
        self.velocity_bias = np.zeros((batch, 3))
        self.drift = np.zeros((batch, 3))
        self.detections: Array = np.full((batch, MAX_OBJECTS + 1, 6), -1.0)

    def _draw_pool(self) -> list[Scene]:
        tasks, shares = list(self.config.tasks), np.array(list(self.config.tasks.values()))
        bounds = np.rint(np.cumsum(shares / shares.sum()) * self.config.scenes).astype(int)
        return [
            make_scene(tasks[int(np.searchsorted(bounds, i, side="right"))], i, "train")
            for i in range(self.config.scenes)
        ]

    def reset(self) -> NDArray[np.float32]:
        """Start an episode everywhere; return (N, observation_size)."""
        everything = np.arange(self.batch)
        self._start(everything)
        self.ranges, self.velocity = self.core.ranges.copy(), self.core.velocity
        self.position, self.attitude = self.core.position.copy(), self.core.attitude
        self.yaw_rate = self.core.yaw_rate.copy()
        self.values = np.zeros((self.batch, NUM_GOALS, NUM_FEATURES), np.float32)
        self.sectors = np.zeros((self.batch, NUM_SECTORS), np.float32)
        self.looked = np.zeros((self.batch, NUM_HEADINGS), np.float32)
        self.go_to = np.zeros(self.batch, bool)
        self._blank(everything)
        return self.observation()

    def _start(self, rows: NDArray[np.int64]) -> None:
        c = self.config
        for i in rows:
            scene = self._pool[self.rng.integers(len(self._pool))]
            self.core.place(
                int(i), scene, self._params[self.rng.integers(len(self._params))],
                delay_substeps=int(self.rng.integers(*c.delay_substeps)),
                charge=float(self.rng.uniform(0.4, 1.0)),
            )  # fmt: skip
            self.core.position[i, 2] = self.rng.uniform(0.6, 1.1)
            self.num_legs[i] = len(scene.goals)
            self.legs[i, : len(scene.goals)] = self.rng.permutation(scene.goals)
        mask = np.zeros(self.batch, bool)
        mask[rows] = True
        self.tracker.reset(mask)
        self.index[rows], self.time_s[rows], self.leg_s[rows], self.near_s[rows] = 0, 0.0, 0.0, -1.0
        self.strength[rows] = self.rng.uniform(0.0, 1.5, len(rows))
        self.forget_s[rows] = self.rng.uniform(*c.forget_s, len(rows))
        self.found[rows], self.action[rows] = False, 0.0
        self.velocity_bias[rows] = self.rng.normal(0, _VELOCITY_BIAS_MPS, (len(rows), 3))
        self.velocity_bias[rows, 2], self.drift[rows] = 0.0, 0.0

    def _blank(self, rows: NDArray[np.int64]) -> None:
        """Set what the policy sees before the first frame of an episode: nothing but the ranges."""
        self.core.sense(rows)
        self.values[rows] = 0.0
        self.values[rows, :, F.AGE] = MAX_AGE_S
        self.sectors[rows], self.looked[rows] = MAX_SECTOR_M, 0.0
        self.ranges[rows], self.velocity[rows], self.go_to[rows] = self.core.ranges[rows], 0.0, False
        self.position[rows], self.attitude[rows] = self.core.position[rows], self.core.attitude[rows]
        self.yaw_rate[rows] = 0.0

    @property
    def goal(self) -> NDArray[np.int64]:
        """(N,) class id of each mission's current goal."""
        return self.legs[np.arange(self.batch), np.minimum(self.index, self.num_legs - 1)]

    def _observe(self) -> None:
        """Run the corrupted truth boxes through the tracker, as a frame runs through the detector."""
        core = self.core
        self.detections = corrupt(core.boxes, self.config.detector, self.strength, self.rng)
        self.ranges = core.ranges * (1 + _RANGE_NOISE * self.rng.standard_normal(core.ranges.shape))
        self._estimate()
        self.values, self.sectors, self.looked = self.tracker.update_batch(
            self.detections, self.position, self.attitude, self.position[:, 2], self.ranges, self.time_s
        )
        age = self.values[np.arange(self.batch), self.goal, F.AGE]
        self.go_to = age < np.minimum(self.forget_s, MAX_AGE_S)

    def _estimate(self) -> None:
        """Measure state as the drone does: odometry that drifts, noisy height, attitude and rates."""
        core, white = self.core, self.rng.standard_normal((self.batch, 8))
        self.velocity = core.velocity + self.velocity_bias + _VELOCITY_NOISE_MPS * white[:, :3]
        yaw = core.attitude[:, 2]
        c, s, (x, y, _) = np.cos(yaw), np.sin(yaw), self.velocity_bias.T
        self.drift[:, 0] += TICK_S * (c * x - s * y)
        self.drift[:, 1] += TICK_S * (s * x + c * y)
        self.position = core.position + self.drift
        self.position[:, 2] += _HEIGHT_NOISE_M * white[:, 3]
        self.attitude = core.attitude + _ATTITUDE_NOISE_RAD * white[:, 4:7]
        self.yaw_rate = core.yaw_rate + _YAW_RATE_NOISE_RADPS * white[:, 7]

    def observation(self) -> NDArray[np.float32]:
        """Return the navigator's normalised observation for the current goal and skill."""
        return scale_observation(NAVIGATOR_SPEC, self.observe_as(self.goal, self.go_to))

    def observe_as(self, goal: NDArray[np.int64], go_to: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The same for any goal (N,) and skill (N,), raw in its units."""
        return navigator_observation(
            self.values, self.sectors, self.looked, goal, go_to, self.ranges, self.position[:, 2],
            self.velocity, self.yaw_rate, self.action,
        )  # fmt: skip

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Array, NDArray[np.bool_], NDArray[np.bool_], list[dict[str, object]]]:
        """Fly one tick. Returns observation, reward, terminated, truncated, infos; finished drones restart.

        The info of a finished episode has `success`, `reached`, `contact`, `timeout`, `seconds`, and
        `terminal_observation`.
        """
        core, c = self.core, self.config.rewards
        n = np.arange(self.batch)
        action = np.clip(action, -1, 1).astype(np.float32)
        goal, go_to, before = self.goal, self.go_to, core.goal_distance[n, self.goal].copy()
        core.step(action.astype(np.float64) * ACTION_SCALE)
        change = action - self.action
        self.action = action
        self.time_s += TICK_S
        self.leg_s += TICK_S
        self._observe()

        after = core.goal_distance[n, goal]
        reward = np.full(self.batch, c.time)
        reward += np.where(go_to, c.progress * (before - after), 0.0)
        reward += c.smoothness * (change**2).sum(axis=1)
        reward += c.too_close * np.clip(1 - core.clearance / c.too_close_m, 0, 1)
        speed = np.linalg.norm(core.velocity, axis=1)
        reward += c.rush * speed * np.clip(1 - core.clearance / c.rush_m, 0, 1)
        height = core.position[:, 2]
        reward += c.climb * np.clip(np.abs(height - 0.85) - 0.45, 0, 1)
        seen = self.values[n, goal, F.VISIBLE] > 0
        reward += np.where(seen & ~self.found, c.found, 0.0)
        self.found |= seen

        reached = self._progress(goal)
        truly = reached & (after <= REACH_TRUTH_M)
        reward += c.reached * truly
        contact = core.contact != NO_CONTACT
        reward += c.contact * contact
        finished = (self.index >= self.num_legs) & ~contact
        wrong = reached & ~truly & ~contact
        timeout = (self.leg_s > self.config.leg_limit_s) & ~contact & ~finished
        reward += c.timeout * (timeout | wrong)
        terminated = contact | finished | wrong
        return self._finish(terminated, timeout & ~terminated, contact, wrong, reward)

    def _progress(self, goal: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Advance missions whose goal was held near, by the on-board judgement; return which."""
        near = is_near(self.values, self.ranges, goal)
        self.near_s = np.where(near, np.where(self.near_s < 0, 0.0, self.near_s + TICK_S), -1.0)
        reached = self.near_s >= HOLD_S - 1e-6
        self.index += reached
        self.leg_s[reached], self.near_s[reached], self.found[reached] = 0.0, -1.0, False
        age = self.values[np.arange(self.batch), self.goal, F.AGE]
        self.go_to = age < np.minimum(self.forget_s, MAX_AGE_S)
        return reached

    def _finish(
        self,
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        contact: NDArray[np.bool_],
        wrong: NDArray[np.bool_],
        reward: Array,
    ) -> tuple[NDArray[np.float32], Array, NDArray[np.bool_], NDArray[np.bool_], list[dict[str, object]]]:
        infos: list[dict[str, object]] = [{} for _ in range(self.batch)]
        ended = np.flatnonzero(terminated | truncated)
        observation = self.observation()
        for i in ended:
            infos[i] = {
                "terminal_observation": observation[i].copy(),
                "success": bool(self.index[i] >= self.num_legs[i]) and not contact[i] and not wrong[i],
                "reached": int(self.index[i]) - int(wrong[i]),
                "legs": int(self.num_legs[i]),
                "contact": int(self.core.contact[i]) if contact[i] else None,
                "timeout": bool(truncated[i]),
                "wrong": bool(wrong[i]),
                "seconds": float(self.time_s[i]),
            }
        if len(ended):
            self._start(ended)
            self._blank(ended)
            observation = self.observation()
        return observation, reward, terminated, truncated, infos
