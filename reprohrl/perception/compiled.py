"""How the perception's loops are compiled: once, kept on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function of plain numbers and arrays; no fast-math, so that flight and training agree."""
    compiled: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled
