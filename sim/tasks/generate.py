"""`make_scene`: a scene is a function of task, split and seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import NUM_GOALS
from sim.looks import Painter, draw_light, draw_light_in_either, draw_room
from sim.scene import Scene
from sim.tasks.cells import TASKS, Split, TaskSpec, check_task, parse_task
from sim.tasks.rooms import Plan, one_room, room_with_walker, two_rooms

_ATTEMPTS = 200


def make_scene(task: str, seed: int, split: Split = "test", *, goals: tuple[int, ...] | None = None) -> Scene:
    """Return the scene of `task` for a seed; the same arguments always give the same scene.

    `split` is part of the random stream, so no test scene can be a train scene. `goals` (class ids)
    overrides the drawn goals; the scene then holds these and the mission visits them in this order
    (in XA: it holds others, and these are not there).
    """
    name, spec = check_task(task), parse_task(task)
    if seed < 0:
        raise UserError(f"seed {seed} is negative", why="seeds count from 0", fix="--seed 0")
    stream = [TASKS.index(name), 0 if split == "train" else 1, seed]
    for attempt in range(_ATTEMPTS):
        rng = np.random.default_rng([*stream, attempt])
        commanded, there = _draw_goals(spec, goals, rng)
        plan = _draw_plan(spec, there, rng)
        if plan is not None:
            return _dress(name, seed, commanded, plan, rng)
    raise UserError(
        f"no room for {goals} in task {task}",
        why=f"{_ATTEMPTS} random layouts failed",
        fix="ask for fewer goals",
    )


def _draw_goals(
    spec: TaskSpec, goals: tuple[int, ...] | None, rng: np.random.Generator
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the classes commanded, in order, and those of the goal objects that are there."""
    if goals is None:
        classes = tuple(int(g) for g in rng.permutation(NUM_GOALS)[: spec.goals + spec.decoys])
        commanded = classes[: spec.goals]
        return commanded, classes[spec.goals :] if spec.absent else classes
    if not spec.absent:
        return goals, tuple(dict.fromkeys(goals))
    others = [int(g) for g in rng.permutation(NUM_GOALS) if g not in goals]
    return goals, tuple(others[: spec.decoys])


def _draw_plan(spec: TaskSpec, there: tuple[int, ...], rng: np.random.Generator) -> Plan | None:
    if spec.rooms == 2:
        return two_rooms(spec, there, rng)
    return room_with_walker(spec, there, rng) if spec.moving else one_room(spec, there, rng)


def _dress(task: str, seed: int, goals: tuple[int, ...], plan: Plan, rng: np.random.Generator) -> Scene:
    """Paint what was placed, and light it."""
    room = draw_room(plan.size, rng)
    paint = Painter(room)
    wall = room.surfaces[0]
    objects = tuple(
        replace(o, color=wall.color, texture=wall.texture, texture_scale=wall.texture_scale)
        if o.is_wall
        else paint(o, rng)
        for o in plan.objects
    )
    light = draw_light_in_either(rng) if plan.doorways else draw_light(rng)
    return Scene(task, seed, room, objects, light, plan.start, goals, plan.movers, plan.doorways)
