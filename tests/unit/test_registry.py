"""Policies are asked for by name."""

from __future__ import annotations

import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.policies.registry import NAVIGATORS, PLANNERS, make_navigator, make_planner


def test_the_learned_and_the_scripted_policies_stand_side_by_side() -> None:
    assert {"learned", "scripted"} <= set(NAVIGATORS) and {"learned", "scripted"} <= set(PLANNERS)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UserError, match=r'unknown navigator .lerned.; .*; did you mean "learned"\?'):
        make_navigator("lerned")
    with pytest.raises(UserError, match=r'did you mean "scripted"\?'):
        make_planner("script")
