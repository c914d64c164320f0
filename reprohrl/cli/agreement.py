"""`reprohrl agreement`: measure how well the batched core and Bullet agree, and write the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = "Examples:  reprohrl agreement\n\nreprohrl agreement --rooms 200 --out runs/agreement"


def command(
    out: Annotated[Path, typer.Option(help="Folder of agreement.html and agreement.json.")] = Path(
        "runs/agreement"
    ),
    rooms: Annotated[int, typer.Option(min=4, help="Rooms flown in; views and rotor flights follow.")] = 60,
) -> int:
    """Fly the same flights in the batched core and in PyBullet, compare their boxes, write a report.

    The exit status is 1 when a tolerance is exceeded.
    """
    from reprohrl.cli import console
    from sim.agreement.report import measure, write

    with console.err().status("measuring") as status:
        result = measure(rooms, progress=status.update)
        page = write(result, out)
    for check in result.checks():
        word = "[green]kept[/]" if check.kept else "[bold red]exceeded[/]"
        sign = "at least" if check.at_least else "at most"
        console.out().print(
            f"{word}  {check.name}: {check.measured:.3g} {check.unit}, {sign} {check.limit:g}; {check.sample}"
        )
    console.out().print(f"Report: {page}")
    return 0 if all(check.kept for check in result.checks()) else 1
