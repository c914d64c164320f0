"""What a detector dataset is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

VERSION = 1
"""Raised when the same configuration would give other frames."""

SUBSETS = ("train", "val", "test_grey", "test_colour")
"""`val` comes from train scenes (for model selection); the test subsets show the same held-out views twice."""


@dataclass(frozen=True, slots=True)
class DatasetConfig:
    """Frames per subset and the seed. Train and val are half grey, half colour."""

    train: int = 9000
    val: int = 400
    test: int = 1000
    seed: int = 0
    jpeg_quality: int = 95

    def frames(self, subset: str) -> int:
        return {"train": self.train, "val": self.val}.get(subset, self.test)

    def digest(self) -> str:
        """Short name of the frames this configuration gives."""
        text = json.dumps({"version": VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
