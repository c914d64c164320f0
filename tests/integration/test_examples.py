"""The examples run as they are, and say what their first line promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reprohrl.reporting.run import write_run
from tests.flight_logs import straight_flight

ROOT = Path(__file__).parents[2]


def run(name: str, *arguments: str) -> str:
    """Run an example from the repository's root and return what it printed."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "examples" / name), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=110, env=env, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["fly_a_mission.py", "your_own_planner.py"])
def test_a_flight_of_the_examples_reaches_its_goals(name: str) -> None:
    assert "mission ended: all goals reached" in run(name)


def test_a_flight_can_be_read_back(tmp_path: Path) -> None:
    write_run(straight_flight(leg_ticks=6), tmp_path, video=False)
    text = run("read_a_flight.py", str(tmp_path))
    assert text.count("of 18 frames") == 3 and "all goals reached" in text
