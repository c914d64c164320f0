"""Finding a checkerboard in images, and the camera from many views of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.calibration import CameraCalibration
from reprohrl.contracts.errors import UserError

MIN_VIEWS = 8
MAX_RMS_PX = 1.0
MIN_COVERAGE = 0.4
MAX_FOCAL_DOUBT = 0.02
"""Standard deviation of the focal length over its value, as the fit itself tells it."""

_SB = cv2.CALIB_CB_NORMALIZE_IMAGE | cv2.CALIB_CB_EXHAUSTIVE


@dataclass(frozen=True, slots=True)
class Board:
    """A checkerboard by its inner corners, where four squares meet; `square_m` is a square's side [m]."""

    columns: int = 9
    rows: int = 6
    square_m: float = 0.025

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 3 or max(self.columns, self.rows) > 50:
            raise UserError(
                f"a board of {self.columns} x {self.rows} inner corners cannot be used",
                why="between 3 and 50 each way can",
                fix="count where four squares meet: a board of 10 x 7 squares has 9 x 6",
            )
        if not 0.001 <= self.square_m <= 1.0:
            raise UserError(
                f"squares of {1000 * self.square_m:g} mm cannot be right",
                why="between 1 and 1000 mm can",
                fix="measure a square's side with a ruler and pass it with --square-mm",
            )

    @property
    def points(self) -> NDArray[np.float32]:
        """The corners on the board, (N, 3) [m], row by row."""
        grid = np.zeros((self.rows * self.columns, 3), np.float32)
        grid[:, :2] = np.mgrid[: self.columns, : self.rows].T.reshape(-1, 2) * self.square_m
        return grid


@dataclass(frozen=True, slots=True)
class View:
    """A board's corners in one image, (N, 2) [px], and what the image is called."""

    name: str
    corners: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration and how far to trust it.

    sd_focal_px, sd_centre_px  standard deviations, as the fit itself tells them
    coverage                   share of the image inside the hull of all corners
    errors_px                  reprojection error of each view used, by its name
    left_out                   views that did not fit
    """

    calibration: CameraCalibration
    sd_focal_px: float
    sd_centre_px: float
    coverage: float
    errors_px: dict[str, float]
    left_out: tuple[str, ...]


def find_corners(image: NDArray[np.uint8], board: Board) -> NDArray[np.float32] | None:
    """Return the inner corners, (N, 2) [px], or None where the whole board is not seen."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    size = (board.columns, board.rows)
    found, corners = cv2.findChessboardCornersSB(grey, size, flags=_SB)
    if not found:
        found, corners = cv2.findChessboardCorners(grey, size)
        if not found:
            return None
        stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 30, 0.001)
        corners = cv2.cornerSubPix(grey, np.asarray(corners, np.float32), (3, 3), (-1, -1), stop)
    return np.asarray(corners, np.float32).reshape(-1, 2)


def likely_board(image: NDArray[np.uint8], board: Board) -> Board | None:
    """Return the board that is in the image instead: squares counted for corners, or columns for rows."""
    c, r, s = board.columns, board.rows, board.square_m
    for columns, rows in ((c - 1, r - 1), (r, c), (c + 1, r + 1), (c - 1, r), (c, r - 1)):
        if min(columns, rows) >= 3 and find_corners(image, Board(columns, rows, s)) is not None:
            return Board(columns, rows, s)
    return None


def coverage(views: Sequence[View], width: int, height: int) -> float:
    """Return the share of the image inside the hull of all corners."""
    if not views:
        return 0.0
    hull = cv2.convexHull(np.vstack([v.corners for v in views]).astype(np.float32))
    return float(cv2.contourArea(hull)) / (width * height)


def calibrate(views: Sequence[View], board: Board, width: int, height: int, *, camera: str = "") -> Fit:
    """Fit pinhole and distortion (k3 stays 0) to `views`; views that fit badly are left out once.

    Raises `UserError` when there are too few views, or they do not determine a camera.
    """
    if len(views) < MIN_VIEWS:
        raise UserError(
            f"the board was found in {len(views)} images",
            why=f"at least {MIN_VIEWS} are needed, 20 are better",
            fix="take more, with the whole board in view, from the left, right, above and below",
        )
    kept = list(views)
    fit = _fit(kept, board, width, height, camera)
    limit = max(MAX_RMS_PX, 3 * float(np.median(list(fit.errors_px.values()))))
    bad = tuple(name for name, error in fit.errors_px.items() if error > limit)
    if bad and len(kept) - len(bad) >= MIN_VIEWS:
        kept = [v for v in kept if v.name not in bad]
        again = _fit(kept, board, width, height, camera)
        return Fit(
            again.calibration, again.sd_focal_px, again.sd_centre_px, again.coverage, again.errors_px, bad
        )
    return fit


def check(fit: Fit) -> None:
    """Raise `UserError` for a fit that should not be flown with."""
    found, worst = fit.calibration, sorted(fit.errors_px, key=fit.errors_px.__getitem__)[-3:]
    if not math.isfinite(found.rms_px) or found.rms_px > MAX_RMS_PX:
        raise UserError(
            f"the views do not fit one camera: {found.rms_px:.2f} px between corners and model",
            why=f"up to {MAX_RMS_PX:g} px is usual; worst: {', '.join(reversed(worst))}",
            fix="leave blurred images out, use a board glued flat, and images of one camera mode",
        )
    if fit.coverage < MIN_COVERAGE:
        raise UserError(
            f"the board was shown in {100 * fit.coverage:.0f} % of the image only",
            why=f"the lens bends most at the edges; {100 * MIN_COVERAGE:.0f} % or more is needed",
            fix="add images with the board in the corners of the picture, and close to the camera",
        )
    if fit.sd_focal_px > MAX_FOCAL_DOUBT * found.fx:
        raise UserError(
            f"the focal length is uncertain: {found.fx:.1f} +- {fit.sd_focal_px:.1f} px",
            why="with the board always facing the camera, distance and focal length cannot be told apart",
            fix="add images with the board tilted by 30 degrees, to each side",
        )


def _fit(views: Sequence[View], board: Board, width: int, height: int, camera: str) -> Fit:
    points = [board.points] * len(views)
    corners = [v.corners.reshape(-1, 1, 2) for v in views]
    try:
        rms, matrix, bend, _, _, doubt, _, errors = cv2.calibrateCameraExtended(
            points, corners, (width, height), None, None, flags=cv2.CALIB_FIX_K3
        )
    except cv2.error as error:
        raise UserError(
            "no camera fits these views", why=str(error).strip(), fix="take other images of the board"
        ) from error
    k1, k2, p1, p2, k3 = (float(v) for v in np.ravel(bend)[:5])
    calibration = CameraCalibration(
        width, height, float(matrix[0, 0]), float(matrix[1, 1]), float(matrix[0, 2]), float(matrix[1, 2]),
        (k1, k2, p1, p2, k3), float(rms), len(views), camera,
    )  # fmt: skip
    sd = np.ravel(doubt)
    return Fit(
        calibration,
        sd_focal_px=float(max(sd[0], sd[1])),
        sd_centre_px=float(max(sd[2], sd[3])),
        coverage=coverage(views, width, height),
        errors_px={v.name: float(e) for v, e in zip(views, np.ravel(errors), strict=True)},
        left_out=(),
    )
