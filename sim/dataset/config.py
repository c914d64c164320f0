"""What a detector dataset is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

VERSION = 2
"""Raised when the same configuration would give other frames."""

SUBSETS = ("train", "val", "test_grey", "test_colour", "train_bullet", "test_bullet")
"""`val` comes from train scenes (for model selection). `test_grey` and `test_colour` show the same held-out
views twice. The `_bullet` subsets are drawn by PyBullet's renderer, all others by the ray-caster."""


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """Frames per subset and the seed. All but `test_grey` and `test_colour` are half grey, half colour."""

    train: int = 9000
    val: int = 400
    test: int = 1000
    train_bullet: int = 900
    test_bullet: int = 300
    seed: int = 0
    jpeg_quality: int = 95

    def frames(self, subset: str) -> int:
        sizes = asdict(self)
        return int(sizes["test" if subset in ("test_grey", "test_colour") else subset])

    def digest(self) -> str:
        """Short name of the frames this configuration gives."""
        text = json.dumps({"version": VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
