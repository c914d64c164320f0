"""The fitted error model, compiled: from truth boxes to what the shipped detector would report."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.dynamics.compiled import kernel
from sim.envs.detector_noise import DetectorNoise
from sim.envs.random import Streams, between, normal, uniform

Array = NDArray[np.float64]

MEMORY_COLUMNS = 8  # object effect, miss number, other-class number, which class, 4 errors of the box
GHOST_COLUMNS = 7  # there (0 or 1), then a detection row
_EDGE = 0.004
"""Boxes nearer to the image's edge than this share of it touch it."""


@kernel
def begin_noise(streams: Streams, i: int, memory: Array, ghost: Array) -> None:
    """Start an episode: draw what lasts, memory (M, MEMORY_COLUMNS), and clear ghost (GHOST_COLUMNS,)."""
    for k in range(memory.shape[0]):
        memory[k, 0] = normal(streams, i)
        for c in range(1, 4):
            memory[k, c] = uniform(streams, i)
        for c in range(4, 8):
            memory[k, c] = normal(streams, i)
    ghost[0] = 0.0


@kernel
def apply_noise(
    boxes: Array, noise: DetectorNoise, strength: float, streams: Streams, i: int,
    memory: Array, ghost: Array, out: Array,
) -> None:  # fmt: skip
    """Write detections (M + 1, 6) of truth `boxes` (M, 6), rows of `BOX_COLUMNS`, into `out`.

    `strength` scales the odds of a miss, all other rates and the jitter. The last row is a box of
    another class on an object that is found too, or else the frame's box on no object.
    """
    count = boxes.shape[0]
    extra = out[count]
    extra[0] = -1.0
    for k in range(count):
        _refresh(noise, streams, i, memory[k])
        out[k, 0] = -1.0
        if boxes[k, 0] < 0:
            continue
        c, edge = int(boxes[k, 0]), _touches_edge(boxes[k])
        eta = miss_logit(boxes[k], noise, edge) + noise.miss_object * memory[k, 0]
        missed = memory[k, 1] * (1.0 + math.exp(-eta) / max(strength, 1e-9)) < 1.0
        alien = noise.alien_missed[c] if missed else noise.alien_found[c]
        other = memory[k, 2] < alien * strength
        if not missed:
            _write(boxes[k], noise, strength * (noise.jitter_edge if edge else 1.0), memory[k], out[k])
            out[k, 1] = _score(noise, eta, streams, i)
        if other:
            row = out[k] if missed else extra
            _write(boxes[k], noise, strength * (noise.jitter_edge if edge else 1.0), memory[k], row)
            row[0], row[1] = float(_pick(noise.alien_class[c], memory[k, 3])), _weak_score(noise, streams, i)
    _haunt(noise, strength, streams, i, ghost)
    if extra[0] < 0 and ghost[0] > 0:
        extra[:] = ghost[1:]


@kernel
def miss_logit(box: Array, noise: DetectorNoise, edge: bool) -> float:
    """The logit of the chance to miss a truth box, but for the object's own share."""
    size = 0.5 * math.log(max(box[4] * box[5], 1e-9))
    return (
        noise.miss_class[int(box[0])]
        + noise.miss_log_size * (size - math.log(0.15))
        + noise.miss_small * max(0.0, math.log(0.08) - size)
        + noise.miss_big * max(0.0, size - math.log(0.4))
        + noise.miss_hidden * (1.0 - box[1])
        + (noise.miss_edge if edge else 0.0)
    )


@kernel
def _touches_edge(box: Array) -> bool:
    x, y = 0.5 - abs(box[2] - 0.5) - box[4] / 2, 0.5 - abs(box[3] - 0.5) - box[5] / 2
    return min(x, y) < _EDGE


@kernel
def _refresh(noise: DetectorNoise, streams: Streams, i: int, m: Array) -> None:
    """Move an object's memory on by one frame."""
    if uniform(streams, i) >= noise.miss_hold:
        m[1] = uniform(streams, i)
    if uniform(streams, i) >= noise.alien_hold:
        m[2], m[3] = uniform(streams, i), uniform(streams, i)
    keep = noise.jitter_hold
    fresh = math.sqrt(1.0 - keep * keep)
    for c in range(4, 8):
        m[c] = keep * m[c] + fresh * normal(streams, i)


@kernel
def _write(box: Array, noise: DetectorNoise, sigma: float, m: Array, out: Array) -> None:
    """Copy a truth box with its errors."""
    out[0], out[1] = box[0], 1.0
    for axis in range(2):
        side = box[4 + axis]
        out[2 + axis] = box[2 + axis] + sigma * m[4 + axis] * (noise.center_rel * side + noise.center_abs)
        wider = sigma * m[6 + axis] * (noise.size_rel + noise.size_abs / max(side, 1e-3))
        out[4 + axis] = min(side * math.exp(min(max(wider, -0.5), 0.5)), 1.0)


@kernel
def _score(noise: DetectorNoise, eta: float, streams: Streams, i: int) -> float:
    logit = noise.score_bias + noise.score_eta * eta + noise.score_sigma * normal(streams, i)
    return max(1.0 / (1.0 + math.exp(-logit)), noise.confidence)


@kernel
def _weak_score(noise: DetectorNoise, streams: Streams, i: int) -> float:
    return min(noise.confidence - noise.alien_score_scale * math.log(1.0 - uniform(streams, i)), 0.9)


@kernel
def _pick(shares: Array, number: float) -> int:
    """Index of the interval of cumulated `shares` (they add up to 1) that holds `number`."""
    total = 0.0
    for c in range(shares.shape[0]):
        total += shares[c]
        if number < total:
            return c
    return shares.shape[0] - 1


@kernel
def _haunt(noise: DetectorNoise, strength: float, streams: Streams, i: int, ghost: Array) -> None:
    """Let the box on no object stay, go, or come; in the long run it is there in `false_per_frame`."""
    rate, hold = min(noise.false_per_frame * strength, 0.9), noise.false_hold
    if ghost[0] > 0 and uniform(streams, i) < hold:
        return
    ghost[0] = 1.0 if uniform(streams, i) < rate * (1.0 - hold) / (1.0 - rate * hold) else 0.0
    if ghost[0] > 0:
        ghost[1] = float(_pick(noise.false_class, uniform(streams, i)))
        ghost[2] = _weak_score(noise, streams, i)
        for axis in range(2):
            log_side = noise.false_log_side[axis] + noise.false_log_sigma[axis] * normal(streams, i)
            side = min(max(math.exp(log_side), 0.02), 1.0)
            ghost[5 + axis] = side
            ghost[3 + axis] = between(streams, i, side / 2, 1.0 - side / 2)
