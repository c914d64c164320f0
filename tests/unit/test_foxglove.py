"""A flight as Foxglove and rerun messages: valid by their schemas, on one time, live as in the file."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightLog
from reprohrl.reporting.foxglove import story
from reprohrl.reporting.foxglove.layout import layout
from reprohrl.reporting.foxglove.playback import in_order, play
from reprohrl.reporting.mcap import read_mcap, write_mcap
from tests.flight_logs import straight_flight


@pytest.fixture(scope="module")
def log() -> FlightLog:
    return straight_flight(leg_ticks=6)


def test_every_message_of_a_recording_keeps_the_schema_of_its_channel(log: FlightLog, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from mcap.reader import make_reader

    write_mcap(log, tmp_path / "flight.mcap")
    counts: Counter[str] = Counter()
    judges: dict[int, Any] = {}
    with (tmp_path / "flight.mcap").open("rb") as stream:
        for schema, channel, message in make_reader(stream).iter_messages():
            assert schema is not None
            if schema.id not in judges:
                described = json.loads(schema.data)
                assert described["properties"], f"{channel.topic} says nothing of its fields"
                judges[schema.id] = jsonschema.Draft202012Validator(described)
            judges[schema.id].validate(json.loads(message.data))
            counts[channel.topic] += 1
    assert counts[story.IMAGE] == counts[story.BOXES] == counts[story.OPTION] == len(log.rows)
    assert counts[story.WORLD] == counts[story.CALIBRATION] == 1


def test_a_recording_reads_back_as_it_was(log: FlightLog, tmp_path: Path) -> None:
    write_mcap(log, tmp_path / "flight.mcap")
    back = read_mcap(tmp_path / "flight.mcap")
    assert back.rows == log.rows
    assert back.events == log.events


def test_no_message_holds_what_json_cannot_say(log: FlightLog) -> None:
    for _, _, content in story.tell(log):
        json.dumps(content, allow_nan=False)


def test_the_option_channel_says_since_when_and_why(log: FlightLog) -> None:
    said = [content for topic, _, content in story.tell(log) if topic == story.OPTION]
    assert said[0]["why"].startswith("the mission begins; ")
    assert all(c["for_s"] >= 0.0 for c in said)
    lines = [c["message"] for topic, _, c in story.tell(log) if topic == story.LOG and c["name"] == "option"]
    assert any(" reached; " in line for line in lines)


def test_the_layout_names_channels_that_exist() -> None:
    text = json.dumps(layout())
    named = {path.partition(".")[0] for path in _topics(layout()["configById"])}
    assert named <= set(story.CHANNELS), named - set(story.CHANNELS)
    assert json.loads(text)["layout"]["direction"] == "row"


def _topics(node: object) -> set[str]:
    if isinstance(node, str):
        return {node} if node.startswith("/") else set()
    if isinstance(node, dict):
        return set().union(*(_topics(v) for v in [*node, *node.values()]))
    return set().union(*(_topics(v) for v in node)) if isinstance(node, list) else set()


def test_rows_and_events_are_played_in_the_order_of_time(log: FlightLog) -> None:
    stamps = [entry.stamp for entry in in_order(log)]
    assert stamps == sorted(stamps)


class Receiver:
    """Stands in for the server: counts what it is sent."""

    def __init__(self) -> None:
        self.topics: Counter[str] = Counter()
        self.times: list[float] = []

    def send(self, items: object) -> int:
        sent = [item[0] for item in items]  # type: ignore[attr-defined]
        self.topics.update(sent)
        return len(sent)

    def now(self, stamp: float) -> None:
        self.times.append(stamp)


def test_playback_keeps_the_pace_of_the_flight(log: FlightLog) -> None:
    clock, receiver = ManualClock(), Receiver()
    play(log, receiver, clock, speed=2.0)  # type: ignore[arg-type]
    assert clock.now() == pytest.approx((log.rows[-1].stamp - log.rows[0].stamp) / 2.0, abs=1e-6)
    assert receiver.topics[story.IMAGE] == len(log.rows)


def test_a_browser_that_comes_late_receives_the_room_and_every_row(log: FlightLog) -> None:
    pytest.importorskip("foxglove")
    client = pytest.importorskip("websockets.sync.client")
    from reprohrl.reporting.foxglove.server import LiveServer

    with LiveServer(port=0) as server:
        server.send(story.Story(log.header).row(log.rows[0]))  # nobody is there yet
        received: Counter[str] = Counter()
        with client.connect(f"ws://127.0.0.1:{server.port}", subprotocols=["foxglove.sdk.v1"]) as socket:
            topics: dict[int, str] = {}
            while len(topics) < len(story.CHANNELS):
                message = json.loads(socket.recv(timeout=10.0))
                for channel in message.get("channels", ()):
                    topics[channel["id"]] = channel["topic"]
            wanted = [{"id": n, "channelId": n} for n in topics]
            socket.send(json.dumps({"op": "subscribe", "subscriptions": wanted}))
            stop = threading.Event()

            def stream() -> None:
                rest = story.Story(log.header)
                while not stop.wait(0.01):
                    for row in log.rows[:5]:
                        server.send(i for i in rest.row(row) if i[0] != story.WORLD)

            sender = threading.Thread(target=stream)
            sender.start()
            try:
                while not received[story.WORLD] or received[story.IMAGE] < 5:
                    data = socket.recv(timeout=10.0)
                    if isinstance(data, bytes) and data[0] == 1:
                        received[topics[int.from_bytes(data[1:5], "little")]] += 1
            finally:
                stop.set()
                sender.join(timeout=10.0)
    assert received[story.BOXES] >= 4


def test_a_taken_port_is_told_with_its_number() -> None:
    pytest.importorskip("foxglove")
    from reprohrl.reporting.foxglove.server import LiveServer

    with LiveServer(port=0) as first, pytest.raises(UserError) as refused:
        LiveServer(port=first.port)
    assert str(first.port) in str(refused.value)


def test_the_rerun_export_is_a_recording(log: FlightLog, tmp_path: Path) -> None:
    pytest.importorskip("rerun")
    from reprohrl.reporting.rerun import write_rerun

    write_rerun(log, tmp_path / "flight.rrd")
    assert (tmp_path / "flight.rrd").read_bytes()[:4] in (b"RRF2", b"RRF1", b"RRF3")
    assert (tmp_path / "flight.rrd").stat().st_size > 10_000
