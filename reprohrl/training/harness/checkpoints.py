"""Checkpoints that survive a kill, a full disk and a broken file: whole folders, renamed into place."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError

log = logging.getLogger(__name__)

FOLDER = "checkpoints"
"""Where they are, in the folder of a run."""
STATE = "state.json"
KEEP = 2
"""The newest and the one before it."""
_NAME = "step-{:012d}"


def save(folder: Path, steps: int, state: dict[str, Any], writer: Callable[[Path], None]) -> Path:
    """Let `writer` fill a new checkpoint below `folder`, put `state` beside it, and make it the newest.

    All files are on the disk before the checkpoint gets its name. When writing fails nothing is left but
    the checkpoints of before. Raises `UserError` when the disk is full or cannot be written.
    """
    final = folder / _NAME.format(steps)
    part = folder / f".part-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        writer(part)
        files = {p.name: _digest(p) for p in sorted(part.iterdir())}
        (part / STATE).write_text(json.dumps({**state, "steps": steps, "files": files}), encoding="utf-8")
        for path in (*part.iterdir(), part):
            _sync(path)
        shutil.rmtree(final, ignore_errors=True)
        part.rename(final)
        _sync(folder)
    except (OSError, RuntimeError) as error:  # torch raises RuntimeError when it cannot write
        raise UserError(
            f"the checkpoint at {steps} steps could not be written to {folder}",
            why=_reason(error),
            fix="make room, then go on from the last checkpoint with --resume",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for old in _numbered(folder)[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def place(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """Write a checkpoint that came from elsewhere, all of it or nothing. Raises `OSError`."""
    part = folder / f".part-{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        for file, content in files.items():
            (part / file).write_bytes(content)
            _sync(part / file)
        shutil.rmtree(folder / name, ignore_errors=True)
        part.rename(folder / name)
        _sync(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def newest(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest whole checkpoint and its state; one whose files changed is passed over."""
    for path in _numbered(folder):
        try:
            state: dict[str, Any] = json.loads((path / STATE).read_text(encoding="utf-8"))
            broken = [name for name, digest in state["files"].items() if _digest(path / name) != digest]
        except (OSError, ValueError, KeyError) as error:
            log.warning("%s cannot be read (%s); the one before it is used", path, error)
            continue
        if not broken:
            return path, state
        log.warning("%s is broken (%s); the one before it is used", path, ", ".join(broken))
    return None


def sweep_parts(folder: Path) -> None:
    """Remove what a killed process left half written."""
    for part in folder.glob(".part-*"):
        shutil.rmtree(part, ignore_errors=True)


def _numbered(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: BaseException) -> str:
    """The system's own words for what went wrong, wherever in the chain they are."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror
        seen = seen.__cause__ or seen.__context__
    return str(error).splitlines()[0] if str(error) else type(error).__name__
