"""What a sweep may vary: the ranges that stand beside an agent's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Real:
    """A number in [low, high], drawn on a log scale where `log`."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in [low, high]."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `values`."""

    values: tuple[Any, ...]


SearchSpace = Mapping[str, Real | Whole | Choice]
"""Setting name -> range."""
