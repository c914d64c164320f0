"""The file of one cell: episodes are appended as they finish, and never rewritten.

Each line is JSON. A line with `fingerprint` begins a new measurement: what stands above it was made with
other code or other models and no longer counts. A line cut off by a crash is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reprohrl.bench.suite import Cell
from reprohrl.evaluation.spec import EpisodeResult


@dataclass(slots=True)
class Record:
    """What a ledger holds. `seconds` is the wall-clock time its episodes took, all processes added up."""

    cell: Cell
    fingerprint: dict[str, str]
    episodes: dict[int, EpisodeResult] = field(default_factory=dict)
    seconds: float = 0.0


def read(path: Path) -> Record | None:
    """Return the newest measurement of a ledger; None when there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    record: Record | None = None
    for line in text.splitlines():
        try:
            content = json.loads(line)
            if "fingerprint" in content:
                record = Record(Cell.from_dict(content["cell"]), content["fingerprint"])
            elif record is None:
                continue
            elif "seconds" in content:
                record.seconds += float(content["seconds"])
            else:
                result = EpisodeResult.from_dict(content)
                record.episodes[result.seed] = result
        except (ValueError, KeyError, TypeError):
            continue
    return record


def begin(path: Path, cell: Cell, fingerprint: dict[str, str]) -> None:
    """Start a new measurement of `cell`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _append(path, [{"fingerprint": fingerprint, "cell": cell.to_dict()}])


def add(path: Path, results: Sequence[EpisodeResult], seconds: float) -> None:
    """Append finished episodes; they are on the disk when this returns."""
    _append(path, [*(r.to_dict() for r in results), {"seconds": round(seconds, 3)}])


def _append(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write `rows` in one go, on a line of their own even after half a line."""
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    with path.open("ab+") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(size - 1)
            text = text if stream.read(1) == b"\n" else "\n" + text
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())
