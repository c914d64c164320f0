"""`reprohrl doctor`: what works on this machine, what does not, and what to type about it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = "Example:  reprohrl doctor"


def command(
    strict: Annotated[bool, typer.Option(help="Exit with 1 when anything at all is missing.")] = False,
) -> int:
    """Check Python, packages, compiler, ROS, models and radio, and say how to mend what is missing."""
    from rich.markup import escape

    from reprohrl.cli import console
    from reprohrl.cli.checks import CHECKS, Level

    signs = {Level.OK: "[green]ok[/]     ", Level.NOTE: "[yellow]note[/]   ", Level.BAD: "[red]missing[/]"}
    worst = Level.OK
    for check in CHECKS:
        finding = check()
        worst = max(worst, finding.level)
        console.out().print(f"{signs[finding.level]} [bold]{finding.name}[/]: {escape(finding.text)}")
        if finding.fix:
            console.out().print(f"          {escape(finding.fix)}")
    console.out().print(
        {
            Level.OK: "All is well.",
            Level.NOTE: "Ready to fly in simulation; the notes name what is optional.",
            Level.BAD: "Not ready to fly; mend what is missing.",
        }[worst]
    )
    return 1 if worst is Level.BAD or (strict and worst is Level.NOTE) else 0
