"""One cache of the drone's tables for the whole suite: connecting takes a tenth of a second then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cflib")

from tests.safety.flights import Flight, flight


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("safety")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Flight]]:
    """Return what makes a flight that is closed after the test."""
    with ExitStack() as stack:

        def make(**arguments: Any) -> Flight:
            return stack.enter_context(flight(folder, **arguments))

        yield make


@pytest.fixture
def aloft(start: Callable[..., Flight]) -> Flight:
    """A drone that has hovered at 0.8 m for a second under commands."""
    return lift(start())


def lift(f: Flight, height_m: float = 0.8, **arguments: Any) -> Flight:
    """Connect, take off and hover under commands for a second."""
    from reprohrl.contracts.command import HOVER

    f.connect(**arguments).take_off(height_m)
    assert f.fly(1.0, HOVER) == ""
    return f


@pytest.fixture(scope="session")
def folder_for_hypothesis(folder: Path) -> Path:
    """The same folder, for tests whose examples each make a flight of their own."""
    return folder
