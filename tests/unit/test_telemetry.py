"""Log packets become a `DroneState` in REP-103 signs and units, and grow stale when they stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from firmware_bridge.supervisor_bits import ARMED, CAN_FLY, FLYING
from firmware_bridge.telemetry import BLOCKS, Telemetry
from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.errors import LinkError

pytest.importorskip("cflib")
BYTES = {"float": 4, "uint16_t": 2, "uint8_t": 1}


class Host:
    """As much of a cflib `Crazyflie` as telemetry touches; `deliver` plays a log packet."""

    def __init__(
        self,
        *,
        without: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
        decks: dict[str, str] | None = None,
    ) -> None:
        self.callbacks: dict[str, Callable[..., None]] = {}
        self.param = SimpleNamespace(values={"deck": decks or {"bcMultiranger": "1"}})
        names = {v for _, _, variables in BLOCKS for v, _ in variables} | set(also) - set(without)
        names -= set(without)
        toc = SimpleNamespace(get_element_by_complete_name=lambda name: name if name in names else None)
        self.log = SimpleNamespace(toc=toc, add_config=self._add)

    def _add(self, block: Any) -> None:
        block.start = lambda: None
        self.callbacks[block.name] = lambda values: block.data_received_cb.call(0, values, block)

    def deliver(self, name: str, **values: float) -> None:
        full = {k.replace("__", "."): v for k, v in values.items()}
        self.callbacks[name](full)


def started(**arguments: Any) -> tuple[Telemetry, Host, ManualClock]:
    clock = ManualClock(100.0)
    telemetry, host = Telemetry(clock), Host(**arguments)
    telemetry.start(host)
    return telemetry, host, clock


def test_every_block_fits_a_log_packet_and_comes_at_least_20_times_a_second() -> None:
    for _, period_ms, variables in BLOCKS:
        assert sum(BYTES[kind] for _, kind in variables) <= 26
        assert period_ms <= 50


def test_world_velocity_is_turned_into_the_yaw_aligned_body_frame() -> None:
    telemetry, host, _ = started()
    host.deliver("attitude", stateEstimate__yaw=90.0)
    host.deliver("position", stateEstimate__vx=0.0, stateEstimate__vy=0.4, stateEstimate__vz=0.1)
    assert telemetry.state().velocity == pytest.approx((0.4, 0.0, 0.1))


def test_the_legacy_sign_of_pitch_and_degrees_end_here() -> None:
    telemetry, host, _ = started()
    host.deliver("attitude", stateEstimate__roll=10.0, stateEstimate__pitch=5.0, gyro__z=-90.0)
    state = telemetry.state()
    assert state.attitude[:2] == pytest.approx((math.radians(10), -math.radians(5)))
    assert state.yaw_rate == pytest.approx(-math.pi / 2)


def test_ranges_are_metres_and_what_sees_nothing_reads_the_reach() -> None:
    telemetry, host, _ = started()
    host.deliver(
        "attitude", range__front=1500, range__back=32767, range__left=0, range__right=80, range__up=4001
    )
    assert telemetry.state().ranges == pytest.approx((1.5, 4.0, 4.0, 0.08, 4.0))


def test_without_the_ranging_deck_every_direction_is_clear() -> None:
    telemetry, host, _ = started(decks={"bcMultiranger": "0"})
    host.deliver("attitude", range__front=10)
    assert telemetry.state().ranges == (4.0,) * 5


def test_a_firmware_without_supervisor_bits_is_flown_all_the_same() -> None:
    telemetry, host, _ = started(without=("supervisor.info",))
    host.deliver("health", pm__vbat=3.9)
    assert telemetry.info is None
    assert telemetry.state().battery_v == 3.9


def test_a_firmware_without_supervisor_bits_is_asked_for_the_older_ones() -> None:
    old = ("sys.isFlying", "sys.isTumbled", "sys.canfly", "sys.armed")
    telemetry, host, _ = started(without=("supervisor.info",), also=old)
    host.deliver("health", sys__isFlying=1, sys__isTumbled=0, sys__canfly=1, sys__armed=1)
    assert telemetry.info == FLYING | CAN_FLY | ARMED
    assert telemetry.state().flying


def test_a_drone_that_says_nothing_about_flying_flies_above_the_floor() -> None:
    telemetry, host, _ = started(without=("supervisor.info",))
    host.deliver("position", stateEstimate__z=0.5)
    assert telemetry.state().flying
    host.deliver("position", stateEstimate__z=0.05)
    assert not telemetry.state().flying


def test_the_doubt_of_the_estimator_is_its_largest_deviation_and_no_number_is_no_trust() -> None:
    telemetry, host, _ = started()
    host.deliver("health", kalman__varPX=0.01, kalman__varPY=0.25, kalman__varPZ=0.04)
    assert telemetry.state().estimate_std_mps == pytest.approx(0.5)
    host.deliver("health", kalman__varPX=math.nan)
    assert telemetry.state().estimate_std_mps > 1e3


def test_a_firmware_without_an_estimate_is_refused() -> None:
    with pytest.raises(LinkError, match=r"does not log stateEstimate\.x"):
        started(without=("stateEstimate.x",))


def test_link_quality_falls_with_the_age_of_the_newest_packet() -> None:
    telemetry, host, clock = started()
    host.deliver("position", stateEstimate__x=1.0)
    seen = []
    for _ in range(6):
        seen.append(telemetry.state().link)
        clock.sleep(0.2)
    assert seen == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.25, 0.0])
    assert telemetry.state().stamp == 100.0
    assert telemetry.age_s == pytest.approx(1.2)


def test_the_state_of_a_frame_is_the_one_nearest_its_stamp() -> None:
    telemetry, host, clock = started()
    host.deliver("attitude", stateEstimate__yaw=0.0)
    for i in range(10):
        host.deliver("position", stateEstimate__x=float(i))
        clock.sleep(0.03)
    assert telemetry.state_at(100.13).position[0] == 4.0
    assert telemetry.state_at(0.0).position[0] == 0.0
