"""Write the dataset in YOLO's layout: whole or not at all."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import cv2

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.dataset.config import SUBSETS, VERSION, DatasetConfig
from sim.dataset.samples import sample

log = logging.getLogger(__name__)
_CHUNK = 50


def generate(
    config: DatasetConfig,
    folder: Path,
    *,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write (or find) the dataset under `folder` and return its data.yaml.

    The frames go to a temporary folder that is renamed when complete, so an interrupted run leaves
    nothing half done. `progress(done, total)` is called as frames are written.
    """
    target = folder / f"detector-{config.digest()}"
    if (target / "data.yaml").exists():
        log.info("dataset %s is there already", target)
        return target / "data.yaml"
    building = folder / f".{target.name}.{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    jobs = [
        (
            str(building),
            subset,
            start,
            min(start + _CHUNK, config.frames(subset)),
            config.seed,
            config.jpeg_quality,
        )
        for subset in SUBSETS
        for start in range(0, config.frames(subset), _CHUNK)
    ]
    for subset in SUBSETS:
        (building / "images" / subset).mkdir(parents=True)
        (building / "labels" / subset).mkdir(parents=True)
    total, done = sum(config.frames(s) for s in SUBSETS), 0
    with ProcessPoolExecutor(processes) as pool:
        for written in pool.map(_write_chunk, jobs):
            done += written
            if progress is not None:
                progress(done, total)
    _describe(building, target, config)
    building.rename(target)
    return target / "data.yaml"


def _write_chunk(job: tuple[str, str, int, int, int, int]) -> int:
    root, subset, start, stop, seed, quality = job
    for index in range(start, stop):
        item = sample(subset, index, seed)
        pixels = item.pixels if item.pixels.ndim == 2 else item.pixels[..., ::-1]
        name = f"{index:06d}"
        image = Path(root, "images", subset, f"{name}.jpg")
        if not cv2.imwrite(str(image), pixels, [cv2.IMWRITE_JPEG_QUALITY, quality]):
            raise OSError(f"cannot write {image}")
        rows = [f"{b.class_id} {b.cx:.5f} {b.cy:.5f} {b.w:.5f} {b.h:.5f}" for b in item.boxes]
        Path(root, "labels", subset, f"{name}.txt").write_text("\n".join(rows))
    return stop - start


def _describe(root: Path, final: Path, config: DatasetConfig) -> None:
    names = "\n".join(f"  {i}: {name}" for i, name in enumerate(DETECTOR_CLASSES))
    (root / "data.yaml").write_text(
        f"path: {final.resolve()}\ntrain: [images/train, images/train_bullet]\nval: images/val\n"
        f"names:\n{names}\n"
    )
    (root / "config.json").write_text(json.dumps({"version": VERSION, **asdict(config)}, indent=2) + "\n")
