"""The two ways loops are compiled here. No Python zero-division checks: they would put a branch behind every
division of the inner loop.
"""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, fastmath=True, error_model="numpy", forceinline=True)
"""A part of an inner loop, always inlined: a call passes every field of every array, which costs a third."""

entry = njit(cache=True, fastmath=True, error_model="numpy")
"""What other modules' loops call: large, and better called than copied into each of them."""
