"""`fly_batch`: the same test episodes for every agent, all at once, judged by the simulator's truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.rates import TICK_HZ, TICK_S
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.evaluation.judge import HOLD_S, REACH_M, Outcome
from reprohrl.evaluation.spec import EpisodeResult
from sim.batched.tick import CONTACT_FLOOR, CONTACT_WALL, NO_CONTACT
from sim.envs.agents import BatchAgent
from sim.envs.config import rung_config
from sim.envs.navigation import BatchNavigation
from sim.scene import Scene
from sim.shortest import shortest_m

_LIMIT_TICKS = int(60 * TICK_HZ)
"""Per goal, and for the way home."""

_OUTCOMES: tuple[Outcome, ...] = (
    Outcome.RUNNING,
    Outcome.SUCCESS,
    Outcome.TIMEOUT,
    Outcome.COLLISION_WALL,
    Outcome.COLLISION_FLOOR,
    Outcome.COLLISION_OBSTACLE,
    Outcome.COLLISION_GOAL,
    Outcome.WRONG_GOAL,
    Outcome.UNFINISHED,
    Outcome.WRONGLY_ABSENT,
)
"""By the codes of `sim.envs.world`."""


def fly_batch(
    agent: BatchAgent,
    task: str,
    seeds: Sequence[int],
    rung: str = "R1",
    *,
    watch: Callable[[BatchNavigation], None] | None = None,
) -> list[EpisodeResult]:
    """Return what came of test episodes `seeds` of `task`, in their order, each as if flown alone.

    `agent` is made for `len(seeds)` rows. `rung` is "R0" or "R1". `watch(world)` follows every tick. An
    agent with an attribute `absent` (N,) declares with it that the current goal is not there.
    """
    rows = np.arange(len(seeds))
    world = BatchNavigation(
        len(seeds), rung_config(rung), episodes=[(task, int(s)) for s in seeds], by_rule=False
    )
    world.reset()
    agent.reset(rows, np.asarray(seeds, np.int64))
    visits = _Visits(len(seeds))
    for _ in range(_LIMIT_TICKS * (int(world.num_legs.max(initial=1)) + 1)):
        action = agent.act(world)
        absent = getattr(agent, "absent", None)
        if absent is not None:
            world.declare_absent(absent & ~world.over)
        running = ~world.over
        world.step(action)
        visits.note(world, running)
        if watch is not None:
            watch(world)
        if world.over.all():
            break
    return [_result(world, visits, i, task, int(seeds[i])) for i in rows]


class _Visits:
    """Which commanded goals were stayed near in whichever order, and when a goal was declared absent."""

    def __init__(self, batch: int) -> None:
        self._near_s = np.full((batch, NUM_GOALS), -TICK_S)
        self._seen = np.zeros((batch, NUM_GOALS), bool)
        self.declared_s = np.full(batch, np.nan)

    def note(self, world: BatchNavigation, running: NDArray[np.bool_]) -> None:
        near = world.core.goal_distance <= REACH_M
        self._near_s = np.where(near, self._near_s + TICK_S, -TICK_S)
        self._seen |= running[:, None] & (self._near_s >= HOLD_S - 1e-6)
        new = running & world.returning & (world.index < world.num_legs) & np.isnan(self.declared_s)
        self.declared_s[new] = world.time_s[new]

    def any_order(self, i: int, goals: Sequence[int]) -> int:
        return int(self._seen[i, sorted(set(goals))].sum())


def _result(world: BatchNavigation, visits: _Visits, i: int, task: str, seed: int) -> EpisodeResult:
    scene, reached = world.scene_of(int(i)), int(world.goals_reached[i])
    outcome = _OUTCOMES[int(world.outcome[i])]
    outcome = Outcome.UNFINISHED if outcome is Outcome.RUNNING else outcome
    path_m, least_m = float(world.path_m[i]), shortest_m(scene)
    efficiency = least_m / max(least_m, path_m) if least_m > 0 else 1.0
    return EpisodeResult(
        task=task,
        seed=seed,
        outcome=outcome,
        goals=int(world.num_legs[i]),
        goals_reached=reached,
        goal_in_view=bool(world.in_view[i]),
        duration_s=round(float(world.duration_s[i]), 3),
        leg_times_s=tuple(round(float(t), 3) for t in world.leg_times_s[i, :reached]),
        path_m=round(path_m, 3),
        spl=round(efficiency, 4) if outcome is Outcome.SUCCESS else 0.0,
        contact=_contact_name(scene, int(world.core.contact[i])),
        option_switches=int(world.switches[i]),
        any_order=visits.any_order(i, scene.goals),
        declared_s=None if np.isnan(visits.declared_s[i]) else round(float(visits.declared_s[i]), 3),
    )


def _contact_name(scene: Scene, code: int) -> str:
    if code == NO_CONTACT:
        return ""
    if code in (CONTACT_WALL, CONTACT_FLOOR):
        return "wall" if code == CONTACT_WALL else "floor"
    return str(scene.objects[code].contact_name)
