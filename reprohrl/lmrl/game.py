"""What a text game is: an observation in words, an action in words, a reward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

History = tuple[str, ...]
"""Observation, action, observation, ...: what was said so far; it ends with an observation."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one action led to."""

    observation: str
    reward: float
    done: bool


class Game(Protocol):
    """One episode at a time. The same seed gives the same episode to the same actions."""

    def reset(self, seed: int) -> str:
        """Start an episode; return its first observation."""
        ...

    def step(self, action: str) -> Turn:
        """Say `action` (any text; what the game cannot read is an illegal move, never an error)."""
        ...


class Player(Protocol):
    """Answers many games at once."""

    def reset(self, seeds: Sequence[int]) -> None:
        """Begin episodes, one for each seed."""

    def act(self, games: Sequence[int], histories: Sequence[History]) -> list[str]:
        """Return an action for each history; `games` says which episode each belongs to."""
        ...
