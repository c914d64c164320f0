"""The environment ROS 2 needs, computed in one place: nobody has to source anything."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import random
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO

from reprohrl.contracts.errors import UserError

PROFILE = Path(__file__).with_name("fastdds.xml")
MAX_DOMAIN = 101
"""Largest ROS domain id whose ports stay below the ones Linux hands out by itself."""

_REEXEC_MARK = "_REPROHRL_ROS_ENVIRONMENT"


def variables(*, domain: int | None = None) -> dict[str, str]:
    """Return the variables a process needs for ROS; None for `domain` leaves ROS_DOMAIN_ID as it is."""
    prefixes = [sys.prefix, *_split("AMENT_PREFIX_PATH")]
    libraries = [str(Path(sys.prefix, "lib")), *_split("LD_LIBRARY_PATH")]
    found = {
        "AMENT_PREFIX_PATH": os.pathsep.join(dict.fromkeys(prefixes)),
        "LD_LIBRARY_PATH": os.pathsep.join(dict.fromkeys(libraries)),
        "RMW_IMPLEMENTATION": os.environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp"),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST"),
        "RCUTILS_COLORIZED_OUTPUT": os.environ.get("RCUTILS_COLORIZED_OUTPUT", "0"),
    }
    for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        found[name] = os.environ.get(name, str(PROFILE))
    if domain is not None:
        found["ROS_DOMAIN_ID"] = str(domain)
    return found


def prepare(*, domain: int | None = None) -> None:
    """Make this process able to use rclpy. Raises `UserError` when ROS is not set up.

    A sourced ROS installation does not know this environment's libraries; the loader reads their
    path at start, so such a process replaces itself once. Call this before anything else happens.
    """
    wanted = variables(domain=domain)
    stale = str(Path(sys.prefix, "lib")) not in _split("LD_LIBRARY_PATH")
    os.environ.update(wanted)
    if stale and not os.environ.get(_REEXEC_MARK):
        os.execve(sys.executable, sys.orig_argv, {**os.environ, _REEXEC_MARK: "1"})
    for module, what in (("rclpy", "ROS 2"), ("reprohrl_msgs", "the message package reprohrl_msgs")):
        if importlib.util.find_spec(module) is None:
            raise UserError(
                f"{what} is not installed in {sys.prefix}",
                why=f"Python finds no module {module}",
                fix="run: make setup (or: python tools/setup_ros.py <environment>)",
            )


def check() -> None:
    """Load rclpy and the messages' type support. Raises `UserError` saying what is missing."""
    prepare()
    try:
        import rclpy
        from rclpy.type_support import check_for_type_support

        from reprohrl_msgs.action import FlyMission
        from reprohrl_msgs.msg import ObjectFeatures

        check_for_type_support(ObjectFeatures)
        check_for_type_support(FlyMission)
        rclpy.get_rmw_implementation_identifier()
    except (ImportError, OSError) as error:
        raise UserError(
            "ROS 2 does not load", why=str(error), fix="build it again: python tools/setup_ros.py --force"
        ) from error


class Domain:
    """A ROS domain id that no other launch of this machine uses; held until closed.

    A process that was killed holds nothing: the lock belongs to its open file.
    """

    def __init__(self, number: int, lock: IO[str] | None = None) -> None:
        self.number = number
        self._lock = lock

    @staticmethod
    def claim() -> Domain:
        """Take a free id, or the one of $ROS_DOMAIN_ID. Raises `UserError` when all are in use."""
        given = os.environ.get("ROS_DOMAIN_ID", "")
        if given.isdigit():
            return Domain(int(given))
        folder = Path(tempfile.gettempdir(), f"reprohrl-domains-{os.getuid()}")
        folder.mkdir(exist_ok=True)
        numbers = list(range(1, MAX_DOMAIN + 1))
        random.SystemRandom().shuffle(numbers)
        for number in numbers:
            lock = open(folder / str(number), "w")  # noqa: SIM115 - stays open while the id is held
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            if _silent(number):
                return Domain(number, lock)
            lock.close()
        raise UserError(
            "no free ROS domain id", why=f"all of 1 to {MAX_DOMAIN} are in use", fix="set ROS_DOMAIN_ID"
        )

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _silent(domain: int) -> bool:
    """Tell whether no DDS participant of this machine listens on the first port of `domain`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("", 7400 + 250 * domain + 10))
        except OSError:
            return False
        return True


def _split(name: str) -> list[str]:
    return [part for part in os.environ.get(name, "").split(os.pathsep) if part]
