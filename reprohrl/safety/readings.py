"""What the drone's state says is wrong, at one moment. Pure."""

from __future__ import annotations

import math

from reprohrl.contracts.state import DroneState
from reprohrl.safety.conditions import Condition
from reprohrl.safety.config import SafetyConfig
from reprohrl.safety.limits import outside
from reprohrl.safety.watch import Reading

NO_BATTERY_V = 0.5
"""A drone that can still speak has more: this little means that it measures none (NaN, too)."""


def is_sound(state: DroneState) -> bool:
    """Return whether position, velocity, attitude and height are numbers."""
    return all(map(math.isfinite, (*state.position, *state.velocity, *state.attitude, state.height)))


def read_state(state: DroneState, config: SafetyConfig) -> dict[Condition, Reading]:
    """Return the conditions a sound state shows."""
    found = {}
    if not state.link >= config.link_min:
        found[Condition.LOST_LINK] = Reading(state.link)
    battery = state.battery_v if state.battery_v > NO_BATTERY_V else math.inf
    if battery < config.battery_warn_v:
        found[Condition.BATTERY_WARNING] = Reading(battery, "V")
    if battery < config.battery_low_v:
        found[Condition.LOW_BATTERY] = Reading(battery, "V")
    if battery < config.battery_critical_v:
        found[Condition.CRITICAL_BATTERY] = Reading(battery, "V")
    beyond = outside(state.position, config.fence)
    if beyond > 0.0:
        found[Condition.FENCE_OUTSIDE] = Reading(beyond, "m")
    if beyond > config.fence_land_m:
        found[Condition.FENCE_FAR_OUTSIDE] = Reading(beyond, "m")
    if (speed := math.hypot(*state.velocity)) > config.overspeed_mps:
        found[Condition.OVERSPEED] = Reading(speed, "m/s")
    if (doubt := state.estimate_std_mps) > config.estimate_std_mps:
        found[Condition.ESTIMATE_UNSURE] = Reading(doubt, "m/s")
    if (tilt := tilt_of(state)) > config.tilt_cut_rad:
        found[Condition.TUMBLE] = Reading(tilt, "rad")
    return found


def tilt_of(state: DroneState) -> float:
    """Return the angle [rad] between the body's and the world's z axis."""
    roll, pitch, _ = state.attitude
    return math.acos(max(-1.0, min(1.0, math.cos(roll) * math.cos(pitch))))
