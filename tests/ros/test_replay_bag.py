"""The golden flight as a bag: pictures as they were, and the same decisions as from flight.mcap."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image

from reprohrl.cli.replay import read, stack_of
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from reprohrl.flight.log import FlightLog, LogRow
from reprohrl.replay.replay import decode_frame, replay
from reprohrl_msgs import msg as m
from ros_nodes import convert
from ros_nodes.bag import Bag, load_types, type_name
from ros_nodes.bag_log import read_bag
from ros_nodes.stamps import key, to_time
from tests.golden.record_replay import GOLDEN
from tests.golden.test_replay import needs_models, told

pytestmark = pytest.mark.ros
REACTIONS = {"pass": m.Command.PASS, "limit": m.Command.LIMIT, "hover": m.Command.HOVER}


def messages(row: LogRow) -> list[tuple[str, Any]]:
    """Return what the stages said of a frame, as they say it."""
    stamp = to_time(row.stamp)
    state = convert.state_to_msg(row.state, flight=1, stamp=stamp)
    state.phase, state.has_frame = m.DroneState.FLYING, True
    assert row.status is not None and row.option is not None and row.command is not None
    said: list[tuple[str, Any]] = [
        ("state", state),
        ("camera/image_raw", convert.frame_to_msg(Frame(decode_frame(row.jpeg), row.stamp))),
        ("detections", convert.detections_to_msg(row.detections)),
        ("mission_status", convert.status_to_msg(row.status, mission_id=1, stamp=stamp)),
        ("option", convert.option_to_msg(row.option, stamp=stamp, mission_id=1)),
        ("raw_command", convert.command_to_msg(row.command, stamp=stamp)),
        ("command", convert.command_to_msg(row.supervised, stamp=stamp, reaction=REACTIONS[row.reaction])),
    ]
    return said


@pytest.fixture(scope="module")
def bag(ros: int, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FlightLog]:
    log = read(GOLDEN)
    folder = tmp_path_factory.mktemp("golden") / "bag"
    written = Bag(folder, load_types())
    for row in log.rows:
        for topic, message in messages(row):
            kind = type_name(Image if topic.endswith("image_raw") else type(message))
            written.write(f"/drone1/{topic}", kind, key(to_time(row.stamp)), serialize_message(message))
    written.close()
    (folder.parent / "flight.mcap").write_bytes(GOLDEN.read_bytes())
    return folder, log


def test_a_bag_gives_the_rows_of_the_flight_with_its_pictures_as_they_were(
    bag: tuple[Path, FlightLog],
) -> None:
    folder, log = bag
    found = read_bag(folder)
    assert found.header == log.header and len(found.rows) == len(log.rows)
    for new, old in zip(found.rows, log.rows, strict=True):
        assert (new.option, new.reaction) == (old.option, old.reaction)
        for a, b in ((new.command, old.command), (new.supervised, old.supervised)):
            assert a is not None and b is not None
            assert astuple(a) == pytest.approx(astuple(b), abs=1e-9), "stamps travel in nanoseconds"
        assert new.state == old.state and new.detections.items == old.detections.items
        assert (decode_frame(new.jpeg) == decode_frame(old.jpeg)).all()


@needs_models
@pytest.mark.parametrize("chained", [False, True])
def test_todays_stages_decide_as_in_the_bag(bag: tuple[Path, FlightLog], chained: bool) -> None:
    log = read(bag[0])
    result = replay(log, stack_of(log.header), chained=chained)
    assert not result.differences, told(result)
    assert result.compared["detector"] == result.compared["navigator"] == len(log.rows)


def test_a_folder_that_is_no_bag_is_named(ros: int, tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_text("rosbag2_bagfile_information: {version: 9}\n")
    with pytest.raises(UserError, match="cannot be read as a bag"):
        read_bag(tmp_path)
