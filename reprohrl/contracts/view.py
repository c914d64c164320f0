"""`NavigatorView`: what the low level sees of one frame, small enough to log and to draw."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavigatorView:
    """The part of the features that the active option is about.

    subgoal       next waypoint (x, y, z) [m] in the odometry frame; None where the option has no way
    way_m         length of the whole way [m]
    area_m2       floor still to look at there [m^2]
    goal_age_s    seconds since the option's goal was last seen, inf for never or no goal
    goal          where the option's goal is remembered, (x, y, z) [m] in the odometry frame, or None
    sectors       (16,) [m] to the nearest remembered solid thing, ahead first, leftwards
    looked        (12,) in [0, 1], how recently each heading was in view, ahead first, leftwards
    """

    subgoal: tuple[float, float, float] | None = None
    way_m: float = 0.0
    area_m2: float = 0.0
    goal_age_s: float = float("inf")
    goal: tuple[float, float, float] | None = None
    sectors: tuple[float, ...] = ()
    looked: tuple[float, ...] = ()
