"""Views of a checkerboard: out of image files, or from a live camera while somebody moves the board."""

from __future__ import annotations

import glob
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.checkerboard import Board, View, find_corners, likely_board
from reprohrl.contracts.clock import Clock
from reprohrl.contracts.drone import Camera
from reprohrl.contracts.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".tif", ".tiff")
_NOVEL = 0.08
_FRAME_S = 1.0
_WORDS = {
    (0, 0): "at the upper left", (0, 1): "at the top", (0, 2): "at the upper right",
    (1, 0): "at the left", (1, 1): "in the middle", (1, 2): "at the right",
    (2, 0): "at the lower left", (2, 1): "at the bottom", (2, 2): "at the lower right",
}  # fmt: skip
Say = Callable[[str], None]


@dataclass(slots=True)
class Views:
    """What was found: the views, the size of the images [px], and those without a whole board."""

    width: int = 0
    height: int = 0
    found: list[View] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def image_files(names: Sequence[str]) -> list[Path]:
    """Return the images that files, folders and patterns name. Raises `UserError` when there are none."""
    paths: list[Path] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            paths += sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        elif path.exists():
            paths.append(path)
        else:
            paths += sorted(Path(p) for p in glob.glob(name))
    if not paths:
        raise UserError(
            f"there are no images in {', '.join(names)}",
            why=f"looked for files, folders and patterns ({', '.join(SUFFIXES)})",
            fix="reprohrl calibrate camera 'photos/*.png', or --stream 192.168.4.1 for a live AI-deck",
        )
    return list(dict.fromkeys(paths))


def from_files(paths: Sequence[Path], board: Board, say: Say) -> Views:
    """Find the board in each image. Raises `UserError` for unreadable files and for images of two sizes."""
    views, first, last = Views(), "", None
    for path in paths:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise UserError(f"cannot read {path}", why="it is no image OpenCV knows", fix="leave it out")
        height, width = image.shape
        if first and (width, height) != (views.width, views.height):
            raise UserError(
                f"two sizes of images: {first} is {views.width}x{views.height}, {path} {width}x{height}",
                why="each camera mode has a calibration of its own",
                fix="use images of one mode, as the camera sends them: not cropped, not scaled",
            )
        first, views.width, views.height, last = first or str(path), width, height, image
        corners = find_corners(np.asarray(image, np.uint8), board)
        say(f"{path}: {'board found' if corners is not None else 'no board'}")
        if corners is None:
            views.without.append(str(path))
        else:
            views.found.append(View(str(path), corners))
    if not views.found and last is not None:
        raise no_board(np.asarray(last, np.uint8), board, f"{len(paths)} images")
    return views


class ViewCollector:
    """Takes frames in which the board is somewhere else than before, or held otherwise."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.views = Views()
        self._poses: list[NDArray[np.float64]] = []
        self._cells: set[tuple[int, int]] = set()

    def offer(self, image: NDArray[np.uint8]) -> bool:
        """Take a frame; True when it shows a new view. Raises `UserError` when frames change their size."""
        views = self.views
        height, width = image.shape[:2]
        if views.width and (width, height) != (views.width, views.height):
            raise UserError(
                f"the camera changed from {views.width}x{views.height} to {width}x{height}",
                fix="calibrate again without changing the camera's mode",
            )
        views.width, views.height = width, height
        corners = find_corners(image, self._board)
        if corners is None:
            return False
        pose = _pose(corners, self._board, width, height)
        if self._poses and min(float(np.abs(pose - p).max()) for p in self._poses) < _NOVEL:
            return False
        self._poses.append(pose)
        x, y = corners.mean(axis=0) / (width, height)
        self._cells.add((min(2, int(3 * y)), min(2, int(3 * x))))
        views.found.append(View(f"view {len(views.found) + 1}", corners))
        return True

    @property
    def hint(self) -> str:
        """Where the board has not been yet; when it has been everywhere, how else to hold it."""
        missing = [words for cell, words in _WORDS.items() if cell not in self._cells]
        return f"hold it {missing[0]}" if missing else "tilt it, nearer and farther"


def from_camera(
    camera: Camera, board: Board, *, count: int, timeout_s: float, clock: Clock, say: Say, keep: Path | None
) -> Views:
    """Collect up to `count` views while frames come. Raises `UserError` when the board is never seen."""
    collector, last = ViewCollector(board), None
    deadline = clock.now() + timeout_s
    while len(collector.views.found) < count and clock.now() < deadline:
        frame = camera.read(min(_FRAME_S, max(0.0, deadline - clock.now())))
        if frame is None:
            continue
        last = frame.pixels
        if collector.offer(frame.pixels):
            number = len(collector.views.found)
            say(f"view {number} of {count}; {collector.hint}")
            if keep is not None:
                _keep(frame.pixels, keep / f"view-{number:02d}.png")
    if last is None:
        raise UserError(
            f"no frame came in {timeout_s:.0f} s", fix="look at the stream first: reprohrl doctor"
        )
    if not collector.views.found:
        raise no_board(last, board, f"{timeout_s:.0f} s of frames")
    return collector.views


def no_board(image: NDArray[np.uint8], board: Board, where: str) -> UserError:
    """Return the error for a board that is nowhere, with the one that is there instead."""
    other = likely_board(image, board)
    fix = (
        f"--columns {other.columns} --rows {other.rows} fits what is there"
        if other is not None
        else "count the corners where four squares meet; show the whole board with its border, without glare"
    )
    return UserError(f"no board with {board.columns} x {board.rows} inner corners in {where}", fix=fix)


def _pose(corners: NDArray[np.float32], board: Board, width: int, height: int) -> NDArray[np.float64]:
    """Return the four outer corners over the image's size, (8,): where the board is, how far, how tilted.

    A board may be read from either end, so they are put in order of their places.
    """
    outer = corners[[0, board.columns - 1, -board.columns, -1]] / (width, height)
    order = np.lexsort((outer[:, 0].round(2), (outer[:, 1] > outer[:, 1].mean())))
    return np.asarray(outer[order].ravel(), np.float64)


def _keep(image: NDArray[np.uint8], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
        if not cv2.imwrite(str(path), stored):
            raise OSError("the image was not written")
    except OSError as error:
        raise UserError(f"cannot write {path}", why=str(error), fix="choose another --keep folder") from error
