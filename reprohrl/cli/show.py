"""`reprohrl show`: fly one test episode of the benchmark again, and film it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.bench.suite import Cell
    from reprohrl.flight.log import FlightLog

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl show --task MC-3 --seed 17\n\n"
    "reprohrl show --task C1 --seed 4 --method scripted --rung R1\n\n"
    "reprohrl show --task MC-3 --seed 8 --method flat-ppo --train-seed 2 --rung R2 --out fail.mp4"
)


def command(
    task: Annotated[str, typer.Option(help="Task of the episode.")] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Test episode.")] = 0,
    method: Annotated[str, typer.Option(help="Who flies.")] = "ours",
    rung: Annotated[str, typer.Option(help="R0, R1: truth boxes; R2, R3: rendered frames.")] = "R2",
    train_seed: Annotated[int, typer.Option(help="Training seed of a learned method.")] = 0,
    train_task: Annotated[str, typer.Option(help="Task it was trained on.")] = "MC-3",
    renderer: Annotated[str, typer.Option(help="Frames at R2: ray, or bullet's own renderer.")] = "ray",
    runs: Annotated[Path, typer.Option(help="Folder of the trained runs.")] = Path("runs/train"),
    out: Annotated[
        Path | None, typer.Option(help="Film, with its page beside it; below runs/show by default.")
    ] = None,
) -> int:
    """Fly one test episode again, exactly as the benchmark did, and write its film and a one-page report."""
    from reprohrl.cli import console, outcome
    from reprohrl.reporting.run import write_run

    cell = _cell(task, method, rung, train_seed, renderer)
    if out is not None and out.suffix != ".mp4":
        raise UserError(f"{out} is no film", why="it has to end in .mp4", fix=f"--out {out.stem}.mp4")
    default = Path("runs/show") / f"{cell.task}-{seed}-{method}-{cell.rung}"
    with TemporaryDirectory() as aside, console.err().status("flying") as status:
        folder = default if out is None else Path(aside)
        log = _fly(cell, seed, runs, train_task)
        summary = write_run(log, folder, progress=status.update)
        outcome.show(summary, folder if out is None else None)
        if out is not None:
            _keep(folder, out)
            console.out().print(f"Film: {out.resolve()}\nReport: {out.with_suffix('.html').resolve()}")
    return 0


def _keep(folder: Path, film: Path) -> None:
    """Move the film to where it was asked for, and the page beside it."""
    from reprohrl.reporting.run import REPORT, VIDEO

    if not (folder / VIDEO).is_file():
        raise UserError(
            "no film was made", why="imageio-ffmpeg is missing", fix="pip install 'reprohrl[viz]'"
        )
    film.parent.mkdir(parents=True, exist_ok=True)
    for made, wanted in ((VIDEO, film), (REPORT, film.with_suffix(".html"))):
        half = wanted.with_name(f".{wanted.name}.part")
        shutil.copyfile(folder / made, half)
        half.replace(wanted)


def _fly(cell: Cell, seed: int, runs: Path, train_task: str) -> FlightLog:
    """Return the recorded flight with its verdict."""
    from reprohrl.bench.replay import replay
    from reprohrl.bench.suite import TRUTH_RUNGS
    from reprohrl.bench.trained import policies_of, training_for
    from reprohrl.cli.frames import fly_recorded
    from reprohrl.policies.paths import models_dir

    training = training_for(cell, train_task, runs)
    folder = policies_of(cell, training, models_dir())
    if cell.rung in TRUTH_RUNGS:
        return replay(cell, seed, folder)[0]
    return fly_recorded(cell, seed, folder)


def _cell(task: str, method: str, rung: str, train_seed: int, renderer: str) -> Cell:
    from reprohrl.bench.methods import METHODS
    from reprohrl.bench.suite import FRAME_RUNGS, Cell, choose
    from reprohrl.cli.stage import CHOICES
    from reprohrl.training.agents import registry
    from sim.tasks import TASKS

    (name,) = choose("task", [task.upper()], TASKS)
    (level,) = choose("rung", [rung.upper()], CHOICES["rung"])
    choose("method", [method], tuple(m for m in METHODS if m in registry.names()))
    choose("renderer", [renderer], CHOICES["renderer"])
    if level in FRAME_RUNGS and not METHODS[method].frames:
        raise UserError(f"{method} does not fly from frames", why="it has no camera", fix="--rung R1")
    return Cell(method, train_seed, name, level, renderer if level in FRAME_RUNGS else "")
