"""`reprohrl train`: retrain a shipped model."""

from __future__ import annotations

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
    resume: Annotated[bool, typer.Option(help="Continue from the newest checkpoint.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")] = False,
) -> int:
    """Retrain the detector, the navigator, the selector, or all of them, and export what came out."""
    import importlib

    from reprohrl.cli import console

    stages = [w.value for w in What if w is not What.all] if what is What.all else [what.value]
    for stage in stages:
        folder = (out or Path("runs/training")) / stage
        if dry_run:
            line = f"would train the {stage} with seed {seed} in {folder}, then export it to models/"
            console.out().print(line)
            continue
        console.err().print(f"Training the {stage} with seed {seed}; checkpoints in {folder}")
        module = importlib.import_module(f"reprohrl.training.{stage}")
        module.run(seed=seed, steps=steps, folder=folder, resume=resume)
    return 0
