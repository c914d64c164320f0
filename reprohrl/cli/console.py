"""How the command line speaks: one console for results, one for everything else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console


@cache
def out() -> Console:
    """Results: stdout."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> Console:
    """Progress and problems: stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def complain(error: UserError) -> None:
    """Print what happened, why, and what to type next, as sentences."""
    from rich.markup import escape

    err().print(f"[bold red]Error:[/] {escape(_sentence(error.what))}")
    if error.why:
        err().print(f"  {escape(_sentence(error.why))}")
    if error.fix:
        err().print(f"  [bold]Try:[/] {escape(error.fix)}")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else text + "."
