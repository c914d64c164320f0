"""What each kind of fault does to the messages of a topic, and what is no fault at all."""

from __future__ import annotations

import array
import copy
import math
import random
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from reprohrl.contracts.errors import UserError
from ros_nodes.faults import KINDS, Line, make_fault, parse_faults
from ros_nodes.spoil import garble, item_kind, mirrored, twist


@dataclass
class Header:
    stamp: float = 0.0


@dataclass
class Reading:
    """Shaped as a ROS message: fields and their types by name."""

    KINDS: ClassVar[dict[str, str]] = {
        "header": "std_msgs/Header", "value": "double", "stamp": "double", "count": "uint8",
        "delta": "int16", "word": "string", "flag": "boolean", "many": "sequence<float>",
    }  # fmt: skip
    header: Header = field(default_factory=Header)
    value: float = 0.0
    stamp: float = 0.0
    count: int = 0
    delta: int = 0
    word: str = "ok"
    flag: bool = False
    many: Any = field(default_factory=lambda: array.array("f", [1.0, 2.0]))

    def get_fields_and_field_types(self) -> dict[str, str]:
        return self.KINDS


def reading(i: int) -> Reading:
    return Reading(Header(float(i)), value=10.0 + i, stamp=float(i), count=i)


def played(kind: str, amount: float = 0.0, *, count: int = 20, step_s: float = 0.1) -> list[Reading]:
    """Publish `count` messages, one each `step_s`, from the fault's beginning on; return what was sent."""
    sent: list[Reading] = []
    line = Line(sent.append, copy.deepcopy)
    line.begin(make_fault("t", kind, amount), 0.0)
    for i in range(count):
        line.release(i * step_s)
        line.publish(reading(i), i * step_s)
    return sent


def test_a_line_without_a_fault_sends_the_message_itself() -> None:
    sent: list[Any] = []
    line, message = Line(sent.append, copy.deepcopy), reading(1)
    line.publish(message, 0.0)
    assert sent[0] is message


def test_off_sends_nothing() -> None:
    assert played("off") == []


def test_stuck_repeats_the_content_under_new_stamps() -> None:
    sent = played("stuck")
    assert {m.value for m in sent} == {10.0} and [m.header.stamp for m in sent] == [
        float(i) for i in range(20)
    ]


def test_garbage_keeps_the_stamp_and_nothing_else() -> None:
    sent = played("garbage", count=50)
    assert [m.header.stamp for m in sent] == [float(i) for i in range(50)]
    assert any(math.isnan(m.value) for m in sent) and any(math.isinf(m.value) for m in sent)
    assert len({m.word for m in sent}) > 40 and "ok" not in {m.word for m in sent}
    assert all(0 <= m.count < 256 and -32768 <= m.delta < 32768 for m in sent)
    assert all(isinstance(m.many, array.array) and len(m.many) == 2 for m in sent)


def test_wrong_is_plausible_and_false() -> None:
    sent = played("wrong")
    assert [m.value for m in sent] == [-(10.0 + i) for i in range(20)]
    assert [m.stamp for m in sent] == [float(i) for i in range(20)], "times are not readings"
    assert list(sent[0].many) == [-1.0, -2.0] and sent[3].count == 3 and sent[0].word == "ok"
    assert played("wrong", 2.0)[0].value == 20.0


def test_slow_lets_through_one_in_so_many_seconds() -> None:
    assert [m.count for m in played("slow", 0.45)] == [0, 5, 10, 15]


def test_delayed_comes_later_and_in_order() -> None:
    sent = played("delayed", 0.45)
    assert [m.count for m in sent] == list(range(15)), "the last 0.45 s are on their way"


def test_a_delayed_message_is_the_one_that_was_sent() -> None:
    sent: list[Reading] = []
    line, message = Line(sent.append, copy.deepcopy), reading(1)
    line.begin(make_fault("t", "delayed", 0.3), 0.0)
    line.publish(message, 0.0)
    message.value = 99.0
    line.release(0.29)
    assert not sent
    line.release(0.3)
    assert sent[0].value == 11.0


def test_intermittent_is_silent_and_talks_in_turns() -> None:
    assert [m.count for m in played("intermittent", 0.5)] == [5, 6, 7, 8, 9, 15, 16, 17, 18, 19]


def test_a_fault_ends_after_its_time_and_forgets_what_was_delayed() -> None:
    sent: list[Reading] = []
    line = Line(sent.append, copy.deepcopy)
    line.begin(make_fault("t", "delayed", 0.5, 2.0), 10.0)
    line.publish(reading(1), 11.8)
    assert not line.over(11.99) and line.over(12.0)
    line.end()
    line.release(20.0)
    line.publish(reading(2), 20.0)
    assert [m.count for m in sent] == [2] and line.fault is None and not line.over(99.0)


def test_a_mirrored_picture_has_its_pixels_from_right_to_left() -> None:
    assert mirrored(b"abcdef", 3, 1) == b"cbafed"
    assert mirrored(b"rgbRGB", 6, 3) == b"RGBrgb"
    assert mirrored(b"abcde", 3, 1) == b"abcde", "what is no picture stays"


@pytest.mark.parametrize(
    ("kind", "items"),
    [("sequence<float>", "float"), ("double[3]", "double"), ("double", None),
     ("sequence<reprohrl_msgs/Hop>", "reprohrl_msgs/Hop"), ("sequence<uint8, 16>", "uint8")],
)  # fmt: skip
def test_the_items_of_a_list_are_known(kind: str, items: str | None) -> None:
    assert item_kind(kind) == items


def test_faults_are_read_with_their_amounts() -> None:
    found = parse_faults("camera/image_raw=slow:0.4, /drone1/state=off,raw_command=wrong")
    assert [(f.topic, f.kind, f.amount) for f in found] == [
        ("camera/image_raw", "slow", 0.4), ("/drone1/state", "off", 0.0), ("raw_command", "wrong", -1.0),
    ]  # fmt: skip
    assert parse_faults("") == () and str(found[0]) == "slow 0.4 s" and str(found[1]) == "off"


def test_all_bad_faults_are_named_at_once() -> None:
    with pytest.raises(UserError) as error:
        parse_faults("state=stuk, camera, features=slow:often, option=delayed:1000")
    for word in (
        'did you mean "stuck"',
        "'camera' is no fault",
        "'often' is no number",
        "delayed with 1000 s",
    ):
        assert word in str(error.value)


def test_every_kind_says_what_it_means() -> None:
    assert list(KINDS) == ["off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent"]
    assert all(k.meaning for k in KINDS.values())
    message = reading(1)
    assert garble(copy.deepcopy(message), random.Random(1)).header.stamp == 1.0
    assert twist(message, 0.5).value == 5.5
