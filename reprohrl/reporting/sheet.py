"""Many pictures on one sheet, each with its caption; and a PNG file that is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.reporting import palette
from reprohrl.reporting.overlay import FONT

Image = NDArray[np.uint8]
CAPTION_PX, GAP_PX = 24, 8


def sheet(pictures: Sequence[Image], captions: Sequence[str], columns: int) -> Image:
    """Return RGB pictures (H, W, 3), all of one size, in rows of `columns`, captions above them."""
    height, width = pictures[0].shape[:2]
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    step_x, step_y = width + GAP_PX, height + CAPTION_PX + GAP_PX
    canvas = np.empty((rows * step_y + GAP_PX, columns * step_x + GAP_PX, 3), np.uint8)
    canvas[:] = palette.PAPER
    for i, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = GAP_PX + (i % columns) * step_x, GAP_PX + (i // columns) * step_y
        cv2.putText(canvas, caption, (x + 2, y + 16), FONT, 0.42, palette.INK, 1, cv2.LINE_AA)
        canvas[y + CAPTION_PX : y + CAPTION_PX + height, x : x + width] = picture
    return canvas


def write_png(image: Image, path: Path) -> None:
    """Write an RGB picture. Raises `UserError` where the folder cannot be written to."""
    done, data = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))
    if not done:
        raise ValueError(f"cannot encode a picture of {image.shape}")
    half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(bytes(data))
        half.replace(path)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise UserError(
            f"cannot write {path}", why=str(error), fix="choose another folder with --out"
        ) from error
