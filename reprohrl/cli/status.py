"""What a verb returns becomes the exit status."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import typer

P = ParamSpec("P")


def returning(verb: Callable[P, int]) -> Callable[P, None]:
    """Wrap a verb so that typer exits with the number it returns."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        status = verb(*args, **kwargs)
        if status:
            raise typer.Exit(status)

    return run
