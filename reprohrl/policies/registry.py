"""Navigators and planners by name, each built only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.navigator import Navigator
from reprohrl.contracts.planner import Planner
from reprohrl.contracts.vocabulary import did_you_mean

T = TypeVar("T")


def _learned_navigator() -> Navigator:
    from reprohrl.policies.navigator import OnnxNavigator

    return OnnxNavigator()


def _scripted_navigator() -> Navigator:
    from reprohrl.policies.scripted import ScriptedNavigator

    return ScriptedNavigator()


def _route_navigator() -> Navigator:
    from reprohrl.policies.pilot import RouteNavigator

    return RouteNavigator()


def _learned_planner() -> Planner:
    from reprohrl.policies.selector import OnnxSelector

    return OnnxSelector()


def _scripted_planner() -> Planner:
    from reprohrl.policies.scripted import ScriptedSelector

    return ScriptedSelector()


def _rule_planner() -> Planner:
    from reprohrl.policies.rule import RuleSelector

    return RuleSelector()


NAVIGATORS: Mapping[str, Callable[[], Navigator]] = {
    "learned": _learned_navigator,
    "routes": _route_navigator,
    "scripted": _scripted_navigator,
}
PLANNERS: Mapping[str, Callable[[], Planner]] = {
    "learned": _learned_planner,
    "rule": _rule_planner,
    "scripted": _scripted_planner,
}


def make_navigator(name: str = "learned") -> Navigator:
    """Build the navigator `name`. Raises `UserError` for an unknown one, `ModelError` for a bad file."""
    return _choose("navigator", NAVIGATORS, name)()


def make_planner(name: str = "learned") -> Planner:
    """Build the planner `name`. Raises `UserError` for an unknown one, `ModelError` for a bad file."""
    return _choose("planner", PLANNERS, name)()


def _choose(kind: str, known: Mapping[str, Callable[[], T]], name: str) -> Callable[[], T]:
    if name in known:
        return known[name]
    raise UserError(
        f"unknown {kind} {name!r}",
        why=f"there are: {', '.join(known)}",
        fix=did_you_mean(name, list(known)) or "use one of them",
    )
