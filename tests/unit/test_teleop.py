"""Who flies: a command from outside while it is fresh, else the policy."""

from __future__ import annotations

import math

import pytest

from reprohrl.contracts.command import VelocityCommand
from ros_nodes.teleop import Teleop

OWN = VelocityCommand(0.4, 0.0, 0.1, 0.2, stamp=7.0)


def test_nobody_outside_means_the_policy() -> None:
    teleop = Teleop()
    assert teleop.command(OWN, 0.0, fresh_s=0.5) is OWN and not teleop.drives


@pytest.mark.parametrize(("age_s", "drives"), [(0.0, True), (0.5, True), (0.51, False), (60.0, False)])
def test_a_command_from_outside_flies_while_it_is_fresh(age_s: float, drives: bool) -> None:
    teleop = Teleop()
    teleop.heard(0.1, -0.2, 0.0, 0.3, 10.0)
    command = teleop.command(OWN, 10.0 + age_s, fresh_s=0.5)
    assert command == (VelocityCommand(0.1, -0.2, 0.0, 0.3, stamp=7.0) if drives else OWN)
    assert teleop.drives is drives


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused_and_the_last_command_stays(at: int, bad: float) -> None:
    teleop = Teleop()
    teleop.heard(0.1, 0.0, 0.0, 0.0, 1.0)
    velocity = [0.0] * 4
    velocity[at] = bad
    with pytest.raises(ValueError, match="not finite"):
        teleop.heard(*velocity, 1.2)
    assert teleop.command(OWN, 1.4, fresh_s=0.5).vx == 0.1
    assert teleop.command(OWN, 1.6, fresh_s=0.5) is OWN
