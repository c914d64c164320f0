"""`flight.mp4`: the camera with boxes and the active option, beside the top view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import MissionPhase
from reprohrl.contracts.rates import TICK_HZ
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.policies.decision import Decision
from reprohrl.reporting import palette
from reprohrl.reporting.decisions import Explained
from reprohrl.reporting.overlay import FONT, decode, draw_boxes
from reprohrl.reporting.summary import position
from reprohrl.reporting.topview import TopView

Image = NDArray[np.uint8]
CAMERA = (640, 482)  # 324x244 about twice; both even, as H.264 wants
HEADER = 46
FOOTER = 56
SIZE = (CAMERA[0] + CAMERA[1], CAMERA[1] + HEADER + FOOTER)


def compose(log: FlightLog) -> Iterator[Image]:
    """Yield one (H, W, 3) RGB picture per tick."""
    poses = [position(row, log) for row in log.rows]
    view = TopView(log.header.scene, CAMERA[1], poses=poses)
    explained = Explained()
    for i, row in enumerate(log.rows):
        status = row.status
        explained.row(row)
        goal = status.goal if status is not None else -1
        reached = status.mission.goals[: status.index] if status is not None else ()
        canvas = np.empty((SIZE[1], SIZE[0], 3), np.uint8)
        canvas[:] = palette.PAPER
        camera = decode(row.jpeg, *CAMERA)
        draw_boxes(camera, row.detections, goal=goal)
        middle = slice(HEADER, HEADER + CAMERA[1])
        canvas[middle, : CAMERA[0]] = camera
        canvas[middle, CAMERA[0] :] = view.frame(poses[: i + 1], goal=goal, reached=reached, time_s=row.stamp)
        _header(canvas, log, row, explained.switch)
        _footer(canvas, log, row)
        yield canvas


def _header(canvas: Image, log: FlightLog, row: LogRow, switch: Decision | None) -> None:
    """The option as a coloured bar, for how long and why, then the mission as a row of goals."""
    option = palette.option_words(row.option)
    cv2.rectangle(canvas, (0, 0), (10, HEADER), palette.option_colour(row.option), -1)
    cv2.putText(canvas, option, (22, 23), FONT, 0.65, palette.INK, 2, cv2.LINE_AA)
    if switch is not None:
        (width, _), _ = cv2.getTextSize(option, FONT, 0.65, 2)
        age = f"for {max(0.0, row.stamp - switch.since):.1f} s"
        cv2.putText(canvas, age, (34 + width, 23), FONT, 0.45, palette.MUTED, 1, cv2.LINE_AA)
        cv2.putText(canvas, _shortened(switch.reason), (22, 40), FONT, 0.4, palette.MUTED, 1, cv2.LINE_AA)
    x = CAMERA[0]
    index = row.status.index if row.status is not None else 0
    worded = row.status is not None and not row.status.mission.plain
    names = row.status.mission.names if row.status is not None and worded else log.header.goals
    for k, name in enumerate(names):
        colour = palette.class_colour(GOAL_CLASSES.index(name)) if name in GOAL_CLASSES else palette.MUTED
        (width, _), _ = cv2.getTextSize(name, FONT, 0.5, 1)
        if k < index:
            cv2.rectangle(canvas, (x, 12), (x + width + 30, 34), colour, -1)
            tick = np.array([(x + 8, 23), (x + 12, 28), (x + 19, 18)], np.int32)
            cv2.polylines(canvas, [tick], False, palette.FLOOR, 2, cv2.LINE_AA)
            cv2.putText(canvas, name, (x + 24, 28), FONT, 0.5, palette.FLOOR, 1, cv2.LINE_AA)
        else:
            cv2.rectangle(canvas, (x, 12), (x + width + 30, 34), colour, 2 if k == index else 1, cv2.LINE_AA)
            cv2.putText(canvas, name, (x + 15, 28), FONT, 0.5, palette.INK, 1, cv2.LINE_AA)
        x += width + 40


def _shortened(words: str) -> str:
    """Return what fits beside the mission."""
    while cv2.getTextSize(words, FONT, 0.4, 1)[0][0] > CAMERA[0] - 40:
        words = words[: words.rfind(" ")]
    return words


def _footer(canvas: Image, log: FlightLog, row: LogRow) -> None:
    """Time, command, battery and what the supervisor did."""
    y = HEADER + CAMERA[1] + 23
    c = row.supervised
    seconds = row.stamp - log.rows[0].stamp
    line = (
        f"{seconds:6.1f} s   vx {c.vx:+.2f}  vy {c.vy:+.2f}  vz {c.vz:+.2f} m/s   "
        f"yaw {c.yaw_rate:+.2f} rad/s   height {row.state.height:.2f} m   {row.state.battery_v:.2f} V"
    )
    cv2.putText(canvas, line, (22, y), FONT, 0.5, palette.INK, 1, cv2.LINE_AA)
    text, colour = f"supervisor: {row.reaction.lower()}", palette.MUTED
    if row.reaction.lower() not in ("pass", ""):
        colour = palette.WARN if row.reaction.lower() == "limit" else palette.BAD
    phase = row.status.phase if row.status is not None else MissionPhase.IDLE
    if phase is MissionPhase.SUCCEEDED:
        text, colour = "mission succeeded", palette.GOOD
    elif phase in (MissionPhase.FAILED, MissionPhase.CANCELLED):
        text, colour = f"mission {phase}", palette.BAD
    elif phase is MissionPhase.RETURNING:
        text, colour = row.status.reason if row.status is not None else "", palette.WARN
    cv2.putText(canvas, text, (22, y + 21), FONT, 0.5, colour, 1, cv2.LINE_AA)


def write_video(log: FlightLog, path: Path, *, progress: Callable[[int], None] | None = None) -> None:
    """Encode the flight as H.264. Raises `UserError` when the encoder is not installed."""
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise UserError(
            "the flight video needs imageio-ffmpeg", why=str(error), fix="pip install 'reprohrl[viz]'"
        ) from error
    writer = imageio_ffmpeg.write_frames(
        str(path),
        SIZE,
        fps=TICK_HZ,
        codec="libx264",
        pix_fmt_in="rgb24",
        pix_fmt_out="yuv420p",
        macro_block_size=2,
        quality=None,
        output_params=["-crf", "25", "-preset", "veryfast", "-movflags", "+faststart", "-threads", "2"],
        ffmpeg_log_level="error",
    )
    writer.send(None)
    try:
        for i, picture in enumerate(compose(log)):
            writer.send(np.ascontiguousarray(picture))
            if progress is not None:
                progress(i + 1)
    finally:
        writer.close()
