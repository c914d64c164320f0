"""`reprohrl fly`: a mission in simulation, in this process, without ROS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.contracts.mission import Mission

if TYPE_CHECKING:
    from reprohrl.evaluation.spec import EpisodeSpec
    from reprohrl.flight.result import FlightResult

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl fly --task MC-3 --seed 7\n\n"
    'reprohrl fly --goals "sphere,cone,cube"\n\n'
    "reprohrl fly --planner scripted --navigator scripted --renderer bullet --color"
)


def command(
    task: Annotated[str, typer.Option(help="Task id; see reprohrl tasks list.")] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Scene seed.")] = 0,
    goals: Annotated[str, typer.Option(help="Goals in order instead of the task's own.")] = "",
    planner: Annotated[str, typer.Option(help="Goal selector: learned, rule or scripted.")] = "learned",
    navigator: Annotated[str, typer.Option(help="Low level: learned, routes or scripted.")] = "learned",
    rung: Annotated[
        str, typer.Option(help="Perception: R0 truth, R1 errors, R2 detector, R3 worse camera.")
    ] = "R2",
    color: Annotated[bool, typer.Option("--color/--grey", help="Colour or grey camera.")] = False,
    renderer: Annotated[str, typer.Option(help="Frames: ray, or bullet's own renderer.")] = "ray",
    world: Annotated[str, typer.Option(help="Physics: bullet, or the compiled fast world.")] = "bullet",
    split: Annotated[str, typer.Option(help="Seeds of the test or the train split.")] = "test",
    out: Annotated[Path | None, typer.Option(help="Run folder; runs/<stamp> by default.")] = None,
    realtime: Annotated[bool, typer.Option(help="At wall speed instead of as fast as it goes.")] = False,
    video: Annotated[bool, typer.Option(help="Encode flight.mp4.")] = True,
) -> int:
    """Fly a mission in simulation and write its report; exit with 0 when it succeeded."""
    from reprohrl.cli import console, outcome
    from reprohrl.cli.stage import check_spec, spec_of
    from reprohrl.reporting.run import new_run_dir, write_run

    spec = spec_of(
        task=task, rung=rung, seed=seed, colour=color, planner=planner, navigator=navigator,
        renderer=renderer, world=world, split=split, goals=Mission.parse(goals).goals if goals else (),
    )  # fmt: skip
    check_spec(spec)
    folder = out or new_run_dir()
    with console.err().status("building the world") as status:
        result = _fly(spec, status, realtime)
        summary = write_run(result.log, folder, video=video, progress=status.update)
    outcome.show(summary, folder)
    return 0 if summary["success"] else 1


def _fly(spec: EpisodeSpec, status: Any, realtime: bool) -> FlightResult:
    """Fly with a live line of what the drone is doing."""
    from reprohrl.cli.stage import open_stage
    from reprohrl.flight.result import Tick
    from reprohrl.flight.runner import FlightOptions, fly

    with open_stage(spec, realtime=realtime) as stage:
        names = ", ".join(stage.pipeline.mission.mission.names)
        start = stage.clock.now()

        def tell(tick: Tick) -> str | None:
            if tick.step is not None:
                s = tick.step
                reached = f"{s.status.index}/{len(s.status.mission.goals)}"
                status.update(f"{names}: {reached} reached, {s.option}, {tick.now - start:.1f} s")
            return None

        return fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (tell,),
            options=FlightOptions(seed=spec.seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip
