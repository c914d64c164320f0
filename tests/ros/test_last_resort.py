"""A process that hangs ends itself, whatever it hangs in, and says where it stood."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ros_nodes.environment import variables

pytestmark = [pytest.mark.ros, pytest.mark.timeout(150)]
ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 90.0

HOLDS_THE_INTERPRETER = """
import ctypes
from ros_nodes.last_resort import LastResort

def hangs_in_c():
    ctypes.PyDLL(None).sleep(600)

watched = LastResort()
watched.arm(60.0)
watched.allow(0.5)
hangs_in_c()
"""

NODE = """
import sys, threading, time
from ros_nodes import graces, running
from ros_nodes.stage import Stage

running.TURN_S, running.LEFT_S, graces.OTHERS_S = 1.0, 1.0, 0.5

def waits_for_ever():
    threading.Event().wait()

class Sample(Stage):
    def __init__(self):
        super().__init__("sample")
        self.create_timer(0.05, self.say, clock=self.wall)

    def say(self):
        print("turning", flush=True)
        if HANGS == "turning":
            waits_for_ever()

    def cleanup(self):
        if HANGS == "ending":
            waits_for_ever()

sys.exit(running.run(Sample))
"""


def start(code: str) -> subprocess.Popen[str]:
    env = {**os.environ, **variables()}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_a_thread_that_never_gives_the_interpreter_back_is_ended_and_named() -> None:
    process = start(HOLDS_THE_INTERPRETER)
    said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == -signal.SIGALRM
    assert "in hangs_in_c" in said


def test_a_node_whose_loop_does_not_turn_ends_itself(ros: int) -> None:
    process = start(f"HANGS = 'turning'\n{NODE}")
    said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == -signal.SIGALRM and "in waits_for_ever" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_node_that_hangs_while_it_ends_is_gone_in_time(ros: int, number: signal.Signals) -> None:
    process = start(f"HANGS = 'ending'\n{NODE}")
    assert process.stdout is not None
    assert process.stdout.readline() == "turning\n"
    process.send_signal(number)
    said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == -signal.SIGALRM, said
    assert "in waits_for_ever" in said and "in cleanup" in said


def test_a_node_that_ends_as_it_should_is_left_alone(ros: int) -> None:
    process = start(f"HANGS = ''\n{NODE}")
    assert process.stdout is not None
    for _ in range(60):  # three seconds: its turns go on beyond the limit of one
        assert process.stdout.readline() == "turning\n"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0, said
