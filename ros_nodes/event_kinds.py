"""The typed event: its kind and severity, and how the flight log calls them."""

from __future__ import annotations

from typing import Any

from reprohrl_msgs import msg as m
from ros_nodes import convert

LOG_KINDS = {
    m.Event.FLIGHT: "flight", m.Event.MISSION: "mission", m.Event.DECISION: "option",
    m.Event.SUPERVISOR: "supervisor", m.Event.CONTACT: "contact", m.Event.ERROR: "error",
    m.Event.NODE: "node", m.Event.OPERATOR: "operator", m.Event.FAULT: "fault",
}  # fmt: skip


def kind_of(message: m.Event) -> str:
    """Return the flight log's word for an event's kind."""
    return LOG_KINDS.get(message.kind, "flight")


def event(
    stamp: Any, *, kind: int, source: str, name: str, detail: str, reaction: int = 0,
    severity: int | None = None, frame: str = convert.BASE,
) -> m.Event:  # fmt: skip
    """Return a typed event; the severity follows from the reaction where none is given."""
    if severity is None:
        severity = m.Event.WARN if reaction else m.Event.INFO
        if kind == m.Event.ERROR or reaction >= m.Command.LAND:
            severity = m.Event.SEVERE
    return m.Event(
        header=convert.header(stamp, frame), kind=kind, severity=severity, source=source, name=name,
        reaction=reaction, detail=detail,
    )  # fmt: skip
