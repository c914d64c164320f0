"""`flight.mcap`: the whole flight log in one file that Foxglove and `reprohrl report` read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightHeader, FlightLog
from reprohrl.reporting import schemas
from reprohrl.reporting.foxglove import schemas as well_known
from reprohrl.reporting.foxglove import story

HEADER_TOPIC = "/reprohrl/header"
ROW_TOPIC = "/reprohrl/row"
EVENT_TOPIC = "/reprohrl/event"
IMAGE_TOPIC = story.IMAGE
OUTCOME_TOPIC = "/reprohrl/outcome"

_OURS = {
    HEADER_TOPIC: well_known.HEADER,
    ROW_TOPIC: well_known.ROW,
    EVENT_TOPIC: well_known.EVENT,
    OUTCOME_TOPIC: well_known.OUTCOME,
}
"""What `read_mcap` reads back, beside the pictures; the other channels are for looking at."""

CHANNELS = {**_OURS, **story.CHANNELS}


def write_mcap(log: FlightLog, path: Path) -> None:
    """Write header, rows, pictures, events and outcome. Raises `UserError` without the mcap package."""
    try:
        from mcap.writer import Writer
    except ImportError as error:
        raise UserError("recording needs the mcap package", fix="pip install 'reprohrl[viz]'") from error
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.start(profile="", library="reprohrl")
        write_channels(writer, log)
        writer.finish()


def write_channels(writer: Any, log: FlightLog) -> None:
    """Write the log's channels with an open `mcap.writer.Writer`, beside whatever else it records."""
    channels = {}
    for topic, schema in CHANNELS.items():
        schema_id = writer.register_schema(schema["title"], "jsonschema", json.dumps(schema).encode())
        channels[topic] = writer.register_channel(topic, "json", schema_id)

    def add(topic: str, stamp: float, content: dict[str, Any]) -> None:
        nanoseconds = max(0, round(stamp * 1e9))
        data = json.dumps(content, separators=(",", ":")).encode()
        writer.add_message(channels[topic], nanoseconds, data, nanoseconds)

    first = log.rows[0].stamp if log.rows else 0.0
    last = log.rows[-1].stamp if log.rows else 0.0
    add(HEADER_TOPIC, first, schemas.header_to_json(log.header))
    for row in log.rows:
        add(ROW_TOPIC, row.stamp, schemas.row_to_json(row))
    for event in log.events:
        add(EVENT_TOPIC, event.stamp, schemas.event_to_json(event))
    for topic, stamp, content in story.tell(log):
        add(topic, stamp, content)
    add(OUTCOME_TOPIC, last, {"outcome": log.outcome, "judged": log.judged})


def read_mcap(path: Path) -> FlightLog:
    """Read a log back. Raises `UserError` when the file is broken or holds no flight log."""
    try:
        from mcap.exceptions import McapError
        from mcap.reader import make_reader
    except ImportError as error:
        fix = "pip install 'reprohrl[viz]'"
        raise UserError("reading a recording needs the mcap package", fix=fix) from error
    header: FlightHeader | None = None
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    pictures: dict[int, bytes] = {}
    end = {"outcome": "", "judged": ""}
    try:
        with path.open("rb") as stream:
            for _, channel, message in make_reader(stream).iter_messages(topics=[*_OURS, IMAGE_TOPIC]):
                content = json.loads(message.data)
                if channel.topic == HEADER_TOPIC:
                    header = schemas.header_from_json(content)
                elif channel.topic == ROW_TOPIC:
                    rows.append(content)
                elif channel.topic == EVENT_TOPIC:
                    events.append(content)
                elif channel.topic == IMAGE_TOPIC:
                    pictures[message.log_time] = base64.b64decode(content["data"])
                else:
                    end |= content
    except (McapError, ValueError, KeyError) as error:
        raise UserError(f"{path} cannot be read", why=str(error) or type(error).__name__) from error
    if header is None:
        raise UserError(f"{path} holds no flight log", why=f"it has no {HEADER_TOPIC} channel")
    log = FlightLog(header, outcome=end["outcome"], judged=end["judged"])
    log.rows = [schemas.row_from_json(r, pictures.get(max(0, round(r["stamp"] * 1e9)), b"")) for r in rows]
    log.events = [schemas.event_from_json(e) for e in events]
    return log
