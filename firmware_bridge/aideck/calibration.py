"""The calibration file of a camera: pinhole and distortion, as `reprohrl calibrate camera` writes it."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError

FORMAT = "reprohrl camera calibration"
VERSION = 1
_AGAIN = "calibrate again: reprohrl calibrate camera"


@dataclass(frozen=True, slots=True)
class CameraCalibration:
    """Intrinsics of one camera in one mode, in OpenCV's convention: the centre of the first pixel is (0, 0).

    width, height  of the calibrated images [px]
    fx, fy, cx, cy focal lengths and principal point [px]
    distortion     k1, k2, p1, p2, k3
    rms_px         reprojection error over all corners
    views          images that were used
    camera         whose it is, in words
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    rms_px: float = 0.0
    views: int = 0
    camera: str = ""

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The camera matrix, (3, 3)."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @property
    def hfov_rad(self) -> float:
        """Horizontal field of view of the pinhole, without distortion."""
        return math.atan((self.cx + 0.5) / self.fx) + math.atan((self.width - 0.5 - self.cx) / self.fx)

    def write(self, path: Path) -> None:
        """Write the file at once or not at all. Raises `UserError` when that is not possible."""
        text = json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=2) + "\n"
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise UserError(f"cannot write {path}", why=str(error), fix="choose another file") from error

    @staticmethod
    def read(path: Path) -> CameraCalibration:
        """Read a file. Raises `UserError` that says what is wrong with it."""
        try:
            found = json.loads(path.read_text())
        except OSError as error:
            raise UserError(f"cannot read {path}", why=error.strerror or str(error), fix=_AGAIN) from error
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path} is no calibration", why=f"not JSON: {error}", fix=_AGAIN) from error
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise UserError(f"{path} is no calibration", why=f"its format is not {FORMAT!r}", fix=_AGAIN)
        if found.get("version") != VERSION:
            raise UserError(
                f"{path} has version {found.get('version')!r}",
                why=f"this reads version {VERSION}",
                fix=_AGAIN,
            )
        return _from_json(path, found)


def _from_json(path: Path, found: dict[str, Any]) -> CameraCalibration:
    try:
        values = {name: float(found[name]) for name in ("fx", "fy", "cx", "cy")}
        size = {name: int(found[name]) for name in ("width", "height")}
        k1, k2, p1, p2, k3 = (float(v) for v in found["distortion"])
        calibration = CameraCalibration(
            size["width"],
            size["height"],
            values["fx"],
            values["fy"],
            values["cx"],
            values["cy"],
            distortion=(k1, k2, p1, p2, k3),
            rms_px=float(found.get("rms_px", 0.0)),
            views=int(found.get("views", 0)),
            camera=str(found.get("camera", "")),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{path} is damaged", why=f"{type(error).__name__}: {error}", fix=_AGAIN) from error
    numbers = (*values.values(), *calibration.distortion)
    if not all(math.isfinite(v) for v in numbers) or min(*size.values(), values["fx"], values["fy"]) <= 0:
        raise UserError(f"{path} is damaged", why="sizes and focal lengths must be above 0", fix=_AGAIN)
    return calibration
