"""The foxglove node: messages of a graph over real DDS, received by a WebSocket client as a browser would."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import String

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.state import DroneState
from reprohrl.reporting.foxglove.story import BOXES, IMAGE, LOG, STATE, TF
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from tests.ros.graph_under_test import Graph
from tests.ros.probe import Probe

pytest.importorskip("foxglove", reason="the extra foxglove is not installed")
client = pytest.importorskip("websockets.sync.client")

pytestmark = [pytest.mark.ros, pytest.mark.timeout(180)]
DEADLINE_S = 90.0
WANTED = (IMAGE, BOXES, TF, STATE, LOG)
MESSAGE = 0x01
JPEG = b"\xff\xd8\xff"


class Viewer:
    """Subscribes to every channel that is advertised; keeps what comes as topic -> messages."""

    def __init__(self, port: int) -> None:
        self._socket = client.connect(f"ws://127.0.0.1:{port}", subprotocols=["foxglove.sdk.v1"])
        self._topics: dict[int, str] = {}
        self.heard: dict[str, list[Any]] = {}

    def poll(self) -> None:
        """Take what has come."""
        try:
            while True:
                self._take(self._socket.recv(timeout=0.02))
        except TimeoutError:
            return

    def _take(self, data: str | bytes) -> None:
        if isinstance(data, str):
            told = json.loads(data)
            new = {c["id"]: c["topic"] for c in told.get("channels", [])} if told["op"] == "advertise" else {}
            self._topics |= new
            wanted = [{"id": n, "channelId": n} for n in new]
            if wanted:
                self._socket.send(json.dumps({"op": "subscribe", "subscriptions": wanted}))
        elif data[0] == MESSAGE:
            (channel,) = struct.unpack_from("<I", data, 1)
            self.heard.setdefault(self._topics[channel], []).append(json.loads(data[13:]))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def probe(ros: int) -> Iterator[Probe]:
    one = Probe(topics=((m.Event, "events"),))
    yield one
    one.close()


def test_a_flight_of_the_graph_reaches_a_browser(ros: int, probe: Probe, tmp_path: Path) -> None:
    port_any = {"foxglove": {"port": 0}}
    graph = Graph(ros, tmp_path, ("foxglove",), lasting=True, changed=port_any, foxglove="true")
    viewer: Viewer | None = None
    try:

        def port() -> int:
            found = [re.search(r"(?:%2F|/|:)127\.0\.0\.1(?:%3A|:)(\d+)", line) for line in graph.lines]
            return next((int(one[1]) for one in found if one), 0)

        viewer = Viewer(probe.until(port, "the address of the live view", DEADLINE_S))
        flight = Played(probe)

        def arrived() -> bool:
            flight.tick()
            viewer.poll()
            return all(viewer.heard.get(topic) for topic in WANTED)

        probe.until(arrived, f"{WANTED} of {sorted(viewer.heard)}", DEADLINE_S)
    finally:
        if viewer is not None:
            viewer.close()
        graph.close()
    seen = viewer.heard
    assert [e for e in seen[LOG] if "hello: from the test" in e["message"]]
    picture = base64.b64decode(seen[IMAGE][-1]["data"])
    assert picture.startswith(JPEG), "the frame, as a browser shows it"
    state = seen[STATE][-1]
    assert (state["x"], state["y"], state["z"]) == pytest.approx((0.5, -0.2, 0.8))
    body = next(t for t in seen[TF][-1]["transforms"] if t["child_frame_id"] == "base_link")
    assert body["parent_frame_id"] == "odom" and body["translation"]["z"] == pytest.approx(0.8)
    assert len(seen[BOXES][-1]["points"]) == 1, "the one detection"


class Played:
    """Publishes a flight frame by frame."""

    def __init__(self, probe: Probe) -> None:
        create, self._count = probe.node.create_publisher, 0
        self._state = create(m.DroneState, "state", qos.STAGES)
        self._image = create(Image, "camera/image_raw", qos.FRAMES)
        self._boxes = create(m.Detections, "detections", qos.STAGES)
        self._events = create(m.Event, "events", qos.EVENTS)
        self._info = create(String, "flight_info", qos.LATCHED)
        self._info.publish(String(data=json.dumps({"origin": [0.0, 0.0, 0.0, 0.0]})))

    def tick(self) -> None:
        self._count += 1
        stamp = 1000.0 + 0.1 * self._count
        state = convert.state_to_msg(DroneState(stamp, (0.5, -0.2, 0.8), flying=True), flight=1, stamp=stamp)
        state.phase, state.has_frame = m.DroneState.FLYING, True
        self._state.publish(state)
        self._image.publish(convert.frame_to_msg(Frame(np.full((244, 324), 90, np.uint8), stamp)))
        box = Detection(2, 0.9, 0.4, 0.5, 0.1, 0.2)
        self._boxes.publish(convert.detections_to_msg(Detections(stamp, (box,))))
        self._events.publish(m.Event(header=state.header, name="hello", detail="from the test"))
