"""Plays a recorded flight to a live server, at its own speed or another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reprohrl.contracts.clock import Clock
from reprohrl.flight.log import Event, FlightLog, LogRow
from reprohrl.reporting.foxglove.server import LiveServer
from reprohrl.reporting.foxglove.story import Item, Story


def in_order(log: FlightLog) -> Iterator[LogRow | Event]:
    """Yield rows and events by their stamps."""
    events = sorted(log.events, key=lambda e: e.stamp)
    for row in log.rows:
        while events and events[0].stamp <= row.stamp:
            yield events.pop(0)
        yield row
    yield from events


def play(
    log: FlightLog,
    server: LiveServer,
    clock: Clock,
    *,
    speed: float = 1.0,
    progress: Callable[[float], object] = lambda _: None,
) -> None:
    """Send the flight once; `speed` is flight seconds per second of `clock`, 0 as fast as it goes."""
    story = Story(log.header)
    if not log.rows:
        return
    first, began = log.rows[0].stamp, clock.now()
    for entry in in_order(log):
        if speed > 0:
            clock.sleep(max(0.0, began + (entry.stamp - first) / speed - clock.now()))
        items: Iterator[Item] = story.row(entry) if isinstance(entry, LogRow) else story.event(entry)
        server.send(items)
        server.now(entry.stamp)
        progress(entry.stamp - first)
    server.send(story.end())
