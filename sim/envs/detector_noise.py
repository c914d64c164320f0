"""Parameters of the fitted error model: how the shipped detector errs on rendered frames.

`reprohrl fit-detector-noise` measures them and writes the JSON file; `sim.envs.noisy_boxes` applies them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES

Array = NDArray[np.float64]
DEFAULTS = Path(__file__).with_name("detector_noise.json")
VERSION = 1
_CLASSES = len(DETECTOR_CLASSES)


class DetectorNoise(NamedTuple):
    """Per frame at 10 Hz. s: root of the box's share of the image; logit(p) = log(p / (1 - p)).

    A box of class c is missed with logit(p) = miss_class[c] + miss_log_size log(s / 0.15)
    + miss_small max(0, log(0.08 / s)) + miss_big max(0, log(s / 0.4)) + miss_hidden (1 - visible fraction)
    + miss_edge [touches the image's edge] + miss_object u, u standard normal for an object and episode.
    """

    miss_class: Array  # (C,)
    miss_log_size: float
    miss_small: float
    miss_big: float
    miss_hidden: float
    miss_edge: float
    miss_object: float
    miss_hold: float
    """Chance that the number deciding on a miss is kept for another frame: misses come in runs."""
    alien_missed: Array  # (C,)
    """Chance that a box of another class sits on an object of class c that is missed."""
    alien_found: Array  # (C,)
    """The same on an object that is found: both boxes are reported."""
    alien_class: Array  # (C, C)
    """Which class that is: rows add up to 1."""
    alien_hold: float
    false_per_frame: float
    """Share of frames with a box that is on no object."""
    false_hold: float
    """Chance that such a box is there in the next frame too."""
    false_class: Array  # (C,)
    false_log_side: Array  # (2,)
    """Mean of the log of its width and height, in shares of the image; `false_log_sigma`: their spread."""
    false_log_sigma: Array  # (2,)
    score_bias: float
    """Score of a found box: logit = score_bias + score_eta logit(p missed) + score_sigma normal."""
    score_eta: float
    score_sigma: float
    alien_score_scale: float
    """All other boxes score `confidence` plus an exponential of this mean, at most 0.9."""
    center_rel: float
    """Sigma of the centre: center_rel side + center_abs, in shares of the image."""
    center_abs: float
    size_rel: float
    """Sigma of the log of a side: size_rel + size_abs / side."""
    size_abs: float
    jitter_edge: float
    """How much larger both are for boxes at the image's edge."""
    jitter_hold: float
    """Correlation of these errors from frame to frame."""
    confidence: float


def to_json(noise: DetectorNoise) -> dict[str, Any]:
    """Return plain data, rounded to what the measurement supports."""
    return {
        name: np.round(value, 4).tolist() if isinstance(value, np.ndarray) else round(float(value), 4)
        for name, value in noise._asdict().items()
    }


def from_json(data: dict[str, Any]) -> DetectorNoise:
    """Read what `to_json` gave. Raises `UserError` naming missing, unknown or misshapen parameters."""
    wrong = sorted(set(data) ^ set(DetectorNoise._fields))
    if wrong:
        raise UserError(
            f"these parameters are missing or unknown: {', '.join(wrong)}", fix="reprohrl fit-detector-noise"
        )
    shapes = {
        "miss_class": (_CLASSES,), "alien_missed": (_CLASSES,), "alien_found": (_CLASSES,),
        "alien_class": (_CLASSES, _CLASSES), "false_class": (_CLASSES,),
        "false_log_side": (2,), "false_log_sigma": (2,),
    }  # fmt: skip
    values: dict[str, Any] = {}
    for name in DetectorNoise._fields:
        value = np.array(data[name], np.float64)
        if value.shape != shapes.get(name, ()) or not np.isfinite(value).all():
            raise UserError(
                f"parameter {name} has shape {value.shape}, or a value that is not finite",
                why=f"needed is {shapes.get(name, ())}",
                fix="reprohrl fit-detector-noise",
            )
        values[name] = value if name in shapes else float(value)
    return DetectorNoise(**values)


def load_noise(path: Path | None = None, *, camera: str = "grey") -> DetectorNoise:
    """Read the parameters of a "grey" or "colour" camera from a file; by default the shipped one."""
    source = DEFAULTS if path is None else path
    try:
        data = json.loads(source.read_text())
        cameras = data["cameras"]
        chosen = cameras[camera]["parameters"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"cannot read the detector's errors for a {camera} camera from {source}",
            why=repr(error),
            fix="reprohrl fit-detector-noise",
        ) from error
    return from_json(chosen)
