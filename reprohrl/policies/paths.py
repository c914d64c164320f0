"""Where the shipped models are, in a clone, in an installed package, or where the user says."""

from __future__ import annotations

import os
from pathlib import Path

import reprohrl
from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.vocabulary import did_you_mean

MODELS_VARIABLE = "REPROHRL_MODELS"
MANIFEST = "manifest.json"


def models_dir() -> Path:
    """Return the folder of models.

    Looked for in `$REPROHRL_MODELS`, beside the package (a clone), and in `share/reprohrl/models`
    of any prefix above the package (pip, a virtual environment, a colcon install).
    Raises `ModelError` when there is none.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    if chosen:
        folder = Path(chosen).expanduser()
        if folder.is_dir():
            return folder
        raise ModelError(f"{MODELS_VARIABLE}={chosen} is not a folder", fix="set it to one, or unset it")
    package = Path(reprohrl.__file__).resolve().parent
    places = [package.parent / "models"] + [p / "share/reprohrl/models" for p in package.parents]
    for place in places:
        if place.is_dir():
            return place
    raise ModelError(
        "no models are installed",
        why=f"looked beside the package in {package.parent} and in share/reprohrl/models above it",
        fix=f"reinstall, train them with `make models`, or set {MODELS_VARIABLE}",
    )


def model_path(name: str) -> Path:
    """Return the file of the model `name`, e.g. `navigator`. Raises `ModelError` with a near miss."""
    folder = models_dir()
    path = folder / f"{name}.onnx"
    if path.is_file():
        return path
    known = sorted(p.stem for p in folder.glob("*.onnx"))
    raise ModelError(
        f"there is no model {name!r} in {folder}",
        why=f"it holds: {', '.join(known) or 'no model at all'}",
        fix=did_you_mean(name, known) or "train it with `reprohrl train`, or restore the file",
    )
