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

LOCALHOST, NETWORK = (str(Path(__file__).with_name(f"dds_{reach}.xml")) for reach in ("localhost", "network"))
"""Profiles of Fast DDS: over this machine's loopback interface alone, and over every interface."""

MAX_DOMAIN = 101
"""Largest ROS domain id whose ports stay below the ones Linux hands out by itself."""

PROFILES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
_REEXEC_MARK = "_REPROHRL_ROS_ENVIRONMENT"


def variables(*, domain: int | None = None) -> dict[str, str]:
    """Return the variables a process needs for ROS; None for `domain` leaves ROS_DOMAIN_ID as it is."""
    prefixes = [sys.prefix, *_split("AMENT_PREFIX_PATH")]
    libraries = [str(Path(sys.prefix, "lib")), *_split("LD_LIBRARY_PATH")]
    found = {
        "AMENT_PREFIX_PATH": os.pathsep.join(dict.fromkeys(prefixes)),
        "LD_LIBRARY_PATH": os.pathsep.join(dict.fromkeys(libraries)),
        "RMW_IMPLEMENTATION": os.environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp"),
        "RCUTILS_COLORIZED_OUTPUT": os.environ.get("RCUTILS_COLORIZED_OUTPUT", "0"),
        **_reach(),
    }
    if domain is not None:
        found["ROS_DOMAIN_ID"] = str(domain)
    return found


def _reach() -> dict[str, str]:
    """Return who may hear this process: this machine, or as far as the user says.

    A range of LOCALHOST makes rmw_fastrtps add a shared memory that stops all processes when one of them is
    killed (docs/decisions/013), so the same reach is said by a profile. A user's own profile is left alone.
    """
    named = {name: os.environ[name] for name in PROFILES if os.environ.get(name)}
    range_ = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    local_only = os.environ.get("ROS_LOCALHOST_ONLY") == "1"
    fast = os.environ.get("RMW_IMPLEMENTATION", "rmw_fastrtps").startswith("rmw_fastrtps")
    if named or not fast:
        return {"ROS_AUTOMATIC_DISCOVERY_RANGE": range_, **named}
    if (range_ != "LOCALHOST" or os.environ.get("ROS_STATIC_PEERS")) and not local_only:
        return {"ROS_AUTOMATIC_DISCOVERY_RANGE": range_, **dict.fromkeys(PROFILES, NETWORK)}
    quiet = {"ROS_LOCALHOST_ONLY": "0"} if local_only else {}
    return {"ROS_AUTOMATIC_DISCOVERY_RANGE": "SYSTEM_DEFAULT", **quiet, **dict.fromkeys(PROFILES, LOCALHOST)}


def reach() -> str:
    """Tell in words who may hear the nodes that are started from here."""
    found = _reach()
    profile = found.get(PROFILES[0], "")
    if profile == LOCALHOST:
        return "this machine only"
    return f"discovery {found['ROS_AUTOMATIC_DISCOVERY_RANGE']}" + (
        f", profile {profile}" if profile not in ("", NETWORK) else ""
    )


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
