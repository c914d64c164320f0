"""What a text agent reads: features and progress as a few lines of plain text."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from reprohrl.contracts.battery import battery_percent
from reprohrl.contracts.features import (
    HOME_ROUTE,
    MAX_AGE_S,
    MAX_ROUTE_M,
    MAX_SECTOR_M,
    NUM_SECTORS,
    PASS_ROUTE,
    SEARCH_ROUTE,
    F,
    ObjectFeatures,
    R,
)
from reprohrl.contracts.mission import MissionStatus
from reprohrl.contracts.vocabulary import GOAL_CLASSES, NUM_GOALS
from reprohrl.language.telling import mission_line
from reprohrl.language.words import distance_words, side_words

NEAREST_SOLIDS = 3
_BATTERY = ((20.0, "low"), (50.0, "half"))


@dataclass(frozen=True, slots=True)
class Rendering:
    """How to write an observation.

    max_chars  longest text; lines of least importance are left out for it
    coarse     words in place of numbers, for agents with a small vocabulary of their own
    mission    begin with what is left of the mission
    around     say what is solid around, and what was never seen
    """

    max_chars: int = 1200
    coarse: bool = False
    mission: bool = True
    around: bool = True


def render(features: ObjectFeatures, status: MissionStatus, *, rendering: Rendering | None = None) -> str:
    """Return the observation of one frame as lines "topic: ...". The same input gives the same text."""
    how = rendering or Rendering()
    lines = [  # most important first
        ("progress", 1, _progress(status, how)),
        ("sees", 3, _seen(features, how)),
        ("remembers", 4, _remembered(features, how)),
        ("drone", 2, _drone(features, how)),
        ("ways", 7, _ways(features, how)),
    ]
    if how.mission:
        lines.insert(0, ("mission", 0, mission_line(status.mission, status.index)))
    if how.around:
        lines += [("never seen", 5, _unseen(features)), ("around", 6, _around(features, how))]
    kept: list[tuple[int, str]] = []
    room = how.max_chars
    for topic, place, text in lines:
        line = f"{topic}: {text}"
        if len(line) <= room:
            kept.append((place, line))
            room -= len(line) + 1
    return "\n".join(line for _, line in sorted(kept))


def _progress(status: MissionStatus, how: Rendering) -> str:
    mission = status.mission
    reached = ", ".join(mission.names[: status.index])
    parts = [f"{status.index} of {len(mission.goals)} reached" + (f" ({reached})" if reached else "")]
    if status.open:
        parts.append(f"current {GOAL_CLASSES[status.goal]}")
    if status.others:
        parts.append("open " + ", ".join(GOAL_CLASSES[g] for g in status.open))
    if not status.open:
        parts.append(f"step {status.step}")
    if not how.coarse:
        parts.append(f"{status.elapsed_s:.0f} s in all, {status.leg_elapsed_s:.0f} s on this leg")
    parts.append(f"phase {status.phase}")
    return "; ".join(parts)


def _drone(features: ObjectFeatures, how: Rendering) -> str:
    state = features.state
    percent = battery_percent(state.battery_v, flying=state.flying)
    if how.coarse:
        level = next((word for limit, word in _BATTERY if percent < limit), "good")
        return f"battery {level}; home {_route(features, HOME_ROUTE, how)}"
    speed = math.hypot(*state.velocity[:2])
    return (
        f"height {state.height:.1f} m; speed {speed:.1f} m/s; battery {percent:.0f} %; "
        f"home {_route(features, HOME_ROUTE, how)}"
    )


def _seen(features: ObjectFeatures, how: Rendering) -> str:
    seen = [k for k in range(NUM_GOALS) if features.values[k, F.VISIBLE] > 0]
    return ", ".join(_thing(features, k, how) for k in _by_range(features, seen)) or "nothing"


def _remembered(features: ObjectFeatures, how: Rendering) -> str:
    known = [
        k for k in range(NUM_GOALS)
        if features.values[k, F.VISIBLE] <= 0 and features.values[k, F.AGE] < MAX_AGE_S
    ]  # fmt: skip
    said = []
    for k in _by_range(features, known):
        since = "" if how.coarse else f" {features.values[k, F.AGE]:.0f} s ago"
        said.append(_thing(features, k, how) + since)
    return ", ".join(said) or "nothing"


def _unseen(features: ObjectFeatures) -> str:
    names = [GOAL_CLASSES[k] for k in range(NUM_GOALS) if features.values[k, F.AGE] >= MAX_AGE_S]
    return ", ".join(names) or "nothing"


def _thing(features: ObjectFeatures, k: int, how: Rendering) -> str:
    row = features.values[k]
    away = distance_words(float(row[F.RANGE]), coarse=how.coarse)
    return f"{GOAL_CLASSES[k]} {away} {side_words(float(row[F.BEARING]))}"


def _by_range(features: ObjectFeatures, classes: list[int]) -> list[int]:
    return sorted(classes, key=lambda k: (float(features.values[k, F.RANGE]), k))


def _around(features: ObjectFeatures, how: Rendering) -> str:
    said: list[str] = []
    for j in np.argsort(features.sectors, kind="stable"):
        distance = float(features.sectors[j])
        if distance >= MAX_SECTOR_M or len(said) == NEAREST_SOLIDS:
            break
        side = side_words(int(j) * 2 * math.pi / NUM_SECTORS)
        if not any(s.endswith(f" {side}") for s in said):
            said.append(f"{distance_words(distance, coarse=how.coarse)} {side}")
    return ", ".join(said) or "free"


def _ways(features: ObjectFeatures, how: Rendering) -> str:
    search = _route(features, SEARCH_ROUTE, how)
    if search != "unknown" and not how.coarse:
        search += f" ({features.routes[SEARCH_ROUTE, R.AREA]:.1f} m2)"
    return f"unseen floor {search}; onward {_route(features, PASS_ROUTE, how)}"


def _route(features: ObjectFeatures, route: int, how: Rendering) -> str:
    way = features.routes[route]
    if way[R.LENGTH] >= MAX_ROUTE_M:
        return "unknown"
    return f"{distance_words(float(way[R.LENGTH]), coarse=how.coarse)} {side_words(float(way[R.BEARING]))}"
