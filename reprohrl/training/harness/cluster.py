"""Reach a Ray cluster, or say what is missing."""

from __future__ import annotations

import logging
import os
from typing import Any

from reprohrl.contracts.errors import UserError

log = logging.getLogger(__name__)

STARTS = 3
"""Attempts to start a cluster here: Ray gives up by itself when its helpers take 15 s to come up."""
WAIT_S = 600.0
"""The longest this waits for any single answer of a worker."""


def connect(address: str, *, cpus: int | None = None) -> Any:
    """Return the module `ray`, connected to the cluster at `address`.

    `auto` is the cluster that runs on this machine or that RAY_ADDRESS names; `local` starts one here, of
    `cpus` CPUs (default: all), that ends with this process. Raises `UserError`.
    """
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UserError("ray is not installed", why=str(error), fix="pip install 'reprohrl[ray]'") from error
    if ray.is_initialized():
        return ray
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
    where: dict[str, Any] = {"address": address}
    if address == "local":
        where = {"num_cpus": cpus or os.cpu_count(), "include_dashboard": False}
    for attempt in range(STARTS if address == "local" else 1):
        try:
            ray.init(**where, **quiet)
            break
        except Exception as error:  # Ray raises a bare Exception when a node is too slow to start
            ray.shutdown()
            failure = error
            log.info("attempt %d to reach Ray failed: %s", attempt + 1, error)
    else:
        raise _no_cluster(address, failure) from failure
    return ray


def _no_cluster(address: str, error: Exception) -> UserError:
    fix = "start one with `ray start --head`, or use one inside this process: --ray-address local"
    if address == "local":
        fix = "try again when the machine is less busy"
    why = str(error).splitlines()[0]
    return UserError(f"there is no Ray cluster at {address!r}", why=why, fix=fix)
