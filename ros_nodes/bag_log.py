"""A flight log from a bag: its rows as the recorder made them, with the pictures as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rclpy._rclpy_pybind11 import RMWError
from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader, ReaderError
from sensor_msgs.msg import Image
from std_msgs.msg import String

from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightHeader, FlightLog
from reprohrl.reporting.mcap import read_mcap
from reprohrl.reporting.run import RECORDING
from reprohrl_msgs import msg as m
from ros_nodes import convert
from ros_nodes.rows import RowBuilder

PARTS: dict[str, tuple[str, type]] = {
    "camera/image_raw": ("image", Image),
    "detections": ("detections", m.Detections),
    "features": ("features", m.ObjectFeatures),
    "mission_status": ("status", m.MissionStatus),
    "option": ("option", m.Option),
    "raw_command": ("command", m.Command),
    "command": ("supervised", m.Command),
    "truth": ("truth", m.Truth),
}


def read_bag(folder: Path) -> FlightLog:
    """Read a bag of one drone. Raises `UserError` for a broken one, or one without a flight."""
    log = FlightLog(_header(folder))
    rows = RowBuilder(log.add, picture=lossless)
    handlers = {name: _part(rows, name) for name in PARTS}
    try:
        with Reader(folder) as reader:
            for connection, _, data in reader.messages():
                name = _local(connection.topic)
                if name == "state":
                    rows.state(deserialize_message(bytes(data), m.DroneState))
                elif name in handlers:
                    handlers[name](bytes(data))
    except RMWError as error:
        raise UserError(
            f"{folder} cannot be read",
            why="its messages are of another version",
            fix=f"replay {folder.parent / RECORDING}: its format stays",
        ) from error
    except (ReaderError, OSError, ValueError, KeyError) as error:
        raise UserError(f"{folder} cannot be read as a bag", why=str(error)) from error
    rows.flush()
    if not log.rows:
        raise UserError(f"{folder} holds no flight", why="there is no state of a flying drone in it")
    if not log.header.goals:
        log.header.goals = next((r.status.mission.names for r in log.rows if r.status is not None), ())
    return log


def lossless(image: Image) -> bytes:
    """Return a picture as PNG: what the detector saw, bit by bit."""
    pixels = convert.frame_from_msg(image).pixels
    done, data = cv2.imencode(".png", pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., ::-1]))
    return bytes(data) if done else b""


def _part(rows: RowBuilder, name: str) -> Callable[[bytes], None]:
    part, kind = PARTS[name]

    def add(data: bytes) -> None:
        message = deserialize_message(data, kind)
        if part != "status" or message.mission_id:  # before a mission there is nothing to judge
            rows.part(part, message)

    return add


def _local(topic: str) -> str:
    """Return the name of a topic without the drone's namespace."""
    name = topic.strip("/")
    if name in PARTS or name == "state":
        return name
    return name.partition("/")[2]


def _header(folder: Path) -> FlightHeader:
    """Take the header of flight.mcap beside the bag, else what the drone told of itself."""
    beside = folder.parent / RECORDING
    if beside.is_file():
        return read_mcap(beside).header
    about: dict[str, Any] = {}
    try:
        with Reader(folder) as reader:
            told = [c for c in reader.connections if c.topic.endswith("flight_info")]
            for _, _, data in reader.messages(connections=told) if told else ():
                about = json.loads(deserialize_message(bytes(data), String).data)
    except (ReaderError, OSError, ValueError) as error:
        raise UserError(f"{folder} cannot be read as a bag", why=str(error)) from error
    return FlightHeader(
        (), backend=f"{about.get('backend', '')} over ROS", task=about.get("task", ""),
        seed=about.get("seed"), scene=about.get("scene"), detector="onnx",
    )  # fmt: skip
