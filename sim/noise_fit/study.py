"""The whole study: measure, fit, check on other scenes; one JSON-ready result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sim.envs.detector_noise import VERSION, to_json
from sim.noise_fit.check import Numbers, goodness, largest_gap, miss_chance
from sim.noise_fit.fit import fit
from sim.noise_fit.measure import Detector, measure
from sim.noise_fit.replay import replay

CAMERAS = ("grey", "colour")
_REPLAYS = 5
"""The model flies every flight this often: its own chance should not blur the comparison."""


def study(
    detector: Detector,
    name: str,
    confidence: float,
    frames: int,
    *,
    cameras: tuple[str, ...] = CAMERAS,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Fit to `frames` frames per camera and check on half as many of scenes no training pool holds."""
    result: dict[str, Any] = {"version": VERSION, "detector": name, "confidence": confidence, "cameras": {}}
    for camera in cameras:
        grey = camera == "grey"

        def follow(done: int, total: int, camera: str = camera) -> None:
            if progress is not None:
                progress(camera, done, total)

        seen = measure(detector, frames, grey=grey, seed=seed, progress=follow)
        noise = fit(seen, confidence)
        other = measure(detector, frames // 2, grey=grey, validation=True, seed=seed, progress=follow)
        chance = miss_chance(other, noise)
        real = Numbers.of(other, chance)
        played = [Numbers.of(replay(other, noise, seed=n), chance) for n in range(_REPLAYS)]
        model = _mean(played)
        result["cameras"][camera] = {
            "frames": seen.frames,
            "parameters": to_json(noise),
            "goodness": goodness(seen, noise),
            "check": {
                "frames": other.frames,
                "goodness": goodness(other, noise),
                "detector": asdict(real),
                "model": asdict(model),
                "recall_gap": largest_gap(real.recall, model.recall, real.counts),
                "precision_gap": largest_gap(real.precision, model.precision, real.counts),
            },
        }
    return result


def _mean(runs: list[Numbers]) -> Numbers:
    def mean(name: str) -> list[float]:
        columns = zip(*(getattr(run, name) for run in runs), strict=True)
        return [round(sum(column) / len(runs), 4) for column in columns]

    return Numbers(
        mean("recall"), mean("precision"), mean("recall_class"), mean("persistence"),
        runs[0].counts, runs[0].counts_class,
    )  # fmt: skip
