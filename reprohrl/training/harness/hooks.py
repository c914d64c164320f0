"""What whoever starts a run may add to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reprohrl.training.harness.pace import Progress


def _nothing(_: Any) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """All optional.

    follow      hears of every point of the curve; an exception it raises ends the run
    after_save  hears of every checkpoint, and of the results, with the folder of the run
    place       `place(make_env, seed, n)`: one part of the environments, wherever it shall be stepped
    """

    follow: Callable[[Progress], None] = _nothing
    after_save: Callable[[Path], None] = _nothing
    place: Callable[..., Any] | None = None
    tensorboard: bool = True
