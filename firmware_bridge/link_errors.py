"""Every way a connection fails, told so that the next step is clear."""

from __future__ import annotations

from urllib.parse import urlsplit

from reprohrl.contracts.errors import LinkError

_DRIVER_FAILED = "Couldn't load link driver"
EXAMPLES = "radio://0/80/2M/E7E7E7E7E7, usb://0, udp://127.0.0.1:19850 or tcp://192.168.4.1:5000"
UDEV_RULE = (
    'SUBSYSTEM=="usb", ATTRS{idVendor}=="1915", ATTRS{idProduct}=="7777", MODE="0664", GROUP="plugdev"'
)
_DENIED = ("access denied", "permission", "errno 13", "insufficient permissions")
_NO_DONGLE = ("cannot find a crazyradio", "cannot find radio", "no radio", "no backend available")


class ConnectError(LinkError):
    """A connection that failed; `hopeless` when trying again cannot help."""

    hopeless = False


def explain(uri: str, error: str, stage: str, waited_s: float) -> ConnectError:
    """Return the error for people: cflib's message, and how far the handshake came ("" for not at all)."""
    scheme, low = urlsplit(uri).scheme, error.lower()
    if "no driver found" in low:
        return _hopeless(
            f"{uri!r} is not an address of a Crazyflie", "no link driver takes it", f"use {EXAMPLES}"
        )
    if scheme in ("radio", "usb") and any(word in low for word in _DENIED):
        return _hopeless(
            f"this user may not open the {'Crazyradio' if scheme == 'radio' else 'Crazyflie on USB'}",
            "the udev rule is missing",
            f"put {UDEV_RULE} into /etc/udev/rules.d/99-bitcraze.rules, run: sudo udevadm control "
            "--reload && sudo udevadm trigger, join the group plugdev and log in again",
        )
    if scheme == "radio" and any(word in low for word in _NO_DONGLE):
        return _hopeless(
            f"no Crazyradio for {uri}", "no dongle was found on USB",
            "plug it in; in a virtual machine pass the device through; reprohrl doctor shows what is there",
        )  # fmt: skip
    if scheme == "usb" and "could not open" in low:
        return _hopeless(
            f"no Crazyflie at {uri}", "none was found on USB",
            "plug the drone in with a data cable, switch it on; count from 0",
        )  # fmt: skip
    if "unplugged" in low:
        return ConnectError(
            "the Crazyradio was unplugged", why=_reason(error), fix="plug it in and try again"
        )
    if not stage:
        return _silent(uri, scheme, low, error, waited_s)
    return ConnectError(
        f"the connection to {uri} stalled in the {stage}",
        why=_reason(error) or f"nothing new came for {waited_s:.1f} s",
        fix="move the drone closer, choose another radio channel, or lower the load on the link",
    )


def _silent(uri: str, scheme: str, low: str, error: str, waited_s: float) -> ConnectError:
    """Nobody sent a packet."""
    why = _reason(error) or f"no packet came back in {waited_s:.0f} s"
    if scheme == "radio":
        if "too many packets lost" in low:
            why = "the dongle sends, and nothing acknowledges: another channel, rate or address, or it is off"
        fix = (
            "switch the Crazyflie on; compare channel, rate and address with what cfclient's scan finds; "
            "after changing them on the drone, restart it"
        )
    elif scheme == "tcp":
        fix = (
            "join the AI-deck's WiFi network, check address and port 5000; the deck takes one client: close "
            "the viewer, or power-cycle the drone when it is stuck"
        )
    elif scheme == "udp":
        fix = "check the address, or start the virtual Crazyflie: reprohrl virtual-crazyflie"
    else:
        fix = "switch the Crazyflie on and try again"
    return ConnectError(f"nobody answers at {uri}", why=why, fix=fix)


def _hopeless(what: str, why: str, fix: str) -> ConnectError:
    error = ConnectError(what, why=why, fix=fix)
    error.hopeless = True
    return error


def _reason(message: str) -> str:
    """Return cflib's message as a phrase; it may be a traceback."""
    if "refused" in message.lower():
        return "the port is closed (connection refused)"
    first_line = message.strip().splitlines()[0] if message.strip() else ""
    return first_line.removeprefix(_DRIVER_FAILED).removeprefix(": ")
