"""What a detector dataset is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

VERSION = 7
"""Raised when the same configuration would give other frames."""

SUBSETS = (
    "train",
    "val",
    "test_grey",
    "test_colour",
    "train_bullet",
    "test_bullet",
    "flight_grey",
    "flight_colour",
)
"""`val` comes from train scenes (for model selection), `test_*` and `flight_*` from held-out ones.

`flight_*` are what the default camera delivers, as is every other frame of `train` and `val`; all others have
random sensor faults. `*_grey` and `*_colour` show the same views twice; of `train` and `val` two thirds are
grey, the harder kind. `*_bullet` is drawn by PyBullet's renderer, the rest by the ray-caster.
"""

_PAIRED = ("test_grey", "test_colour", "flight_grey", "flight_colour")


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """Frames per subset (`test`: each paired one) and the seed."""

    train: int = 10000
    val: int = 300
    test: int = 1000
    train_bullet: int = 3000
    test_bullet: int = 300
    seed: int = 0
    jpeg_quality: int = 95

    def frames(self, subset: str) -> int:
        sizes = asdict(self)
        return int(sizes["test" if subset in _PAIRED else subset])

    def digest(self) -> str:
        """Short name of the frames this configuration gives."""
        text = json.dumps({"version": VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
