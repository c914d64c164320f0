"""A Crazyflie's address, its camera's, and what opens both."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.contracts.clock import Clock

LINK, NONE = "link", "none"
DECK, DECK_PORT = "192.168.4.1", 5000
_LOCAL = ("127.0.0.1", "localhost")


def camera_address(uri: str, given: str) -> str:
    """Return where the camera is: `given`, or what goes with the drone's address.

    "link": in the packets of a `tcp://` link; otherwise HOST:PORT. Raises `UserError`.
    """
    parts = urlsplit(uri)
    if not given:
        if parts.scheme == "tcp":
            return LINK
        host = parts.hostname if parts.scheme == "udp" and parts.hostname in _LOCAL else DECK
        return f"{host}:{DECK_PORT}"
    if given == NONE:
        return given
    if given == LINK:
        if parts.scheme != "tcp":
            raise UserError(
                f"{uri} carries no images", why="only tcp:// does", fix="--camera 192.168.4.1:5000"
            )
        return given
    host, _, port = given.rpartition(":")
    if not host:
        host, port = given, str(DECK_PORT)
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UserError(f"{given!r} is no address of a camera", fix="--camera 192.168.4.1:5000")
    return f"{host}:{port}"


def open_camera(
    drone: Any, address: str, clock: Clock | None = None, *, latency_s: float = 0.0, calibration: str = ""
) -> AbstractContextManager[Any]:
    """Return the camera of a connected drone as a context; it reads at once, and `open` waits for a frame.

    latency_s    known time from exposure to arrival: taken off the stamps
    calibration  file that says how to straighten the frames; without it the nominal camera is assumed
    """
    from firmware_bridge.aideck.link_camera import LinkCamera
    from firmware_bridge.aideck.reader import AiDeckCamera
    from firmware_bridge.aideck.rectify import RectifiedCamera
    from firmware_bridge.aideck.source import read_calibration

    straighten = read_calibration(calibration)
    if address == LINK:
        return closing(
            RectifiedCamera(LinkCamera(subscriber(drone), clock=clock, latency_s=latency_s), straighten)
        )
    host, _, port = address.rpartition(":")
    source = AiDeckCamera(host, int(port), clock=clock, latency_s=latency_s)
    source.start()
    return closing(RectifiedCamera(source, straighten))


def subscriber(drone: Any) -> Any:
    """Return the function that subscribes to CPX packets of a `tcp://` link. Raises `UserError`."""
    subscribe = getattr(drone.cf.link, "subscribe", None)
    if subscribe is None:
        raise UserError(f"{drone.uri} carries no images", why="only tcp:// does", fix="--camera HOST:PORT")
    return subscribe
