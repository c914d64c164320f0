"""The process that holds the link of a `KeptDrone`: it lands the drone when nobody is there to fly it."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from firmware_bridge.dead_man import DeadMan
from firmware_bridge.drone import BridgeSettings, CrazyflieDrone
from reprohrl.contracts.clock import WallClock
from reprohrl.contracts.errors import LinkError, UserError

_LOG = logging.getLogger(__name__)
_MOVING = ("connect", "take_off", "land")
_QUICK = ("send", "state", "state_at", "link_statistics", "notes", "land_now", "emergency_stop")
_EXIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to connect to, and how."""

    uri: str
    settings: BridgeSettings
    connect_timeout_s: float
    cache: Path | None
    dead_man_s: float | None


def keep(job: Job, slow: Pipe, quick: Pipe) -> None:
    """Serve both lines until the pilot hangs up or dies; then land, close and end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pilot's: it lands in its own way
    said: list[str] = []
    clock = WallClock()
    dead_man = DeadMan(clock, job.dead_man_s) if job.dead_man_s is not None else None
    drone = CrazyflieDrone(
        job.uri, clock=clock, settings=job.settings, connect_timeout_s=job.connect_timeout_s,
        cache=job.cache, dead_man=dead_man, progress=said.append,
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: drone.land_now("the process of the link was told to end: land"))
    calls: dict[str, Callable[..., Any]] = {name: getattr(drone, name) for name in _QUICK}
    calls["failsafe"] = lambda: drone.failsafe
    calls["feed"] = dead_man.feed if dead_man is not None else _nothing
    calls["said"] = lambda: _take(said)
    watcher = threading.Thread(
        target=_serve_quick, args=(quick, calls, drone), name="keeper-quick", daemon=True
    )
    watcher.start()
    try:
        _serve(slow, {name: getattr(drone, name) for name in _MOVING})
    finally:
        drone.land_now("the pilot is gone: land")
        drone.close()
    watcher.join(_EXIT_S)
    os._exit(0)  # cflib's threads are not all daemons, and nobody is left to wait for them


def _serve_quick(pipe: Pipe, calls: dict[str, Callable[..., Any]], drone: CrazyflieDrone) -> None:
    _serve(pipe, calls)
    drone.land_now("the pilot is gone: land")  # even in the midst of a take-off


def _serve(pipe: Pipe, calls: dict[str, Callable[..., Any]]) -> None:
    """Answer calls until the other side is gone."""
    while True:
        try:
            name, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        answer: tuple[bool, Any]
        try:
            answer = (True, calls[name](*arguments))
        except UserError as error:
            kind = "link" if isinstance(error, LinkError) else "user"
            answer = (False, (kind, error.what, error.why, error.fix))
        except Exception as error:
            _LOG.exception("%s failed", name)
            answer = (False, ("link", f"{name} failed in the process of the link", repr(error), ""))
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return


def _take(lines: list[str]) -> list[str]:
    out = list(lines)
    del lines[: len(out)]
    return out


def _nothing() -> None:
    """Feed a dead-man switch that is not there."""
