"""Every threshold of the supervisor, with its unit and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from reprohrl.contracts.command import MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS, MAX_YAW_RATE_RADPS


@dataclass(frozen=True, slots=True)
class Fence:
    """A box in the odom frame [m] the drone stays in."""

    low: tuple[float, float, float] = (-10.0, -10.0, -0.5)
    high: tuple[float, float, float] = (10.0, 10.0, 2.4)


@dataclass(frozen=True, slots=True)
class SafetyConfig:
    """Thresholds; `_s` are seconds a condition must last, or seconds of silence.

    A Crazyflie cuts and locks its motors after 2.0 s without setpoints, and never lands by itself on a
    low battery or outside a fence (crazyflie-firmware: supervisor.c, pm_stm32f4.c), so all of that is here.
    """

    max_velocity_mps: tuple[float, float, float] = (MAX_VX_MPS, MAX_VY_MPS, MAX_VZ_MPS)
    max_yaw_rate_radps: float = MAX_YAW_RATE_RADPS
    absurd_factor: float = 3.0  # a command this many times over its limit is garbage, not eagerness
    invalid_command_land_s: float = 1.0

    camera_hover_s: float = 0.3  # two missed frames at 10 Hz and some jitter
    camera_land_s: float = 6.0  # AI-deck streams freeze for up to 5 s and recover; hovering needs no camera
    command_hover_s: float = 0.25  # two ticks at 10 Hz; a single dropped frame passes
    command_land_s: float = 1.0  # the policy is silent although frames arrive; well before the 2.0 s lock
    state_hover_s: float = 0.5
    state_land_s: float = 1.0

    link_min: float = 0.05
    link_hover_s: float = 0.5
    link_land_s: float = 2.0

    fence: Fence = field(default_factory=Fence)
    fence_gain_per_s: float = (
        1.0  # speed toward a face <= gain x distance; stops within the velocity loop's lag
    )
    fence_return_mps: float = 0.2
    fence_land_m: float = 1.0  # this far outside the estimate cannot be trusted
    min_height_m: float = 0.2
    max_height_m: float = 2.2

    obstacle_stop_m: float = 0.15  # goals are approached to 0.4 m, so this does not hinder a policy
    obstacle_gain_per_s: float = 3.0  # full speed is allowed from about 0.35 m on

    battery_warn_v: float = 3.5
    battery_low_v: float = 3.2  # under load; the firmware's own low-battery lamp
    battery_critical_v: float = 3.0
    battery_low_s: float = 2.0  # so that a burst of thrust does not count
    battery_critical_s: float = 0.5

    tilt_cut_rad: float = 1.05  # 60 deg; the firmware's controller never asks for more than 20 deg
    tilt_cut_s: float = 0.3
    overspeed_mps: float = 1.5  # twice what can be commanded: the estimate or the drone runs away
    overspeed_hover_s: float = 0.3
    overspeed_land_s: float = 1.5

    jump_m: float = 0.5  # beyond what the velocity explains, between two states; an estimator that resets
    jump_hover_s: float = 1.0  # long enough to see whether it settles
    estimate_std_mps: float = 0.5  # as fast as a policy may fly: the estimate says nothing any more
    estimate_land_s: float = 0.5

    dead_man_s: float = 0.5  # without the operator's signal, where one is asked for

    land_descent_mps: float = 0.2
    recovery_s: float = 0.3  # a condition must be gone this long before the policy flies again
