"""How rooms and solids look: light walls, mostly plain, and solids that stand out from them."""

from __future__ import annotations

import numpy as np

from sim.scene import NUM_TEXTURES, Light, Room, SceneObject, Surface

PALETTE = (
    (0.80, 0.12, 0.10),
    (0.10, 0.48, 0.16),
    (0.10, 0.22, 0.75),
    (0.70, 0.50, 0.08),
    (0.45, 0.14, 0.55),
    (0.80, 0.34, 0.06),
    (0.08, 0.46, 0.50),
    (0.40, 0.24, 0.12),
    (0.16, 0.16, 0.18),
)
"""Colours of goals and obstacles alike, so that colour alone tells nothing."""

MIN_CONTRAST = 0.22
"""Least difference in brightness between a solid and the walls: what a grey camera cannot tell apart,
no detector finds."""

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_PLAIN, _GRAIN = 0, 4
_TINT_SIGMA = 0.04


def draw_room(size: tuple[float, float, float], rng: np.random.Generator) -> Room:
    """Return a room with light walls of one brightness, a lighter ceiling and a darker floor."""
    level = float(rng.uniform(0.62, 0.88))
    walls = [_surface(level, _texture(rng, patterned=0.3), rng) for _ in range(4)]
    ceiling = _surface(float(rng.uniform(0.75, 0.95)), _texture(rng, patterned=0.1), rng)
    floor = _surface(float(rng.uniform(0.3, 0.65)), _texture(rng, patterned=0.6), rng)
    return Room(size, (walls[0], walls[1], walls[2], walls[3], ceiling, floor))


class Painter:
    """Paints the solids of one room."""

    def __init__(self, room: Room) -> None:
        self._wall = min(_luma(s.color) for s in room.surfaces[:4])

    def __call__(self, item: SceneObject, rng: np.random.Generator) -> SceneObject:
        """Return `item` in a colour that stands out from the walls, two times in three without a pattern."""
        base = PALETTE[int(rng.integers(len(PALETTE)))]
        shift = rng.standard_normal(3).tolist()
        r, g, b = (min(max(c + _TINT_SIGMA * d, 0.03), 0.95) for c, d in zip(base, shift, strict=True))
        luma = _luma((r, g, b))
        if self._wall - luma < MIN_CONTRAST:
            darker = max(self._wall - MIN_CONTRAST, 0.1) / luma
            r, g, b = r * darker, g * darker, b * darker
        texture = _texture(rng, patterned=0.33)
        scale = 0.7 + (2.5 - 0.7) * float(rng.random())
        return SceneObject(
            item.class_id, item.shape, item.position, item.half, item.yaw, (r, g, b), texture, scale
        )


def draw_light(rng: np.random.Generator) -> Light:
    """Return a lamp below the ceiling and its ambient level."""
    x, y = rng.uniform(-1.2, 1.2, 2)
    return Light(
        (float(x), float(y), float(rng.uniform(2.0, 2.4))),
        intensity=float(rng.uniform(0.6, 1.3)),
        ambient=float(rng.uniform(0.25, 0.55)),
    )


def draw_light_in_either(rng: np.random.Generator) -> Light:
    """Return a lamp in one of two rooms that lie side by side along x; the other room lives on ambient."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    x, y = side * rng.uniform(0.8, 3.2), rng.uniform(-1.2, 1.2)
    return Light(
        (float(x), float(y), float(rng.uniform(2.0, 2.4))),
        intensity=float(rng.uniform(0.6, 1.3)),
        ambient=float(rng.uniform(0.4, 0.65)),
    )


def _texture(rng: np.random.Generator, *, patterned: float) -> int:
    """Return a texture index: any with probability `patterned`, else plain or grain."""
    if rng.random() < patterned:
        return int(rng.integers(NUM_TEXTURES))
    return _PLAIN if rng.random() < 0.6 else _GRAIN


def _surface(level: float, texture: int, rng: np.random.Generator) -> Surface:
    r, g, b = (min(max(level + _TINT_SIGMA * d, 0.1), 0.97) for d in rng.standard_normal(3).tolist())
    return Surface((r, g, b), texture, 0.4 + (1.5 - 0.4) * float(rng.random()))


def _luma(color: tuple[float, float, float]) -> float:
    """Return the brightness of a colour; the same sum on every machine."""
    return _LUMA[0] * color[0] + _LUMA[1] * color[1] + _LUMA[2] * color[2]
