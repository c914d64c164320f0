"""Spoils the content of any ROS message, known only by its fields and their types. No ROS in here."""

from __future__ import annotations

import array
import math
import random
import re
from typing import Any

KEPT = ("header", "trace")
"""Stamps and traces stay: a message that pairs with nothing is only an absent one."""

TIMES = ("stamp", "decided", "since", "took_s", "loop_s")
"""What a false reading leaves alone, beside the header."""

INTEGERS = {f"{sign}int{bits}": bits for sign in ("", "u") for bits in (8, 16, 32, 64)}
MAD = (math.nan, math.inf, -math.inf, 1e300, -1e300, 0.0)
PICTURE = {"height", "width", "step", "encoding", "data"}
_LIST = re.compile(r"^(?:sequence<(?P<in>.+?)(?:, *\d+)?>|(?P<of>.+)\[\d+\])$")


def freeze(old: Any, new: Any) -> Any:
    """Return `old` under the stamp of `new`."""
    if hasattr(new, "header"):
        old.header.stamp = new.header.stamp
    return old


def garble(message: Any, chance: random.Random) -> Any:
    """Replace every number and word of the message by a random one of its type, in place."""
    for name, kind in fields(message).items():
        if name in KEPT:
            continue
        value, inner = getattr(message, name), item_kind(kind)
        if inner is None:
            setattr(message, name, _random(kind, value, chance))
        elif inner == "uint8":
            setattr(message, name, chance.randbytes(len(value)))
        else:
            _put(message, name, inner, [_random(inner, one, chance) for one in value])
    return message


def twist(message: Any, factor: float) -> Any:
    """Multiply every float by `factor` and mirror pictures, in place; integers, words and times stay."""
    if set(fields(message)) >= PICTURE:
        message.data = mirrored(bytes(message.data), int(message.step), _channels(message))
        return message
    for name, kind in fields(message).items():
        if name in (*KEPT, *TIMES):
            continue
        value, inner = getattr(message, name), item_kind(kind)
        if inner is None:
            setattr(message, name, _twisted(kind, value, factor))
        elif inner == "uint8":
            continue
        else:
            _put(message, name, inner, [_twisted(inner, one, factor) for one in value])
    return message


def mirrored(data: bytes, step: int, channels: int) -> bytes:
    """Return rows of `step` bytes with their pixels from right to left."""
    if step <= 0 or channels <= 0 or step % channels or len(data) % step:
        return data
    rows = []
    for start in range(0, len(data), step):
        row = bytearray(step)
        for channel in range(channels):
            row[channel::channels] = data[start + channel : start + step : channels][::-1]
        rows.append(bytes(row))
    return b"".join(rows)


def fields(message: Any) -> dict[str, str]:
    """Return field name -> type of a message, as in "double", "sequence<float>", "double[3]"."""
    return dict(message.get_fields_and_field_types())


def item_kind(kind: str) -> str | None:
    """Return the type of a list's items, None for what is no list."""
    found = _LIST.match(kind)
    return (found["in"] or found["of"]) if found else None


def _random(kind: str, value: Any, chance: random.Random) -> Any:
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "float":
        return chance.choice((math.nan, math.inf, -math.inf, 3e38, chance.uniform(-1e3, 1e3)))
    if kind == "double":
        return chance.choice((*MAD, chance.uniform(-1e3, 1e3)))
    if kind == "octet":
        return chance.randbytes(1)
    if kind in INTEGERS:
        bits = INTEGERS[kind]
        number = chance.getrandbits(bits)
        return number if kind.startswith("u") else number - (1 << (bits - 1))
    if kind.startswith("string"):
        return "".join(chance.choice("abcxyz0!%") for _ in range(8))
    return garble(value, chance) if hasattr(value, "get_fields_and_field_types") else value


def _twisted(kind: str, value: Any, factor: float) -> Any:
    if kind in ("float", "double"):
        return value * factor
    return twist(value, factor) if hasattr(value, "get_fields_and_field_types") else value


def _put(message: Any, name: str, inner: str, values: list[Any]) -> None:
    """Set a list; numeric ones keep their own kind of array."""
    old = getattr(message, name)
    if isinstance(old, array.array):
        setattr(message, name, array.array(old.typecode, values))
    else:
        setattr(message, name, values)


def _channels(picture: Any) -> int:
    return max(1, int(picture.step) // max(1, int(picture.width)))
