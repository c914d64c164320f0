"""Rows of a batch shared out among threads: one compiled kernel without the GIL, called for ranges of rows.

The machine code is the same for any number of threads and any batch, so a row's numbers are too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from numba.core import config

CHUNK_ROWS = 128
MIN_ROWS = 512
"""Below this many rows waking a second thread costs more than it saves."""

_pools: dict[int, ThreadPoolExecutor] = {}
os.register_at_fork(after_in_child=_pools.clear)


def default_threads(rows: int) -> int:
    """As many threads as numba may use (NUMBA_NUM_THREADS), or one for a small batch."""
    return 1 if rows < MIN_ROWS else int(config.NUMBA_NUM_THREADS)


def run_rows(kernel: Callable[..., None], rows: int, threads: int, *arguments: object) -> None:
    """Call `kernel(begin, end, *arguments)`, compiled with nogil, until all `rows` are done."""
    if threads <= 1 or rows <= CHUNK_ROWS:
        kernel(0, rows, *arguments)
        return
    chunks = -(-rows // CHUNK_ROWS)
    turn = count()

    def work() -> None:
        while (chunk := next(turn)) < chunks:
            kernel(chunk * CHUNK_ROWS, min((chunk + 1) * CHUNK_ROWS, rows), *arguments)

    pool = _pools.get(threads)
    if pool is None:
        pool = _pools[threads] = ThreadPoolExecutor(threads - 1, "batch")
    helpers = [pool.submit(work) for _ in range(threads - 1)]
    work()
    for helper in helpers:
        helper.result()
