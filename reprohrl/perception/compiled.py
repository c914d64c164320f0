"""How the perception's loops are compiled: once, kept on disk, without the interpreter's lock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from numba import njit

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

SAY_AFTER_S = 3.0
"""Reading compiled code from disk takes less than this, unless the machine is busy."""


def kernel(function: F) -> F:
    """Compile a function of plain numbers and arrays; no fast-math, so that flight and training agree."""
    compiled: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


@contextmanager
def compiling(what: str) -> Iterator[None]:
    """Call kernels for the first time; where nothing is on disk yet, say what is being waited for.

    Whatever flies calls its kernels once while it is made, so that no frame ever waits for a compiler.
    """
    began = time.monotonic()
    notice = threading.Timer(SAY_AFTER_S, log.warning, ("compiling %s (once) ...", what))
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()
        took = time.monotonic() - began
        if took > SAY_AFTER_S:
            log.warning("compiled %s in %.0f s", what, took)
