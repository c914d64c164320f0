"""The stream keeps 25 Hz whatever the policy does, hovers when it is late and lands when it is gone."""

from __future__ import annotations

import math

import pytest

from firmware_bridge.angles import Degrees, Radians, degrees_of, radians_of
from firmware_bridge.streamer import Phase, SetpointStreamer, StreamLimits
from reprohrl.contracts.clock import ManualClock
from reprohrl.contracts.command import VelocityCommand

TICK = 0.04


class Recorder:
    """A sink whose drone follows the height it is sent, a little late."""

    def __init__(self) -> None:
        self.setpoints: list[tuple[float, float, float, float]] = []
        self.landings = self.stops = self.cuts = 0
        self.height = 0.8

    def hover(self, vx: float, vy: float, yaw_rate: Degrees, z: float) -> None:
        self.setpoints.append((vx, vy, yaw_rate.value, z))
        self.height += TICK * 2.0 * (z - self.height)

    def level(self, z: float) -> None:
        self.setpoints.append((0.0, 0.0, 0.0, z))

    def notify_stop_and_land(self, duration_s: float) -> None:
        self.landings += 1

    def stop(self) -> None:
        self.stops += 1

    def emergency_stop(self) -> None:
        self.cuts += 1


@pytest.fixture
def stream() -> tuple[SetpointStreamer, Recorder, ManualClock]:
    sink, clock = Recorder(), ManualClock()
    streamer = SetpointStreamer(sink, lambda: sink.height, clock)
    streamer.reset(0.8)
    return streamer, sink, clock


def run(
    streamer: SetpointStreamer, clock: ManualClock, seconds: float, command: VelocityCommand | None
) -> None:
    for _ in range(round(seconds / TICK)):
        if command is not None:
            streamer.send(command)
        clock.sleep(TICK)
        streamer.tick()


def test_nothing_is_sent_before_the_first_command(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 5.0, None)
    assert sink.setpoints == []
    assert sink.landings == 0


def test_yaw_rate_goes_out_in_degrees(stream: tuple[SetpointStreamer, Recorder, ManualClock]) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, TICK, VelocityCommand(0.3, -0.1, 0.0, math.pi / 2))
    assert sink.setpoints == [(0.3, -0.1, pytest.approx(90.0), 0.8)]


def test_silence_is_hover_after_a_fifth_of_a_second_and_landing_after_one(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 0.2, VelocityCommand(vx=0.4))
    sink.setpoints.clear()
    run(streamer, clock, 1.2, None)
    assert [s[0] for s in sink.setpoints[:4]] == [0.4] * 4
    assert all(s[:3] == (0.0, 0.0, 0.0) for s in sink.setpoints[5:])
    before = len(sink.setpoints)
    assert before in (23, 24)
    assert sink.landings >= 1
    assert streamer.fell_silent
    assert streamer.failsafe == "no command for 1.0 s: land"
    assert streamer.phase is Phase.LANDING
    assert not streamer.send(VelocityCommand(vx=0.4))
    run(streamer, clock, 1.0, VelocityCommand(vx=0.4))
    assert len(sink.setpoints) == before


def test_the_climb_rate_becomes_a_moving_height(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 2.0, VelocityCommand(vz=0.2))
    assert sink.height == pytest.approx(1.2, abs=0.03)
    run(streamer, clock, 2.0, VelocityCommand())
    assert sink.height == pytest.approx(1.2, abs=0.03)


def test_the_height_stays_within_its_limits(stream: tuple[SetpointStreamer, Recorder, ManualClock]) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 12.0, VelocityCommand(vz=0.3))
    assert sink.height == pytest.approx(StreamLimits().max_height_m, abs=0.02)
    run(streamer, clock, 12.0, VelocityCommand(vz=-0.3))
    assert sink.height == pytest.approx(StreamLimits().min_height_m, abs=0.02)


def test_the_height_target_does_not_run_away_from_a_drone_that_cannot_follow(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    for _ in range(100):
        sink.height = 0.8
        run(streamer, clock, TICK, VelocityCommand(vz=0.3))
    assert sink.setpoints[-1][3] <= 0.8 + 0.3 + 0.15 + 1e-6


def test_a_landing_is_repeated_for_a_moment_and_not_longer(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 0.2, VelocityCommand())
    streamer.begin_landing()
    sent = 1 + round(StreamLimits().repeat_s / TICK)
    for _ in range(50):
        sink.height = max(0.0, sink.height - 0.3 * TICK)
        run(streamer, clock, TICK, None)
    assert sink.landings == sent


def test_a_landing_that_does_not_sink_is_sent_again(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 0.2, VelocityCommand())
    streamer.begin_landing()
    run(streamer, clock, 0.9, None)
    sent = sink.landings
    run(streamer, clock, 0.3, None)
    assert sink.landings > sent


def test_a_hovering_drone_whose_pilot_never_speaks_is_landed(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    streamer.climb(0.8)
    streamer.hold()
    run(streamer, clock, StreamLimits().first_command_s - 0.5, None)
    assert sink.landings == 0 and set(sink.setpoints) == {(0.0, 0.0, 0.0, 0.8)}
    run(streamer, clock, 1.0, None)
    assert streamer.failsafe == "no first command for 30.0 s: land"


def test_a_cut_is_repeated_and_overrules_a_landing(
    stream: tuple[SetpointStreamer, Recorder, ManualClock],
) -> None:
    streamer, sink, clock = stream
    run(streamer, clock, 0.2, VelocityCommand())
    streamer.begin_landing("low battery (3.10 V): land")
    streamer.begin_cut("the operator pressed stop")
    run(streamer, clock, 1.0, None)
    assert sink.cuts == 1 + round(StreamLimits().repeat_s / TICK) and sink.landings == 1
    assert streamer.failsafe == "the operator pressed stop"


def test_degrees_and_radians_cannot_be_taken_for_each_other() -> None:
    assert Radians(math.pi).to_degrees().value == pytest.approx(180.0)
    assert Degrees(-90.0).to_radians().value == pytest.approx(-math.pi / 2)
    with pytest.raises(TypeError, match="takes degrees"):
        degrees_of(Radians(1.0))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes radians"):
        radians_of(1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        _ = Degrees(1.0) + 1.0  # type: ignore[operator]
