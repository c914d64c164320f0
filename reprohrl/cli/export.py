"""`reprohrl export`: put what was trained into a folder of models."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl export ours runs/train/ours/ours/seed-0\n\n"
    "reprohrl export detector runs/train-detector/last/weights/best.pt"
)


class What(StrEnum):
    detector = "detector"
    ours = "ours"


def command(
    what: Annotated[What, typer.Argument(help="The detector, or our policies: selector and navigator.")],
    source: Annotated[Path, typer.Argument(help="Weights of a detector, or the folder of a finished run.")],
    out: Annotated[Path | None, typer.Option(help="Folder of models; models/ by default.")] = None,
) -> int:
    """Write verified ONNX files, with their card and manifest entries; `fly` and `launch` use them."""
    from reprohrl.cli import console

    if not (source.is_file() if what is What.detector else source.is_dir()):
        raise UserError(f"there is no {source}", fix=f"reprohrl train {what.value}")
    from reprohrl.training import run

    for path in run.export(what.value, source, out or Path("models")):
        console.out().print(f"wrote {path}")
    return 0
