"""Whatever comes in, what leaves is finite, within the limits and never outward of the fence."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.command import (
    MAX_VX_MPS,
    MAX_VY_MPS,
    MAX_VZ_MPS,
    MAX_YAW_RATE_RADPS,
    VelocityCommand,
)
from reprohrl.contracts.state import DroneState
from reprohrl.safety.conditions import Reaction
from reprohrl.safety.config import Fence, SafetyConfig
from reprohrl.safety.supervisor import Supervisor

CONFIG = SafetyConfig(fence=Fence((-2.0, -1.0, 0.0), (2.0, 3.0, 2.4)))
LIMITS = (("vx", MAX_VX_MPS), ("vy", MAX_VY_MPS), ("vz", MAX_VZ_MPS), ("yaw_rate", MAX_YAW_RATE_RADPS))
anything = st.floats(width=32) | st.floats(-1.0, 1.0)
speed = st.floats(-1.5, 1.5)
near = st.floats(-3.0, 4.0)
angle = st.floats(-3.2, 3.2)
commands = st.builds(VelocityCommand, anything, anything, anything, anything, anything)
wild_states = st.builds(
    DroneState,
    stamp=anything,
    position=st.tuples(anything, anything, anything),
    velocity=st.tuples(anything, anything, anything),
    attitude=st.tuples(anything, anything, anything),
    height=anything,
    ranges=st.tuples(*[anything] * 5),
    battery_v=anything,
    link=anything,
    flying=st.booleans(),
)
plausible_states = st.builds(
    DroneState,
    stamp=st.just(0.0),
    position=st.tuples(near, near, st.floats(0.3, 2.1)),
    attitude=st.tuples(st.just(0.0), st.just(0.0), angle),
    height=st.floats(0.3, 2.1),
    ranges=st.tuples(*[st.floats(0.0, 4.0)] * 5),
    flying=st.just(True),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 1.0), st.none() | commands, st.none() | wild_states, st.none() | anything),
        min_size=1,
        max_size=12,
    )
)
def test_output_is_finite_and_limited_and_severe_reactions_never_soften(
    inputs: list[tuple[float, VelocityCommand | None, DroneState | None, float | None]],
) -> None:
    supervisor, now, worst = Supervisor(CONFIG), 0.0, Reaction.PASS
    for dt, command, state, frame in inputs:
        now += dt
        verdict = supervisor.check(now, command, state, frame)
        assert verdict.command.is_finite()
        for name, limit in LIMITS:
            assert abs(getattr(verdict.command, name)) <= limit + 1e-9
        assert verdict.reaction >= worst
        if verdict.reaction >= Reaction.LAND:
            worst = verdict.reaction
            assert verdict.command.vx == verdict.command.vy == verdict.command.yaw_rate == 0.0


@settings(max_examples=250, deadline=None)
@given(speed, speed, speed, plausible_states)
def test_a_command_never_leads_out_of_the_fence_nor_into_an_obstacle(
    vx: float, vy: float, vz: float, state: DroneState
) -> None:
    verdict = Supervisor(CONFIG).check(0.0, VelocityCommand(vx, vy, vz), state, 0.0)
    out = verdict.command
    c, s = math.cos(state.yaw), math.sin(state.yaw)
    odom = (c * out.vx - s * out.vy, s * out.vx + c * out.vy)
    for i in range(2):
        to_high = CONFIG.fence.high[i] - state.position[i]
        to_low = state.position[i] - CONFIG.fence.low[i]
        assert odom[i] <= max(0.0, to_high) * CONFIG.fence_gain_per_s + 1e-9
        assert -odom[i] <= max(0.0, to_low) * CONFIG.fence_gain_per_s + 1e-9
    toward = (out.vx, -out.vx, out.vy, -out.vy, out.vz)
    for distance, rate in zip(state.ranges, toward, strict=True):
        if 0.0 < distance <= CONFIG.obstacle_stop_m:
            assert rate <= 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(-1.9, 1.9), st.floats(-0.9, 2.9), angle, st.floats(-0.59, 0.59), st.floats(-0.39, 0.39))
def test_flying_on_under_the_supervisor_stays_inside(
    x: float, y: float, yaw: float, vx: float, vy: float
) -> None:
    """A drone that follows commands after 0.3 s of lag ends inside the fence whatever the policy wants."""
    supervisor = Supervisor(CONFIG)
    velocity = [0.0, 0.0]
    for tick in range(100):
        now = tick * 0.1
        state = DroneState(now, (x, y, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, yaw), 0.0, 1.0, flying=True)
        out = supervisor.check(now, VelocityCommand(vx, vy, stamp=now), state, now).command
        c, s = math.cos(yaw), math.sin(yaw)
        wanted = (c * out.vx - s * out.vy, s * out.vx + c * out.vy)
        for i in range(2):
            velocity[i] += (wanted[i] - velocity[i]) * 0.1 / 0.3
        x, y = x + velocity[0] * 0.1, y + velocity[1] * 0.1
        assert -2.15 <= x <= 2.15 and -1.15 <= y <= 3.15
