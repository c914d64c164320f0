"""Let the fitted model look at the truth of measured flights, to compare it with the detector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.envs.detector_noise import DetectorNoise
from sim.envs.noisy_boxes import GHOST_COLUMNS, MEMORY_COLUMNS, apply_noise, begin_noise
from sim.envs.random import new_streams
from sim.noise_fit.flights import FLIGHT_FRAMES
from sim.noise_fit.match import match_frame
from sim.noise_fit.records import Records

_NOTHING: NDArray[np.float64] = np.empty((0, 4))


def replay(records: Records, noise: DetectorNoise, *, seed: int = 0) -> Records:
    """Return the records of a simulated detector that erred as `noise` says on the same truth boxes."""
    flights = range(records.frames // FLIGHT_FRAMES)
    streams = new_streams(len(flights), seed)
    objects = int(records.truth[:, 2].max()) + 1
    memory, ghost = np.empty((objects, MEMORY_COLUMNS)), np.zeros(GHOST_COLUMNS)
    boxes, out = np.empty((objects, 6)), np.empty((objects + 1, 6))
    found, false = np.zeros_like(records.found), [np.empty((0, 8))]
    for flight in flights:
        begin_noise(streams, flight, memory, ghost)
        rows = np.flatnonzero(records.truth[:, 0] == flight)
        for frame in range(FLIGHT_FRAMES):
            now = rows[records.truth[rows, 1] == frame]
            boxes[:, 0] = -1.0
            boxes[records.truth[now, 2].astype(int)] = records.truth[now, 3:]
            apply_noise(boxes, noise, 1.0, streams, flight, memory, ghost, out)
            seen = out[out[:, 0] >= 0]
            seen = seen[np.argsort(-seen[:, 1], kind="stable")]
            found[now], rest = match_frame(records.truth[now, 3:], seen, _NOTHING)
            where = np.tile((float(flight), float(frame)), (len(rest), 1))
            false.append(np.column_stack([where, rest]))
    return Records(records.truth, found, np.concatenate(false), records.frames)
