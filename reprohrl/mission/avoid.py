"""Keeping away from what the mission says to avoid: a limiter of velocity commands, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, VelocityCommand
from reprohrl.contracts.features import MAX_AGE_S, NUM_SECTORS, F, ObjectFeatures
from reprohrl.contracts.orders import Avoid
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.mission.reach import DRONE_RADIUS_M, NOMINAL_RADIUS_M

GAIN_PER_S = 0.8
"""Speed toward a thing is at most this times what is left of the distance: it stops within the lag of the
velocity loop and the link."""

MARGIN_M = 0.12
"""Kept beyond the distance asked for: remembered places are that wrong."""

BACK_MPS = 0.25
"""Greatest speed away from a thing that came too near."""

AROUND_MPS = 0.25
"""Greatest speed round a thing that is in the way."""

FREE_M = 0.55
"""What has to be free to the side for that."""

_ROUNDS = 4


def keep_away(
    command: VelocityCommand,
    features: ObjectFeatures,
    avoid: Sequence[Avoid],
    solids: Sequence[tuple[float, float]] = (),
) -> VelocityCommand:
    """Return the command without what would bring the drone too near to the things to avoid.

    Speed toward each known thing is limited by what is left of its distance; nearer than that, the command
    backs off. What is cut off goes sideways, round the thing, where that side is free. Horizontal speed
    never grows but to back off. Without anything to avoid the command is returned as it is.
    `solids`: bearing [rad] and distance [m] to the side of each obstacle seen, of `SeenSolids`.
    """
    if not avoid or not command.is_finite():
        return command
    things = [thing for a in avoid for thing in _things(features, a, solids)]
    vx, vy = command.vx, command.vy
    for bearing, gap in things:
        vx, vy = _round(vx, vy, bearing, gap, features)
    for _ in range(_ROUNDS):
        for bearing, gap in things:
            vx, vy = _cut(vx, vy, bearing, _allowed(gap))
    if any(_toward(vx, vy, bearing) > max(_allowed(gap), 0.0) + 1e-6 for bearing, gap in things):
        vx, vy = 0.0, 0.0  # between things: nowhere to go
    scale = min(1.0, MAX_VX_MPS / max(abs(vx), 1e-9), MAX_VY_MPS / max(abs(vy), 1e-9))
    vx, vy = scale * vx, scale * vy
    if (vx, vy) == (command.vx, command.vy):
        return command
    return replace(command, vx=vx, vy=vy)


def _things(
    features: ObjectFeatures, avoid: Avoid, solids: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return (bearing [rad], metres to spare) of each known thing of a class, in the body frame."""
    keep = avoid.distance_m + MARGIN_M
    if avoid.what < NUM_GOALS:
        row = features.values[avoid.what]
        if row[F.AGE] >= MAX_AGE_S:
            return []
        gap = float(row[F.RANGE]) - float(NOMINAL_RADIUS_M[avoid.what]) - DRONE_RADIUS_M
        return [(float(row[F.BEARING]), gap - keep)]
    return [(bearing, distance - DRONE_RADIUS_M - keep) for bearing, distance in solids]


def _allowed(gap: float) -> float:
    """Return the greatest speed [m/s] toward a thing with `gap` metres to spare; below 0 backs off."""
    return GAIN_PER_S * gap if gap >= 0.0 else max(GAIN_PER_S * gap, -BACK_MPS)


def _toward(vx: float, vy: float, bearing: float) -> float:
    return vx * math.cos(bearing) + vy * math.sin(bearing)


def _cut(vx: float, vy: float, bearing: float, allowed: float) -> tuple[float, float]:
    """Take from a velocity what is over `allowed` in the direction of `bearing`."""
    over = _toward(vx, vy, bearing) - allowed
    if over <= 0.0:
        return vx, vy
    return vx - over * math.cos(bearing), vy - over * math.sin(bearing)


def _round(vx: float, vy: float, bearing: float, gap: float, features: ObjectFeatures) -> tuple[float, float]:
    """Cut one thing's share and put it to the side that is already meant, else to the freer one."""
    toward, allowed = _toward(vx, vy, bearing), max(_allowed(gap), 0.0)
    over = toward - allowed
    if over <= 0.0:
        return vx, vy
    cut_x, cut_y = _cut(vx, vy, bearing, allowed)
    left = -vx * math.sin(bearing) + vy * math.cos(bearing)
    side = math.copysign(1.0, left) if abs(left) > 0.02 else _freer(features, bearing)
    across = bearing + side * 0.5 * math.pi
    if _clear(features, across) < FREE_M:
        return cut_x, cut_y
    room = math.sqrt(max(vx * vx + vy * vy - cut_x * cut_x - cut_y * cut_y, 0.0))
    extra = max(min(over, AROUND_MPS, room) - abs(left), 0.0)
    return cut_x + extra * math.cos(across), cut_y + extra * math.sin(across)


def _freer(features: ObjectFeatures, bearing: float) -> float:
    """Return 1 to go round on the left of a thing, -1 on its right."""
    left, right = (_clear(features, bearing + s * 0.5 * math.pi) for s in (1.0, -1.0))
    return 1.0 if left >= right else -1.0


def _clear(features: ObjectFeatures, bearing: float) -> float:
    """Return the distance [m] to the nearest remembered solid thing about a bearing."""
    middle = round(bearing * NUM_SECTORS / (2 * math.pi))
    return float(min(features.sectors[(middle + d) % NUM_SECTORS] for d in (-1, 0, 1)))
