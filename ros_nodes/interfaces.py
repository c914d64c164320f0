"""What every node says, hears and offers, read from interfaces.yaml. No ROS in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("interfaces.yaml")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Rates [Hz] below which to warn or to tell an error, silence [s] after which others act."""

    name: str
    type: str
    about: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    warn_hz: float = 0.0
    error_hz: float = 0.0
    timeout_s: float = 0.0
    silence: str = ""


@dataclass(frozen=True, slots=True)
class NodeAbout:
    """What a node is for, offers, and does when something fails."""

    name: str
    about: str
    services: Mapping[str, str]
    actions: Mapping[str, str]
    failures: tuple[str, ...]


@cache
def topics() -> Mapping[str, Topic]:
    return {name: _topic(name, d) for name, d in _content()["topics"].items()}


@cache
def nodes() -> Mapping[str, NodeAbout]:
    return {
        name: NodeAbout(
            name, d["about"], d.get("services", {}), d.get("actions", {}), tuple(d.get("failures", ()))
        )
        for name, d in _content()["nodes"].items()
    }


def timeout_s(topic: str) -> float:
    """Return the silence of a topic after which others act [s]. Raises KeyError where none is declared."""
    found = topics()[topic].timeout_s
    if not found:
        raise KeyError(f"{topic} has no timeout_s in {FILE.name}")
    return found


def _topic(name: str, d: Mapping[str, Any]) -> Topic:
    return Topic(
        name, d["type"], d["about"], tuple(d["from"]), tuple(d["to"]), float(d.get("warn_hz", 0)),
        float(d.get("error_hz", 0)), float(d.get("timeout_s", 0)), d.get("silence", ""),
    )  # fmt: skip


@cache
def _content() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text()))
