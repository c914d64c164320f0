"""The learning curve of a run: rows in memory, `curve.csv` on disk, no row ever half written."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.policies.manifest import replace_file


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One point of the curve.

    wall_s, cpu_s  training time so far, without the pauses between a stop and its --resume
    success        share of the last `episodes` training episodes, NaN before the first one ended
    eval_success   share of `eval_episodes` held-out episodes; NaN in rows without an evaluation
    """

    steps: int
    wall_s: float
    cpu_s: float
    success: float
    episodes: int
    eval_success: float
    eval_episodes: int

    def line(self) -> str:
        shown = (self.steps, f"{self.wall_s:.2f}", f"{self.cpu_s:.2f}", f"{self.success:.6f}", self.episodes,
                 f"{self.eval_success:.6f}", self.eval_episodes)  # fmt: skip
        return ",".join(map(str, shown)) + "\n"


COLUMNS = tuple(f.name for f in fields(CurveRow))
_HEADER = ",".join(COLUMNS) + "\n"


class Curve:
    """`path` always holds the header and whole rows."""

    def __init__(self, path: Path, rows: Sequence[CurveRow] = ()) -> None:
        self.path, self.rows = path, list(rows)
        try:
            replace_file(path, (_HEADER + "".join(r.line() for r in self.rows)).encode())
        except OSError as error:
            raise _full(path, error) from error

    def add(self, row: CurveRow) -> None:
        """Append one row; raises `UserError` when the disk is full, leaving the file as it was."""
        content = row.line().encode()
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            before = os.fstat(handle).st_size
            try:
                if os.write(handle, content) != len(content):
                    raise OSError(28, "No space left on device")
            except OSError as error:
                os.ftruncate(handle, before)
                raise _full(self.path, error) from error
        finally:
            os.close(handle)
        self.rows.append(row)


def read_curve(path: Path) -> list[CurveRow]:
    """Return the rows of a `curve.csv`; raises `UserError` when it is none."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                CurveRow(
                    int(r["steps"]), float(r["wall_s"]), float(r["cpu_s"]), float(r["success"]),
                    int(r["episodes"]), float(r["eval_success"]), int(r["eval_episodes"]),
                )
                for r in csv.DictReader(file)
            ]  # fmt: skip
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path} is not a learning curve", why=str(error)) from error


def success_by_step(path: Path, *, held_out: bool) -> dict[int, float]:
    """Return the success at each evaluation of a run, or at each point of its training."""
    rows = read_curve(path)
    if held_out:
        return {r.steps: r.eval_success for r in rows if r.eval_episodes}
    return {r.steps: r.success for r in rows if not math.isnan(r.success)}


def best_until(success: Mapping[int, float], step: int) -> float:
    """Return the best success up to `step`, 0 before the first."""
    return max((v for s, v in success.items() if s <= step), default=0.0)


def _full(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{path} could not be written",
        why=error.strerror or str(error),
        fix="make room, then go on from the last checkpoint with --resume",
    )
