"""`reprohrl talk` from outside: it lands the drone before it ends, and refuses what others could reach."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra talk is not installed")

from tests.talk.client import Client

ROOT = Path(__file__).resolve().parents[2]


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "reprohrl", "talk", *words], cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture
def talking() -> Iterator[tuple[subprocess.Popen[str], Client]]:
    process = start("--port", "0", "--task", "MS-2", "--seed", "3", "--rung", "R1")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line + process.stdout.read()
        client = Client(found.group())
        end = time.monotonic() + 60.0
        while True:
            try:
                client.state()
                break
            except OSError:
                assert time.monotonic() < end and process.poll() is None
                time.sleep(0.05)
        yield process, client
    finally:
        process.kill()
        process.wait(10.0)


def test_a_signal_lands_the_drone_then_ends_the_server(
    talking: tuple[subprocess.Popen[str], Client],
) -> None:
    process, client = talking
    client.fly("visit the cube, then the cone")
    client.until(lambda s: s["tick"].get("height_m", 0.0) > 0.5, "a drone in the air")
    second = start("--port", client.address.rstrip("/").rpartition(":")[2])
    said, _ = second.communicate(timeout=60.0)
    assert second.returncode == 2 and "cannot be used" in said, "a port in use has to be named"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=90.0)
    assert process.returncode == 0, said
    assert "did not end" not in said
