"""`reprohrl foxglove`: watch a flight in the browser, live or recorded, without ROS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from reprohrl.reporting.foxglove.server import LiveServer

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl foxglove                      (plays the newest flight)\n\n"
    "reprohrl foxglove runs/20260131-101500 --speed 2 --repeat\n\n"
    "reprohrl foxglove --live --task MC-3 --seed 1     (flies one now)\n\n"
    "reprohrl foxglove --layout layout.json            (writes the layout to import)"
)


def command(
    run: Annotated[
        Path | None, typer.Argument(help="A folder below runs/; the newest by default.", show_default=False)
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Fly in simulation now, at wall speed.")] = False,
    task: Annotated[str, typer.Option(help="Task id of a live flight.")] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Scene seed of a live flight.")] = 0,
    speed: Annotated[float, typer.Option(min=0.0, help="Flight seconds per second; 0: at once.")] = 1.0,
    repeat: Annotated[bool, typer.Option("--repeat", help="Play the recording until Ctrl-C.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0: any.")] = 8765,
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to open the browser in before it starts.")
    ] = 5.0,
    layout: Annotated[
        Path | None, typer.Option(help="Write the layout to this file and end.", show_default=False)
    ] = None,
) -> int:
    """Serve a flight to Foxglove over a WebSocket; the printed address opens it in the browser."""
    from reprohrl.cli import console
    from reprohrl.contracts.clock import WallClock
    from reprohrl.reporting.foxglove.server import LiveServer

    if layout is not None:
        return write_layout(layout)
    log = None
    if not live:
        from reprohrl.reporting.mcap import read_mcap
        from reprohrl.reporting.run import RECORDING, latest_run

        log = read_mcap((run or latest_run()) / RECORDING)
    clock = WallClock()
    with LiveServer(host=host, port=port) as server:
        console.err().print(f"open {server.address}")
        console.err().print("and import the layout: reprohrl foxglove --layout layout.json")
        with console.err().status("waiting for the browser") as status:
            clock.sleep(wait)
            if log is None:
                return fly_live(server, task, seed, status)
            from reprohrl.reporting.foxglove.playback import play

            while True:
                play(log, server, clock, speed=speed, progress=lambda s: status.update(f"{s:.1f} s"))
                if not repeat:
                    break
            clock.sleep(min(wait, 1.0))  # what was sent last is still on its way
    return 0


def write_layout(path: Path) -> int:
    """Write the layout, whole or not at all."""
    from reprohrl.cli import console
    from reprohrl.reporting.foxglove.layout import layout
    from reprohrl.reporting.run import put

    put(path, lambda half: half.write_text(json.dumps(layout(), indent=2) + "\n"))
    console.out().print(f"{path}: import it in Foxglove with Layout > Import from file")
    return 0


def fly_live(server: LiveServer, task: str, seed: int, status: Any) -> int:
    """Fly one mission at wall speed, told row by row; return 0 when it succeeded."""
    from reprohrl.cli.stage import check_spec, open_stage, spec_of
    from reprohrl.flight.log import FlightLog, LogRow
    from reprohrl.flight.result import Tick
    from reprohrl.flight.runner import FlightOptions, fly
    from reprohrl.reporting.foxglove.story import Story

    spec = spec_of(task=task, rung="R2", seed=seed)
    check_spec(spec)
    with open_stage(spec, realtime=True) as stage:
        story = Story(stage.header)
        told = [0, 0]

        def tell(log: FlightLog, row: LogRow) -> None:
            server.send(story.row(row))
            for event in log.events[told[1] :]:
                server.send(story.event(event))
            told[1] = len(log.events)
            server.now(row.stamp)
            status.update(f"{row.option or 'waiting'}, {row.stamp - log.rows[0].stamp:.1f} s")

        def watch(tick: Tick) -> str | None:
            if tick.log is not None:
                for row in tick.log.rows[told[0] :]:
                    tell(tick.log, row)
                told[0] = len(tick.log.rows)
            return None

        result = fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (watch,),
            options=FlightOptions(seed=spec.seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip
        for event in result.log.events[told[1] :]:
            server.send(story.event(event))
        server.send(story.end())
    return 0 if result.success else 1
