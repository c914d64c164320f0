"""Faults of a topic: what a broken sensor, stage or network does to its messages. No ROS in here.

The kinds are those of PX4's failure injection, for any topic.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from ros_nodes.spoil import freeze, garble, twist

MOST_WAITING = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault; `amount` is in `unit`, from 0 to `most` (exclusive of 0 where it is a time)."""

    name: str
    meaning: str
    amount: float = 0.0
    unit: str = ""
    most: float = 60.0


KINDS: Mapping[str, Kind] = {
    k.name: k
    for k in (
        Kind("off", "no message comes"),
        Kind("stuck", "every message repeats the content of the first one, under its own new stamp"),
        Kind("garbage", "every number is random, NaN or infinite; the stamp stays"),
        Kind("wrong", "plausible, but false: numbers are multiplied, pictures are mirrored", -1.0, "factor"),
        Kind("slow", "at most one message in so many seconds", 0.5, "s"),
        Kind("delayed", "every message comes so many seconds later", 0.5, "s"),
        Kind("intermittent", "nothing for so many seconds, then all for as long, and again", 0.5, "s"),
    )
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one topic. `duration_s` 0: until it is ended. Times are wall time."""

    topic: str
    kind: str
    amount: float = 0.0
    duration_s: float = 0.0

    def __str__(self) -> str:
        unit = KINDS[self.kind].unit
        words = f"{self.kind} {self.amount:g} {unit}".strip() if unit else self.kind
        return words + (f" for {self.duration_s:g} s" if self.duration_s else "")


def make_fault(topic: str, kind: str, amount: float = 0.0, duration_s: float = 0.0) -> Fault:
    """Check and return a fault, with its kind's own amount for 0. Raises `UserError`."""
    if kind not in KINDS:
        raise UserError(
            f"there is no fault {kind!r}",
            why=f"there are: {', '.join(KINDS)}",
            fix=did_you_mean(kind, list(KINDS)) or "use one of them",
        )
    known = KINDS[kind]
    amount = amount or known.amount
    low = -known.most if known.unit == "factor" else 0.0
    if not low <= amount <= known.most:
        raise UserError(
            f"{kind} with {amount:g} {known.unit}".strip(),
            why=f"it may be {low:g} to {known.most:g}",
            fix=f"leave it out for {known.amount:g}",
        )
    if not 0.0 <= duration_s <= 3600.0:
        raise UserError(f"a fault for {duration_s:g} s", why="it may last 0 (until ended) to 3600 s")
    return Fault(topic.strip("/") if not topic.startswith("/") else topic, kind, amount, duration_s)


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read "camera/image_raw=slow:0.4, state=off". Raises `UserError` naming all that cannot be read."""
    found, bad = [], []
    for word in (w.strip() for w in text.split(",")):
        if not word:
            continue
        topic, equals, rest = word.partition("=")
        kind, _, amount = rest.partition(":")
        try:
            if not equals or not topic:
                raise UserError(f"{word!r} is no fault", fix="write topic=kind or topic=kind:amount")
            found.append(make_fault(topic.strip(), kind.strip(), _number(amount)))
        except UserError as error:
            bad.append(str(error))
    if bad:
        raise UserError("; ".join(bad))
    return tuple(found)


def _number(text: str) -> float:
    try:
        return float(text) if text.strip() else 0.0
    except ValueError:
        raise UserError(f"{text!r} is no number") from None


class Line:
    """The way of one topic's messages from `send` to the wire; faultless until a fault begins.

    Publishers of the drone node are used by two threads, so a line locks. `copy` returns an independent
    message of the same content.
    """

    def __init__(self, send: Callable[[Any], None], copy: Callable[[Any], Any], *, seed: int = 0) -> None:
        self._send, self._copy = send, copy
        self._random = random.Random(seed)
        self._lock = threading.RLock()
        self._waiting: deque[tuple[float, Any]] = deque(maxlen=MOST_WAITING)
        self.fault: Fault | None = None
        self._began = self._passed = 0.0
        self._first: Any = None

    def begin(self, fault: Fault, now: float) -> None:
        with self._lock:
            self.fault, self._began, self._passed, self._first = fault, now, -1e9, None

    def end(self) -> None:
        """Be faultless again; what was delayed is not sent any more."""
        with self._lock:
            self.fault, self._first = None, None
            self._waiting.clear()

    def drop(self) -> None:
        """Forget what is delayed: its publisher is being destroyed."""
        with self._lock:
            self._waiting.clear()

    def over(self, now: float) -> bool:
        """Tell whether the fault's time has passed."""
        with self._lock:
            fault = self.fault
            return fault is not None and 0.0 < fault.duration_s <= now - self._began

    def publish(self, message: Any, now: float) -> None:
        """Send the message as the fault lets it."""
        with self._lock:
            fault = self.fault
            if fault is None:
                self._send(message)
                return
            for one in self._faulty(fault, message, now):
                self._send(one)

    def release(self, now: float) -> None:
        """Send what was delayed long enough."""
        with self._lock:
            while self._waiting and self._waiting[0][0] <= now:
                self._send(self._waiting.popleft()[1])

    def _faulty(self, fault: Fault, message: Any, now: float) -> tuple[Any, ...]:
        if fault.kind == "slow":
            if now - self._passed < fault.amount:
                return ()
            self._passed = now
            return (message,)
        if fault.kind == "delayed":
            self._waiting.append((now + fault.amount, self._copy(message)))
            return ()
        if fault.kind == "intermittent":
            return (message,) if int((now - self._began) / max(fault.amount, 1e-3)) % 2 else ()
        if fault.kind == "stuck":
            if self._first is None:
                self._first = self._copy(message)
            return (freeze(self._copy(self._first), message),)
        if fault.kind == "garbage":
            return (garble(self._copy(message), self._random),)
        if fault.kind == "wrong":
            return (twist(self._copy(message), fault.amount),)
        return ()
