"""The model card of the detector, written from what was measured."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.policies.provenance import Provenance
from reprohrl.training.detector import INPUT_SIZE
from reprohrl.training.detector_metrics import SIZE_EDGES


def card(results: dict[str, dict[str, Any]], provenance: Provenance) -> str:
    """Return the model card (Markdown)."""
    config = provenance.config
    frames, notes = config["frames"], config["notes"] or "none"
    stages = "; ".join(
        f"{s['epochs']} epochs at {s['width_px']} px (rate {s['rate']:g})" for s in config["stages"]
    )
    versions = ", ".join(
        f"{k} {v}" for k, v in provenance.versions.items() if k in ("torch", "ultralytics", "numpy")
    )
    errors = {name: r["errors"] for name, r in results.items()}
    return f"""# detector.onnx

Finds {", ".join(DETECTOR_CLASSES)} in frames of the front camera, grey or colour.

| | |
|---|---|
| network | YOLO11, nano depth, width {config["width"]:g} (its usual nano: 0.25), from scratch |
| input | 1 x 3 x {INPUT_SIZE[0]} x {INPUT_SIZE[1]}, RGB in [0, 1]; grey frames are repeated; letterboxed |
| output | 1 x {4 + len(DETECTOR_CLASSES)} x N: centre, size [px of the input], one score per class |
| data | {frames["train"]} ray-cast and {frames["train_bullet"]} PyBullet frames of train-split scenes |
| randomised | light, colour, texture, pose, exposure, gamma, vignette, noise, focus, motion blur, JPEG |
| training | {stages}; AdamW, batch {config["batch"]}, seed {config["seed"]}, CPU; {versions} |
| to know | {notes} |
| command | `reprohrl train detector` (about an hour on two cores); revision `{provenance.revision}` |

## Measured

On scenes of the test split, through the runtime that flies (`OnnxDetector`). `flight_*`: the default camera,
as flown. `test_*`: the random sensor faults of training, far stronger. `test_bullet`: PyBullet's renderer.
Scenes of all tasks; a quarter of the frames from less than about 0.7 m off a goal.

{_quality_table(results)}

Recall at confidence {results["flight_grey"]["confidence"]:g}:

{_recall_table(errors)}

## Errors, for simulated detectors

At confidence {results["flight_grey"]["confidence"]:g}, IoU 0.5; size is the root of the share of the image.

{_error_table(errors)}

## Limits

- **Never tried on real pictures.** What holds for drawn rooms, goals and pillars may not hold for yours.
- Objects with fewer than 30 visible pixels, or less than a quarter visible, were not labelled.
- A goal cut off by the image's edge to a sliver has no shape left to tell it by, and is often missed.

## Licence

The weights were trained with ultralytics, whose authors license it under AGPL-3.0 and state that models
trained with it fall under the same terms. Whether weights are a derived work at all is unsettled. Treat
this file as AGPL-3.0; the code that reads it (onnxruntime and numpy only) is Apache-2.0. A detector trained
with another framework is free of the question: any ONNX file of the same input and output serves.
"""


def _quality_table(results: dict[str, dict[str, Any]]) -> str:
    head = f"| frames | number | mAP50 | {' | '.join(DETECTOR_CLASSES)} |\n"
    rule = "|" + "---|" * (3 + len(DETECTOR_CLASSES)) + "\n"
    rows = "\n".join(
        f"| {name} | {r['frames']} | **{r['map50']:.3f}** | "
        + " | ".join(f"{r['ap50'].get(c, float('nan')):.3f}" for c in DETECTOR_CLASSES)
        + " |"
        for name, r in results.items()
    )
    return head + rule + rows


def _recall_table(errors: dict[str, dict[str, Any]]) -> str:
    head = "| frames | " + " | ".join(DETECTOR_CLASSES) + " |\n"
    rule = "|" + "---|" * (1 + len(DETECTOR_CLASSES)) + "\n"
    rows = "\n".join(
        f"| {name} | "
        + " | ".join(f"{e['recall'].get(c, float('nan')):.3f}" for c in DETECTOR_CLASSES)
        + " |"
        for name, e in errors.items()
    )
    return head + rule + rows


def _error_table(errors: dict[str, dict[str, Any]]) -> str:
    spans = [f"{a:g} to {b:g}" for a, b in pairwise(SIZE_EDGES)]
    names = [name for name in errors]
    lines = ["| | " + " | ".join(names) + " |", "|" + "---|" * (1 + len(names))]
    for index, span in enumerate(spans):
        cells = (f"{e['miss_rate'][index]:.3f} (of {e['counts'][index]})" for e in errors.values())
        lines.append(f"| missed, size {span} | " + " | ".join(cells) + " |")
    for key, label in (
        ("false_per_frame", "boxes per frame that touch no object"),
        ("confused", "found under another class"),
        ("center_sigma", "sigma of the centre, in box sides"),
        ("size_sigma", "sigma of the log of the size"),
    ):
        lines.append(f"| {label} | " + " | ".join(f"{e[key]:.3f}" for e in errors.values()) + " |")
    return "\n".join(lines)
