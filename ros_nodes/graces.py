"""What each node may take to end by itself: the launcher, the manager and the node go by the same number."""

from __future__ import annotations

from collections.abc import Mapping

GRACE_S: Mapping[str, float] = {
    "drone": 30.0,  # it lands
    "recorder": 120.0,  # it writes a report
    "fly_mission": 45.0,  # it waits for the landing
    "lifecycle_manager": 160.0,  # it takes all the others down
}
OTHERS_S = 10.0


def grace_s(executable: str) -> float:
    """Return the wall time a node may take to end [s]."""
    return GRACE_S.get(executable, OTHERS_S)
