"""The one way loops are compiled here."""

from __future__ import annotations

from numba import njit

kernel = njit(cache=True, fastmath=True, error_model="numpy")
"""No Python zero-division checks: they would put a branch behind every division of the inner loop."""
