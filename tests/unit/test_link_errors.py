"""Every way a connection fails has its own sentence: what, why, and what to do next."""

from __future__ import annotations

import pytest

from firmware_bridge.link_errors import explain

RADIO = "radio://0/80/2M/E7E7E7E7E7"
FAILED = "Couldn't load link driver: "


@pytest.mark.parametrize(
    ("uri", "error", "stage", "what", "why", "fix", "hopeless"),
    [
        (RADIO, FAILED + "Cannot find a Crazyradio Dongle\n\nTraceback", "", "no Crazyradio for radio://0/80",
         "no dongle was found", "plug it in", True),
        (RADIO, FAILED + "[Errno 13] Access denied (insufficient permissions)\n\nTraceback", "",
         "this user may not open the Crazyradio", "udev rule is missing", "99-bitcraze.rules", True),
        ("usb://0", FAILED + "[Errno 13] Access denied (insufficient permissions)", "",
         "this user may not open the Crazyflie on USB", "udev rule", "join the group plugdev", True),
        ("usb://0", FAILED + "Could not open usb://0", "", "no Crazyflie at usb://0", "none was found",
         "data cable", True),
        (RADIO, FAILED + "No backend available", "", "no Crazyradio for", "no dongle", "plug it in", True),
        (RADIO, "Too many packets lost", "", f"nobody answers at {RADIO}",
         "nothing acknowledges: another channel, rate", "compare channel, rate and address", False),
        (RADIO, "Error communicating with crazy radio ,it has probably been unplugged!", "log table, 3 of 9",
         "the Crazyradio was unplugged", "Error communicating", "plug it in", False),
        (RADIO, "", "log table, 120 of 386", "stalled in the log table, 120 of 386",
         "nothing new came for 3.0 s", "move the drone closer", False),
        ("udp://127.0.0.1:19850", "[Errno 111] Connection refused", "", "nobody answers at udp://",
         "the port is closed", "reprohrl virtual-crazyflie", False),
        ("tcp://192.168.4.1:5000", FAILED + "timed out", "", "nobody answers at tcp://", "timed out",
         "the deck takes one client", False),
        ("pigeon://1", "No driver found or malformed URI: pigeon://1", "", "'pigeon://1' is not an address",
         "no link driver takes it", "radio://0/80/2M/E7E7E7E7E7", True),
        ("udp://10.0.0.1:1", "", "", "nobody answers at udp://10.0.0.1:1", "no packet came back in 3 s",
         "check the address", False),
    ],
)  # fmt: skip
def test_the_message_names_the_failure_its_reason_and_the_next_step(
    uri: str, error: str, stage: str, what: str, why: str, fix: str, hopeless: bool
) -> None:
    told = explain(uri, error, stage, 3.0)
    assert what in told.what
    assert why in told.why
    assert fix in told.fix
    assert told.hopeless is hopeless
    assert "Traceback" not in str(told) and "\n" not in str(told)
