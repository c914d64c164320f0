"""Keeps the folders of runs that train on other machines, where no disk is shared.

A worker sends the files of its run after each checkpoint; whoever takes the run over, after a death, gets
them back. The keeper lives beside the driver and writes each checkpoint as atomically as a run does.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO

from reprohrl.policies.manifest import replace_file
from reprohrl.training.harness import checkpoints
from reprohrl.training.harness.pace import Progress
from reprohrl.training.harness.run import CURVE, RESULT, RUN, lock

Files = dict[str, bytes]
"""Path below the run's folder -> content."""


class Keeper:
    """One for all runs of a driver. A worker that was taken for dead and still speaks is not heard."""

    def __init__(self) -> None:
        self._locks: dict[str, IO[str]] = {}
        self._turns: dict[str, int] = {}
        self._told: dict[str, Progress] = {}

    def take(self, folder: str) -> tuple[int, Files]:
        """Begin a turn on a run; return its number and what there is to go on from.

        Raises `UserError` when another process trains in that folder.
        """
        if folder not in self._locks:
            self._locks[folder] = lock(Path(folder))
            checkpoints.sweep_parts(Path(folder) / checkpoints.FOLDER)
        self._turns[folder] = self._turns.get(folder, 0) + 1
        return self._turns[folder], pack(Path(folder), (RUN, RESULT, f"{checkpoints.FOLDER}/*/*"))

    def put(self, folder: str, turn: int, files: Files, checkpoints_left: list[str]) -> bool:
        """Write new files and drop old checkpoints; False, writing nothing, when the turn is over."""
        if self._turns.get(folder) != turn:
            return False
        root = Path(folder)
        unpack(root, files)
        for old in (root / checkpoints.FOLDER).glob("step-*"):
            if old.name not in checkpoints_left:
                shutil.rmtree(old, ignore_errors=True)
        return True

    def tell(self, folder: str, turn: int, progress: Progress, curve: bytes) -> bool:
        """Note where a run is; False when the turn is over."""
        if self._turns.get(folder) != turn:
            return False
        self._told[folder] = progress
        replace_file(Path(folder) / CURVE, curve)
        return True

    def told(self) -> list[Progress]:
        """Return where each run is, as far as it said."""
        return list(self._told.values())


def pack(root: Path, patterns: tuple[str, ...]) -> Files:
    """Return the files below `root` that match; nothing half written."""
    found = [p for pattern in patterns for p in root.glob(pattern)]
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in found
        if p.is_file() and not p.relative_to(root).parts[0].startswith(".") and ".part-" not in str(p)
    }


def unpack(root: Path, files: Files) -> None:
    """Write `files` below `root`; a checkpoint appears with all of its files or not at all."""
    whole: dict[str, Files] = {}
    for name, content in files.items():
        parts = Path(name).parts
        if parts[0] == checkpoints.FOLDER:
            whole.setdefault(parts[1], {})[parts[2]] = content
        else:
            replace_file(root / name, content)
    for step, members in whole.items():
        checkpoints.place(root / checkpoints.FOLDER, step, members)
