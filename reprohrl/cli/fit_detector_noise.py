"""`reprohrl fit-detector-noise`: measure the detector on rendered flights, fit the error model to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl fit-detector-noise\n\n"
    "reprohrl fit-detector-noise --frames 400 --camera grey --out runs/noise.json\n\n"
    "Beside the JSON file lies a page of plots of the same name, .html."
)


def command(
    frames: Annotated[
        int, typer.Option(min=40, help="Frames per camera to fit to; half as many check.")
    ] = 4000,
    out: Annotated[Path | None, typer.Option(help="JSON file to write; runs/detector_noise.json.")] = None,
    detector: Annotated[Path | None, typer.Option(help="ONNX file; the shipped detector.")] = None,
    camera: Annotated[str, typer.Option(help="grey, colour or both.")] = "both",
    confidence: Annotated[float, typer.Option(min=0.05, max=0.95, help="Least score of a box.")] = 0.35,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the flights.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")] = False,
) -> int:
    """Fit the simulated detector's errors to the real one's, and check the fit on other scenes."""
    from reprohrl.cli import console
    from reprohrl.contracts.errors import UserError
    from reprohrl.perception.detector import OnnxDetector
    from reprohrl.policies.manifest import replace_file
    from sim.noise_fit.report import page
    from sim.noise_fit.study import CAMERAS, study

    cameras = CAMERAS if camera == "both" else (camera,)
    if camera != "both" and camera not in CAMERAS:
        raise UserError(f"there is no camera {camera!r}", fix=f"--camera {' or '.join((*CAMERAS, 'both'))}")
    target = out or Path("runs/detector_noise.json")
    if target.suffix != ".json":
        raise UserError(
            f"{target} is not the name of a JSON file", fix=f"--out {target.with_suffix('.json')}"
        )
    network = OnnxDetector(detector, confidence=confidence)
    if dry_run:
        console.out().print(f"would fly {frames} + {frames // 2} frames per camera and write {target}")
        return 0
    with console.err().status("flying the camera") as status:
        result = study(
            network, network.path.name, confidence, frames, cameras=cameras, seed=seed,
            progress=lambda name, done, total: status.update(f"{name} camera: {done} of {total} frames"),
        )  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_file(target, (json.dumps(result, indent=1) + "\n").encode())
    replace_file(target.with_suffix(".html"), page(result).encode())
    for name, fitted in result["cameras"].items():
        check = fitted["check"]
        console.out().print(
            f"{name}: on other scenes the model's recall is within {100 * check['recall_gap']:.1f} points of "
            f"the detector's in every bin of size, its precision within {100 * check['precision_gap']:.1f}"
        )
    console.out().print(f"wrote {target} and {target.with_suffix('.html')}")
    return 0
