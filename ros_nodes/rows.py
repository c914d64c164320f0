"""Assembles the messages of one frame, which come in any order, into one row of the flight log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sensor_msgs.msg import Image

from reprohrl.contracts.command import HOVER
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import Option
from reprohrl.contracts.view import NavigatorView
from reprohrl.flight.log import LogRow, TruthRow, encode_frame
from reprohrl.policies.view import view_of
from reprohrl_msgs import msg as m
from ros_nodes import convert
from ros_nodes.flight_types import Order
from ros_nodes.latency import parts as named_parts
from ros_nodes.stamps import key, to_seconds

WAITING_FRAMES = 5
"""Frames whose messages may still be on their way; older ones become rows."""


class RowBuilder:
    """Keeps the parts of the newest frames; gives rows to `emit` in the order of their stamps.

    `picture` encodes a frame, as JPEG where none is given.
    """

    def __init__(
        self, emit: Callable[[LogRow], None], *, picture: Callable[[Image], bytes] | None = None
    ) -> None:
        self._emit, self._picture = emit, picture or _jpeg
        self._parts: dict[int, dict[str, Any]] = {}
        self._done = -1
        self._last: int | None = None

    def state(self, message: m.DroneState) -> None:
        """Begin a row; note how long the command of the row before took."""
        if message.phase != m.DroneState.FLYING:
            return
        stamp = key(message.header.stamp)
        if self._last in self._parts and message.loop_s > 0:
            self._parts[self._last]["total"] = message.loop_s
        self._last = stamp
        self._put(stamp, "state", message)
        complete = sorted(k for k, parts in self._parts.items() if "state" in parts)
        for old in complete[:-WAITING_FRAMES]:
            self._finish(old)

    def part(self, name: str, message: Any) -> None:
        """Add what one stage said of a frame."""
        self._put(key(message.header.stamp), name, message)

    def flush(self) -> None:
        """Give out what is left."""
        for stamp in sorted(k for k, parts in self._parts.items() if "state" in parts):
            self._finish(stamp)
        self._parts.clear()

    def _put(self, stamp: int, name: str, message: Any) -> None:
        if stamp <= self._done:
            return
        self._parts.setdefault(stamp, {})[name] = message
        if len(self._parts) > 10 * WAITING_FRAMES:  # strangers' stamps: no state will come for them
            del self._parts[max(self._parts)]

    def _finish(self, stamp: int) -> None:
        parts = self._parts.pop(stamp)
        self._done = max(self._done, stamp)
        for older in [k for k in self._parts if k < stamp]:
            del self._parts[older]
        self._emit(build(parts, self._picture))


def build(parts: dict[str, Any], picture: Callable[[Image], bytes] | None = None) -> LogRow:
    """Return the row of one frame; stages that did not answer leave None."""
    state = parts["state"]
    stamp = to_seconds(state.header.stamp)

    def read(name: str, convert_one: Callable[[Any], Any]) -> Any:
        try:
            return convert_one(parts[name]) if name in parts else None
        except ValueError:  # garbage with a frame's stamp is no answer
            return None

    supervised: m.Command | None = parts.get("supervised")
    return LogRow(
        stamp,
        convert.state_from_msg(state),
        read("detections", convert.detections_from_msg) or Detections(stamp, ()),
        read("status", convert.status_from_msg),
        read("option", convert.option_from_msg),
        read("command", convert.command_from_msg),
        read("supervised", convert.command_from_msg) or HOVER,
        Order(supervised.reaction).name.lower() if supervised is not None else "pass",
        _latencies(parts),
        read("truth", truth_from_msg),
        read("image", picture or _jpeg) or b"",
        _view(read("features", convert.features_from_msg), read("option", convert.option_from_msg)),
    )


def _view(features: ObjectFeatures | None, option: Option | None) -> NavigatorView | None:
    return view_of(features, option) if features is not None and option is not None else None


def _jpeg(image: Image) -> bytes:
    return encode_frame(convert.frame_from_msg(image).pixels)


def truth_from_msg(message: m.Truth) -> TruthRow:
    x, y, z = (float(v) for v in message.position)
    roll, pitch, yaw = (float(v) for v in message.attitude)
    distances = tuple(float(v) for v in message.goal_distance_m)
    return TruthRow((x, y, z), (roll, pitch, yaw), message.contact, distances)


def _latencies(parts: dict[str, Any]) -> dict[str, float]:
    stages = {
        "detect": "detections", "track": "features", "plan": "option", "navigate": "command",
        "supervise": "supervised",
    }  # fmt: skip
    found = {name: float(parts[part].took_s) for name, part in stages.items() if part in parts}
    if "latency" in parts:
        hops = parts["latency"].hops
        between = sum(ms for name, ms in named_parts(hops) if " to " in name)
        found["between"] = between / 1e3
    if "total" in parts:
        found["total"] = float(parts["total"])
    return found
