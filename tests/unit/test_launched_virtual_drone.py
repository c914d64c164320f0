"""A launch starts the virtual Crazyflie that its address asks for, unless somebody serves it already."""

from __future__ import annotations

import socket

import pytest

from ros_nodes.prepare_run import virtual_command

VALUES = {
    "backend": "crazyflie", "virtual": "auto", "task": "MC-3", "seed": "7", "split": "test", "goals": "",
    "grey": "true", "run_dir": "", "camera_port": "5123", "uri": "",
}  # fmt: skip


def command(uri: str) -> list[str] | None:
    return virtual_command({**VALUES, "uri": uri}, "python")


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def test_over_udp_the_crazyflie_is_at_the_address_and_the_deck_at_the_cameras_port() -> None:
    words = command("udp://127.0.0.1:19877")
    assert words is not None
    assert words[:4] == ["python", "-m", "reprohrl", "virtual-crazyflie"]
    assert (option(words, "--port"), option(words, "--aideck-port")) == ("19877", "5123")


def test_over_tcp_the_deck_is_at_the_address() -> None:
    words = command("tcp://localhost:5987")
    assert words is not None
    assert (option(words, "--port"), option(words, "--aideck-port")) == ("0", "5987")


@pytest.mark.parametrize("uri", ["radio://0/80/2M/E7E7E7E7E7", "tcp://192.168.4.1:5000"])
def test_a_real_address_starts_nothing(uri: str) -> None:
    assert command(uri) is None


@pytest.mark.parametrize(("scheme", "kind"), [("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)])
def test_an_address_that_is_served_starts_nothing(scheme: str, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            server.listen(1)
        assert command(f"{scheme}://127.0.0.1:{server.getsockname()[1]}") is None
