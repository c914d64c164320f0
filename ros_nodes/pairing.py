"""Exact-time synchronisation: what carries the same stamp belongs together."""

from __future__ import annotations

from typing import Generic, TypeVar

RESTART_NS = 10 * 10**9
"""A stamp this far behind the newest pair means that time began again."""

A = TypeVar("A")
B = TypeVar("B")


class Pairing(Generic[A, B]):
    """Collects two streams and gives out each pair of equal stamps once.

    Stamps older than the newest pair are dropped, as are the oldest of more than `depth` waiting.
    """

    def __init__(self, depth: int = 32) -> None:
        self._left: dict[int, A] = {}
        self._right: dict[int, B] = {}
        self._depth = depth
        self._newest = -1

    def left(self, key: int, item: A) -> tuple[A, B] | None:
        """Add an item of the first stream; return the pair it completes."""
        return self._add(key, self._left, item)

    def right(self, key: int, item: B) -> tuple[A, B] | None:
        """Add an item of the second stream; return the pair it completes."""
        return self._add(key, self._right, item)

    def clear(self) -> None:
        """Forget what waits, and that time ever passed."""
        self._left.clear()
        self._right.clear()
        self._newest = -1

    def _add(self, key: int, side: dict[int, A] | dict[int, B], item: object) -> tuple[A, B] | None:
        if key < self._newest - RESTART_NS:
            self.clear()
        if key <= self._newest:
            return None
        side[key] = item  # type: ignore[assignment]
        if key in self._left and key in self._right:
            pair = (self._left[key], self._right[key])
            self._newest = key
            for waiting in (self._left, self._right):
                for old in [k for k in waiting if k <= key]:
                    del waiting[old]
            return pair
        if len(side) > self._depth:
            del side[min(side)]
        return None
