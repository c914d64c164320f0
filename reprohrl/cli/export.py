"""`reprohrl export`: turn a training checkpoint into a shipped ONNX file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

SETTINGS: dict[str, Any] = {}
EXAMPLES = "Example:  reprohrl export navigator runs/training/navigator/checkpoint.zip"


class What(StrEnum):
    detector = "detector"
    navigator = "navigator"
    selector = "selector"


def command(
    what: Annotated[What, typer.Argument(help="Which model.")],
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint that `reprohrl train` wrote.")],
    out: Annotated[Path | None, typer.Option(help="Folder of models; models/ by default.")] = None,
) -> int:
    """Export a checkpoint to ONNX, with spec, normalisation, example and provenance inside."""
    from reprohrl.cli import console

    if not checkpoint.is_file():
        raise UserError(f"there is no checkpoint {checkpoint}", fix=f"reprohrl train {what.value}")
    from reprohrl.training import run

    path = run.export(what.value, checkpoint, out or Path("models"))
    console.out().print(f"wrote {path}")
    return 0
