"""The foxglove node: the flight of the ROS graph, live in the browser, as `reprohrl foxglove` shows one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from sensor_msgs.msg import Image
from std_msgs.msg import String

from reprohrl.flight.log import Event, FlightHeader, LogRow
from reprohrl.reporting.foxglove.server import LiveServer
from reprohrl.reporting.foxglove.story import Story
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.foxglove import FoxgloveConfig
from ros_nodes.event_kinds import kind_of
from ros_nodes.rows import RowBuilder
from ros_nodes.running import let_flight_go_first
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import to_seconds


class FoxgloveNode(Stage):
    """Puts the messages of each frame together and sends them half a second later."""

    CONFIG = FoxgloveConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("foxglove", **kwargs)
        self._server: LiveServer | None = None

    def configure(self) -> None:
        self._server = LiveServer(host=self.values["host"], port=int(self.values["port"]))
        self.get_logger().info(f"live view: {self._server.address}")
        self._about: dict[str, Any] = {}
        self._flight = -1
        self._begin()
        for kind, topic, handle, profile in (
            (m.DroneState, "state", self._on_state, qos.STAGES),
            (Image, "camera/image_raw", self._part("image"), qos.FRAMES),
            (m.Detections, "detections", self._part("detections"), qos.STAGES),
            (m.ObjectFeatures, "features", self._part("features"), qos.STAGES),
            (m.MissionStatus, "mission_status", self._on_status, qos.STAGES),
            (m.Option, "option", self._part("option"), qos.STAGES),
            (m.Command, "raw_command", self._part("command"), qos.STAGES),
            (m.Command, "command", self._part("supervised"), qos.COMMANDS),
            (m.Truth, "truth", self._part("truth"), qos.STAGES),
            (m.Event, "events", self._on_event, qos.EVENTS),
            (String, "flight_info", self._on_info, qos.LATCHED),
        ):
            self.listen(kind, topic, handle, profile)

    def cleanup(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _begin(self) -> None:
        about = self._about
        self._header = FlightHeader(
            (), scene=about.get("scene"), origin=tuple(about.get("origin", (0.0, 0.0, 0.0, 0.0)))
        )
        self._story = Story(self._header)
        self._rows = RowBuilder(self._send)

    def _send(self, row: LogRow) -> None:
        if self._server is not None:
            self._server.send(self._story.row(row))
            self._server.now(row.stamp)

    def _on_info(self, message: String) -> None:
        self._about = json.loads(message.data)
        self._begin()

    def _on_state(self, message: m.DroneState) -> None:
        if message.flight != self._flight:
            self._flight = message.flight
            self._begin()
        self._rows.state(message)

    def _on_status(self, message: m.MissionStatus) -> None:
        if message.mission_id:
            self._header.goals = convert.status_from_msg(message).mission.names
            self._rows.part("status", message)

    def _on_event(self, message: m.Event) -> None:
        event = Event(to_seconds(message.header.stamp), kind_of(message), f"{message.name}: {message.detail}")
        if self._server is not None:
            self._server.send(self._story.event(event))

    def _part(self, name: str) -> Callable[[Any], None]:
        return lambda message: self._rows.part(name, message)


def main() -> int:
    let_flight_go_first()
    return run(FoxgloveNode)


if __name__ == "__main__":
    sys.exit(main())
