"""`PolicySpec`: what a policy file promises about its inputs and outputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One slice of an observation or action vector.

    `low` and `high` bound each value in `unit`; `scale` is what the value was divided by before
    the network saw it.
    """

    name: str
    size: int
    unit: str
    low: float
    high: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """Layout of a policy. Its hash is written into the ONNX file and checked at load."""

    name: str
    observation: tuple[Entry, ...]
    action: tuple[Entry, ...]
    rate_hz: float
    vocabulary: tuple[str, ...]
    version: int = 1

    @property
    def observation_size(self) -> int:
        return sum(e.size for e in self.observation)

    @property
    def action_size(self) -> int:
        return sum(e.size for e in self.action)

    def to_json(self) -> str:
        """Canonical JSON (sorted keys, no blanks): equal specs give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> PolicySpec:
        d: dict[str, Any] = json.loads(text)
        return PolicySpec(
            name=d["name"],
            observation=tuple(Entry(**e) for e in d["observation"]),
            action=tuple(Entry(**e) for e in d["action"]),
            rate_hz=d["rate_hz"],
            vocabulary=tuple(d["vocabulary"]),
            version=d["version"],
        )

    @property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]
