"""Links of stock cflib whose waits end: cflib itself waits for ever, for tables and for its own threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cflib.crazyflie import Crazyflie
from cflib.crazyflie.syncCrazyflie import SyncCrazyflie

OPEN_S, CLOSE_S = 30.0, 15.0
TRIES = 3


@contextmanager
def stock_link(uri: str, cache: str | Path, cf: Any = None) -> Iterator[SyncCrazyflie]:
    """Connect as a user's script does, until parameters are here as well; close before the server goes.

    Two races of cflib 0.1.34 are kept out, both of which leave it waiting for ever on a machine that is busy:

    * Over `tcp://` it drops answers that come before its receiving thread first looks, and never asks again:
      a link that stays without tables is opened again.
    * A thread that finds the link closed under it leaves the lock on sending taken, and the thread that
      closes waits for the one that pings, which waits for that lock: nothing may be on its way at the end.
    """
    scf = _opened(uri, cache, cf)
    try:
        assert scf._params_updated_event.wait(OPEN_S), f"no parameters from {uri} in {OPEN_S:g} s"
        yield scf
    finally:
        _within(CLOSE_S, scf.close_link, f"the link to {uri} did not close")


def _opened(uri: str, cache: str | Path, cf: Any) -> SyncCrazyflie:
    end = time.monotonic() + OPEN_S
    while True:
        scf = SyncCrazyflie(uri, cf=cf or Crazyflie(rw_cache=str(cache)))
        opening = threading.Thread(target=scf.open_link, name="opening", daemon=True)
        opening.start()
        opening.join(OPEN_S / TRIES)
        if not opening.is_alive():
            assert scf.is_link_open(), f"{uri} refused: {scf._error_message}"
            return scf
        assert time.monotonic() < end, f"no tables from {uri} in {OPEN_S:g} s"
        _within(CLOSE_S, scf.cf.close_link, f"the link to {uri} did not close")


def _within(seconds: float, work: Callable[[], None], complaint: str) -> None:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), complaint
