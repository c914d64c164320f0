"""`BatchNavigation`: many missions flown at once, for training and for the benchmark. Batch first.

Legs chain without a reset, so go-to starts next to the object just reached and search starts wherever
the last leg ended: the states a mission really contains.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.perception.bearing import lens_row
from reprohrl.policies.normalisation import bounds
from reprohrl.policies.observation import GO_TO, NAVIGATOR_SPEC
from sim.batched.core import BatchCore
from sim.batched.threads import default_threads, run_rows
from sim.batched.tick import NO_CONTACT
from sim.envs.config import NavigationConfig
from sim.envs.pool import draw_scenes, make_pool
from sim.envs.random import new_streams
from sim.envs.tick import begin_rows, step_rows
from sim.envs.world import RUNNING, Real, Whole, new_world
from sim.scene import Scene
from sim.tasks import make_scene

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]
Step = tuple[Array32, Array, NDArray[np.bool_], NDArray[np.bool_], list[dict[str, object]]]

Episode = tuple[str, int] | tuple[str, int, Literal["train", "test"]]


class BatchNavigation:
    """Steps `batch` missions. Observations are normalised; actions are fractions of the command limits.

    Arrays, drone first, refreshed by `reset` and `step`: what the policies see (`values`, `sectors`,
    `looked`, `routes`), what the drone measures (`ranges`, `position`, `attitude`, `velocity`, `yaw_rate`,
    `detections`), the mission as judged on board (`goal`, `index`, `num_legs`, `leg_s`, `time_s`,
    `returning`), the active option (`skill`, `target`), and the truth (`outcome`, `reached`, `path_m`,
    `leg_times_s`, `in_view`). A drone's numbers depend on the seed and its row alone.

    With `episodes` (task, seed, and split unless it is the test split) row i flies episode i once, judged
    by the benchmark's rule, and then rests (`over`).
    """

    observation_size = NAVIGATOR_SPEC.observation_size
    action_size = NAVIGATOR_SPEC.action_size

    def __init__(
        self,
        batch: int,
        config: NavigationConfig | None = None,
        seed: int = 0,
        *,
        episodes: Sequence[Episode] = (),
        by_rule: bool = True,
    ) -> None:
        if episodes and len(episodes) != batch:
            raise ValueError(f"{len(episodes)} episodes for {batch} drones")
        self.batch, self.by_rule = batch, by_rule
        self.config = config or NavigationConfig()
        self.core = BatchCore(batch)
        self.pool_scenes = (
            [make_scene(*episode) for episode in episodes] if episodes else draw_scenes(self.config)
        )
        self._pool = make_pool(
            self.pool_scenes, self.config.randomise, np.random.default_rng(seed), self.config.profile
        )
        self._settings = self.config.settings(judged=bool(episodes))
        self.world = new_world(self.core, seed)
        self._first_scene = np.full(batch, -1, np.int64)
        if episodes:
            self._first_scene = np.arange(batch)
            self.world.streams[:] = [new_streams(1, seed * 1_000_003 + e[1])[0] for e in episodes]
        low, high, self._scale = bounds(NAVIGATOR_SPEC.observation)
        self._bounds = (low, high)
        self._lens = lens_row(AI_DECK)
        self._observation = np.zeros((batch, self.observation_size), np.float32)
        self._terminal = np.zeros((batch, self.observation_size), np.float32)
        self._threads = self.config.threads or default_threads(batch)
        self._share()

    def _share(self) -> None:
        """Name the arrays of the world that agents read."""
        w = self.world
        self.values, self.sectors, self.looked, self.routes = w.views
        self.position, self.attitude = w.pose[:, :3], w.pose[:, 3:]
        self.velocity, self.ranges, self.detections = w.velocity, w.ranges, w.detections
        self.legs, self.action, self.leg_times_s = w.legs, w.action, w.leg_times
        self.yaw_rate, self.path_m = w.real[:, Real.YAW_RATE], w.real[:, Real.PATH_M]
        self.time_s = self.duration_s = w.real[:, Real.TIME_S]
        self.leg_s = w.real[:, Real.LEG_S]
        self.index, self.num_legs = w.whole[:, Whole.INDEX], w.whole[:, Whole.NUM_LEGS]
        self.skill, self.target = w.whole[:, Whole.SKILL], w.whole[:, Whole.TARGET]
        self.outcome, self.goals_reached = w.whole[:, Whole.OUTCOME], w.whole[:, Whole.REACHED]
        self.switches = w.whole[:, Whole.SWITCHES]

    @property
    def in_view(self) -> NDArray[np.bool_]:
        """(N,) whether the first goal was in view when the episode began."""
        return self.world.whole[:, Whole.IN_VIEW] > 0

    @property
    def returning(self) -> NDArray[np.bool_]:
        """(N,) whether the drone is on its way home."""
        return self.world.whole[:, Whole.RETURNING] > 0

    @property
    def absent(self) -> NDArray[np.bool_]:
        """(N,) whether a commanded goal is truly not there."""
        return self.world.whole[:, Whole.ABSENT] > 0

    @property
    def goal(self) -> NDArray[np.int64]:
        """(N,) class id of each mission's current goal."""
        return self.legs[np.arange(self.batch), np.minimum(self.index, self.num_legs - 1)]

    @property
    def go_to(self) -> NDArray[np.bool_]:
        """(N,) whether the active option is to fly to the goal."""
        return self.skill == GO_TO

    @property
    def scenes(self) -> list[Scene]:
        """The scene each drone is in."""
        return [self.pool_scenes[k] for k in self.world.whole[:, Whole.SCENE]]

    def scene_of(self, i: int) -> Scene:
        """Return the scene drone `i` is in."""
        return self.pool_scenes[self.world.whole[i, Whole.SCENE]]

    @property
    def over(self) -> NDArray[np.bool_]:
        """(N,) whether the episode of each row is over; only with `episodes`."""
        return self.outcome != RUNNING

    def reset(self) -> Array32:
        """Start an episode everywhere; return (N, observation_size)."""
        self.begin(np.ones(self.batch, bool))
        return self._observation

    def begin(self, which: NDArray[np.bool_]) -> None:
        """Start an episode for the drones `which` (N,)."""
        w = self.world
        run_rows(
            begin_rows, self.batch, self._threads, which,
            w, self._pool, self._settings, self.core.substeps, self.core.lens, self._lens,
            self._scale, self._bounds, self._observation, self._first_scene,
        )  # fmt: skip

    def reseed(self, seed: int) -> None:
        """Restart all random streams from `seed`; call `reset` next."""
        self.world.streams[:] = new_streams(self.batch, seed)

    def declare_absent(self, which: NDArray[np.bool_]) -> None:
        """Give up the current goal of drones `which` (N,): it is not here. They are to fly home."""
        new = which & ~self.returning & (self.index < self.num_legs)
        self.world.whole[new, Whole.RETURNING] = 1
        self.leg_s[new] = 0.0

    def set_options(self, skill: NDArray[np.int64], target: NDArray[np.int64]) -> None:
        """Follow these options, indices into `SKILLS` and goal class ids (N,), until the next call."""
        self.switches += (skill != self.skill) | ((skill == GO_TO) & (target != self.target))
        self.skill[:], self.target[:] = skill, target

    def observation(self) -> Array32:
        """Return the navigator's normalised observation (N, observation_size) as of the last step."""
        return self._observation

    def step(self, action: Array32) -> Step:
        """Fly one tick. Returns observation, reward, terminated, truncated, infos; finished drones restart.

        The info of a finished episode has `success`, `reached`, `legs`, `contact`, `timeout`, `wrong`,
        `seconds`, and `terminal_observation`.
        """
        w = self.world
        run_rows(
            step_rows, self.batch, self._threads,
            np.ascontiguousarray(action, np.float32), self.by_rule, w, self._pool, self._settings,
            self.core.substeps, self.core.lens, self._lens, self._scale, self._bounds, self._observation,
            self._terminal,
        )  # fmt: skip
        ended = w.whole[:, Whole.ENDED]
        infos: list[dict[str, object]] = [{} for _ in range(self.batch)]
        for i in np.flatnonzero(ended):
            infos[i] = self._info(int(i))
        return self._observation, w.real[:, Real.REWARD].copy(), ended == 1, ended == 2, infos

    def _info(self, i: int) -> dict[str, object]:
        success, reached, legs, contact, timeout, wrong, seconds = self.world.record[i]
        return {
            "terminal_observation": self._terminal[i].copy(),
            "success": bool(success),
            "reached": int(reached),
            "legs": int(legs),
            "contact": int(contact) if contact != NO_CONTACT else None,
            "timeout": bool(timeout),
            "wrong": bool(wrong),
            "seconds": float(seconds),
        }
