"""`OnnxDetector`: frame in, boxes out, on onnxruntime alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort

from reprohrl.contracts.detection import MAX_DETECTIONS, Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.perception.decode import decode
from reprohrl.perception.letterbox import to_input
from reprohrl.policies.onnx_policy import open_session
from reprohrl.policies.paths import model_path
from reprohrl.policies.provenance import Provenance

KEY_DETECTOR, KEY_PROVENANCE = "reprohrl.detector", "reprohrl.provenance"
_RETRAIN = "train it again with `reprohrl train detector`, or restore the file that belongs to this version"


class OnnxDetector:
    """Detects the classes of `DETECTOR_CLASSES` in grey or RGB frames of any size; deterministic.

    path        the model file; the shipped one by default
    confidence  boxes below it are dropped
    iou         of boxes of one class that overlap by more, the best stays
    Raises `ModelError` for a file that is not a detector of these classes.
    """

    def __init__(self, path: Path | str | None = None, *, confidence: float = 0.35, iou: float = 0.5) -> None:
        self.path = model_path("detector") if path is None else Path(path)
        self.confidence, self.iou = confidence, iou
        self._session = open_session(self.path)
        self.input_size, self.provenance = _verify(self.path, self._session)
        self._input = self._session.get_inputs()[0].name

    def detect(self, frame: Frame) -> Detections:
        """Return at most `MAX_DETECTIONS` boxes of the frame, most confident first, under its stamp."""
        tensor, place = to_input(frame.pixels, self.input_size)
        (output,) = self._session.run(None, {self._input: tensor})
        boxes, scores, classes = decode(np.asarray(output, np.float32)[0], self.confidence, self.iou)
        items = []
        for (x1, y1, x2, y2), score, class_id in zip(place.unfit(boxes), scores, classes, strict=True):
            if x2 > x1 and y2 > y1:
                center = (float(x1 + x2) / 2, float(y1 + y2) / 2)
                items.append(
                    Detection(int(class_id), float(score), *center, w=float(x2 - x1), h=float(y2 - y1))
                )
        return Detections(frame.stamp, tuple(items[:MAX_DETECTIONS]))


def _verify(path: Path, session: ort.InferenceSession) -> tuple[tuple[int, int], Provenance]:
    """Check metadata and shapes against this version; return the input's (rows, columns)."""
    meta = session.get_modelmeta().custom_metadata_map
    missing = [key for key in (KEY_DETECTOR, KEY_PROVENANCE) if key not in meta]
    if missing:
        raise ModelError(f"{path} is not a detector file", why=f"it lacks {', '.join(missing)}", fix=_RETRAIN)
    try:
        about = json.loads(meta[KEY_DETECTOR])
        classes, size = tuple(about["classes"]), (int(about["input"][0]), int(about["input"][1]))
        provenance = Provenance.from_json(meta[KEY_PROVENANCE])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(f"{path} has damaged metadata", why=repr(error), fix=_RETRAIN) from error
    if classes != DETECTOR_CLASSES:
        why = f"it knows {', '.join(classes)}; this version needs {', '.join(DETECTOR_CLASSES)}"
        raise ModelError(f"{path} does not fit this version", why=why, fix=_RETRAIN)
    shapes = ([list(t.shape) for t in session.get_inputs()], [list(t.shape) for t in session.get_outputs()])
    rows = 4 + len(DETECTOR_CLASSES)
    if shapes[0] != [[1, 3, *size]] or len(shapes[1]) != 1 or shapes[1][0][:2] != [1, rows]:
        needed = f"[1, 3, {size[0]}, {size[1]}] and [1, {rows}, N]"
        why = f"it has inputs {shapes[0]} and outputs {shapes[1]}, needed are {needed}"
        raise ModelError(f"the network in {path} contradicts its metadata", why=why, fix=_RETRAIN)
    return size, provenance
