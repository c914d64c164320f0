"""What every node says on /diagnostics: its topics' rates, ages and drops, and its own times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from ros_nodes.interfaces import topics
from ros_nodes.meters import Meter, Timing

SHARES = ((50, 0.5), (95, 0.95), (99, 0.99))

CREDIBLE_S = 3600.0
"""An older message was stamped on another clock: simulated time beside wall time."""


class Health:
    """The meters of one node. `now_s` is its steady clock, `stamp_now_s` the clock of its stamps."""

    def __init__(self, now_s: Callable[[], float], stamp_now_s: Callable[[], float]) -> None:
        self._now, self._stamp_now = now_s, stamp_now_s
        self.meters: dict[str, Meter] = {}
        self.timings: dict[str, Timing] = {}
        self.facts: dict[str, str] = {}
        self.warning = ""

    def reset(self) -> None:
        """Begin anew, as after a cleanup."""
        self.meters.clear()
        self.timings.clear()
        self.facts.clear()
        self.warning = ""

    def topic(self, topic: str) -> Meter:
        return self.meters.setdefault(topic, Meter(topic))

    def heard(self, meter: Meter, message: Any) -> None:
        """Note a message; its age is taken from its header where it has one."""
        header = getattr(message, "header", None)
        age = None
        if header is not None:
            age = self._stamp_now() - (header.stamp.sec + header.stamp.nanosec * 1e-9)
        if age is not None and not 0.0 <= age < CREDIBLE_S:  # stamped on another clock
            age = None
        meter.heard(self._now(), age)

    def took(self, what: str, seconds: float) -> None:
        """Note how long a piece of work took [s]."""
        self.timings.setdefault(what, Timing()).add(seconds)

    def tell(self, what: str, words: str) -> None:
        """Note something that is neither a topic nor a time."""
        self.facts[what] = words

    def values(self) -> list[KeyValue]:
        """Return all there is to say, in pairs."""
        now = self._now()
        said: list[tuple[str, str]] = []
        for topic, m in self.meters.items():
            said.append((f"{topic}: rate [Hz]", f"{m.rate_hz(now):.2f}"))
            said.append((f"{topic}: silent for [s]", f"{m.silent_s(now):.2f}"))
            said.append((f"{topic}: age p95 [ms]", f"{1e3 * m.age_s():.2f}"))
            said.append((f"{topic}: received, rejected, lost", f"{m.count}, {m.rejected}, {m.lost}"))
        for what, timing in self.timings.items():
            shares = ", ".join(f"{1e3 * timing.at(share):.2f}" for _, share in SHARES)
            said.append((f"{what}: p50, p95, p99 [ms]", shares))
        said += self.facts.items()
        return [KeyValue(key=key, value=value) for key, value in said]

    def status(self, name: str, *, active: bool, trouble: str = "") -> DiagnosticStatus:
        """Return the node's status: an error where a transition failed, a warning where it drops messages."""
        rejected = sum(m.rejected for m in self.meters.values())
        lost = sum(m.lost for m in self.meters.values())
        level, message = DiagnosticStatus.OK, "running" if active else "not active"
        if rejected or lost:
            level = DiagnosticStatus.WARN
            message += f"; {rejected} messages rejected, {lost} lost"
        for topic, meter in self.meters.items():
            if active and meter.count and (slow := self._slow(topic, meter)) is not None:
                level = max(level, slow[0])
                message += f"; {slow[1]}"
        if active and self.warning:
            level, message = max(level, DiagnosticStatus.WARN), f"{message}; {self.warning}"
        if trouble:
            level, message = DiagnosticStatus.ERROR, trouble
        return DiagnosticStatus(level=level, name=name, message=message, values=self.values())

    def _slow(self, topic: str, meter: Meter) -> tuple[bytes, str] | None:
        """Return level and words of a topic that comes more rarely than declared, else None."""
        declared, now = topics().get(topic), self._now()
        if declared is None or not declared.warn_hz:
            return None
        if declared.timeout_s and meter.silent_s(now) > declared.timeout_s:
            return DiagnosticStatus.ERROR, f"{topic} is silent for {meter.silent_s(now):.1f} s"
        rate = meter.rate_hz(now)
        if rate >= declared.warn_hz or meter.count < 2:  # one message has no rate
            return None
        level = DiagnosticStatus.ERROR if rate < declared.error_hz else DiagnosticStatus.WARN
        return level, f"{topic} comes at {rate:.1f} Hz, not {declared.warn_hz:g}"
