"""How the training verbs speak: the live line, the outcome of each run, the settings they share."""

from __future__ import annotations

import json
import math
import shlex
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from reprohrl.cli import console
from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.statistics import Rate

if TYPE_CHECKING:
    from rich.live import Live

    from reprohrl.training.agents.config import AgentConfig
    from reprohrl.training.harness.jobs import Done
    from reprohrl.training.harness.pace import Progress

LINE_EVERY_S = 10.0
"""How often the line is written where it cannot be overwritten (a file, a pipe)."""


@dataclass
class LiveLine:
    """One line that follows a run: overwritten on a terminal, repeated now and then elsewhere."""

    title: str
    _live: Live | None = None
    _last: float = field(default=-math.inf)

    def __enter__(self) -> Self:
        if console.err().is_terminal:
            from rich.live import Live

            self._live = Live("", console=console.err(), refresh_per_second=4, transient=True)
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def __call__(self, progress: Progress) -> None:
        line = f"{self.title}  {describe(progress)}"
        if self._live is not None:
            self._live.update(line)
        elif time.monotonic() - self._last >= LINE_EVERY_S:
            self._last = time.monotonic()
            console.err().print(line)


def describe(progress: Progress) -> str:
    """Say where a run is: `1.20 M of 2.00 M steps  41,300 steps/s  success 82 %  ...`."""
    parts = [
        f"{short(progress.steps)} of {short(progress.total)} steps",
        f"{progress.rate:,.0f} steps/s",
    ]
    if not math.isnan(progress.success):
        parts.append(f"success {100 * progress.success:.1f} %")
    if not math.isnan(progress.eval_success):
        parts.append(f"held-out {100 * progress.eval_success:.1f} %")
    if not math.isnan(progress.left_s):
        parts.append(f"{lasting(progress.left_s)} left")
    if progress.saved:
        parts.append(f"saved at {short(progress.saved)}")
    return "  ".join(parts)


def short(number: float) -> str:
    """Write 2_000_000 as `2.00 M`, 50_000 as `50.0 k`."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.{2 if size == 1e6 else 1}f} {unit}"
    return f"{number:.0f}"


def lasting(seconds: float) -> str:
    """Write a duration as `45 s`, `12 min` or `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def outcome(done: Done) -> str:
    """Say how one run ended."""
    if done.result is None:
        return f"{done.job.folder}: {done.error}"
    numbers = done.result["numbers"]
    said = f"{done.job.folder}: {short(numbers['steps'])} steps in {lasting(numbers['wall_s'])}"
    if "success" in numbers:
        episodes = round(numbers["episodes"])
        kind = "held-out" if numbers["held_out"] else "training"
        said += (
            f", success {Rate(round(numbers['success'] * episodes), episodes)} of {episodes} {kind} episodes"
        )
    return said


def settings(
    base: type[AgentConfig],
    words: Iterable[str],
    given: dict[str, Any],
    stored: Mapping[str, Any] | None = None,
) -> AgentConfig:
    """Return an agent's settings from a file, the options that were given and the words of --set."""
    from reprohrl.training.agents.config import parse_words

    parsed = parse_words(base, words)
    options = {k: v for k, v in given.items() if v is not None}
    twice = sorted(set(parsed) & set(options))
    if twice:
        raise UserError(f"{twice[0]} is given twice", why="once as an option and once with --set")
    return base(**{**(stored or {}), **options, **parsed})


def read_settings(base: type[AgentConfig], file: Path | None) -> dict[str, Any]:
    """Return the settings a JSON file names, as `base` holds them."""
    if file is None:
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        whole = base.from_dict(content)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{file} holds no settings", why=str(error), fix="give the best.json of a sweep"
        ) from error
    return {name: getattr(whole, name) for name in content}


def whole_number(text: str) -> int:
    """Read 500000, 500_000 or 5e5."""
    try:
        number = float(text)
        if number != int(number):
            raise ValueError
    except (ValueError, OverflowError):
        raise UserError(f"{text!r} is not a whole number", fix="for example 2000000 or 2e6") from None
    return int(number)


def seed_list(text: str) -> list[int]:
    """Read `0-4`, `3` or `0,2,5-7`."""
    found: list[int] = []
    try:
        for part in text.split(","):
            first, dash, last = part.strip().partition("-")
            found += range(int(first), int(last if dash else first) + 1)
    except ValueError:
        found = []
    if not found:
        raise UserError(f"{text!r} names no seeds", fix="for example 0-4 or 0,2,5")
    return list(dict.fromkeys(found))


def again_with_resume() -> str:
    """Return the command line that goes on with what was stopped."""
    words = ["reprohrl", *sys.argv[1:]]
    return shlex.join(words if "--resume" in words else [*words, "--resume"])


def say_stopped(folders: Iterable[Path]) -> None:
    """After Ctrl-C: what is kept of each run, and how to go on."""
    from reprohrl.training.harness import checkpoints

    for folder in folders:
        found = checkpoints.newest(folder / "checkpoints")
        kept = f"the checkpoint at {found[1]['steps']:,} steps is kept" if found else "nothing was saved yet"
        console.err().print(f"Stopped {folder}: {kept}")
    console.err().print(f"  [bold]Go on:[/] {again_with_resume()}")
