"""`reprohrl report`: make a flight's report again from its recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = "Examples:  reprohrl report\n\nreprohrl report runs/20260131-101500 --rerun"


def command(
    run: Annotated[
        Path | None, typer.Argument(help="A folder below runs/; the newest by default.", show_default=False)
    ] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Write flight.rrd for rerun, too.")] = False,
) -> int:
    """Make summary.json, flight.mp4 and report.html again from flight.mcap."""
    from reprohrl.cli import console
    from reprohrl.cli.outcome import show
    from reprohrl.reporting.run import latest_run, rebuild

    folder = run or latest_run()
    with console.err().status("reading flight.mcap") as status:
        summary = rebuild(folder, progress=status.update)
        if rerun:
            from reprohrl.reporting.mcap import read_mcap
            from reprohrl.reporting.rerun import write_rerun
            from reprohrl.reporting.run import RECORDING, put

            status.update("writing flight.rrd")
            log = read_mcap(folder / RECORDING)
            put(folder / "flight.rrd", lambda half: write_rerun(log, half))
    show(summary, folder)
    return 0
