"""`reprohrl train`: retrain a shipped model."""

from __future__ import annotations

import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl train navigator --seed 0\n\nreprohrl train detector --resume\n\n"
    "reprohrl train all --dry-run"
)


class What(StrEnum):
    detector = "detector"
    navigator = "navigator"
    selector = "selector"
    all = "all"


def command(
    what: Annotated[What, typer.Argument(help="Which model; the selector needs a trained navigator.")],
    seed: Annotated[int, typer.Option(help="Training seed.")] = 0,
    steps: Annotated[
        int | None, typer.Option(help="Steps (detector: epochs), if not the shipped number.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for checkpoints and logs.")] = None,
    models: Annotated[Path | None, typer.Option(help="Folder the ONNX files go to; models/.")] = None,
    resume: Annotated[bool, typer.Option(help="Continue from the newest checkpoint.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")] = False,
) -> int:
    """Retrain the detector, the navigator, the selector, or all of them, and export what came out."""
    from reprohrl.cli import console

    target = models or Path("models")
    for stage in [w.value for w in What if w is not What.all] if what is What.all else [what.value]:
        folder = (out or Path("runs/training")) / stage
        if dry_run:
            console.out().print(
                f"would train the {stage} with seed {seed} in {folder}, then write it to {target}"
            )
            continue
        console.err().print(f"Training the {stage} with seed {seed}; checkpoints in {folder}")
        path = _train(stage, folder, target, seed=seed, steps=steps, resume=resume)
        console.out().print(f"wrote {path}")
    return 0


def _train(stage: str, folder: Path, models: Path, *, seed: int, steps: int | None, resume: bool) -> Path:
    """Train with the library's own log lines on the terminal, and a bar while frames are rendered."""
    from rich.progress import Progress

    from reprohrl.cli import console
    from reprohrl.training import run

    logging.getLogger("reprohrl").setLevel(logging.INFO)
    with Progress(console=console.err(), transient=True) as progress:
        bar = progress.add_task("rendering frames", total=None, visible=False)

        def follow(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total, visible=done < total)

        return run.train(stage, folder, models, seed=seed, steps=steps, resume=resume, progress=follow)
