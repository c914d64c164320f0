"""Stock cflib, as it comes, on the virtual Crazyflie: what its users do works, over `udp://` and `tcp://`."""

from __future__ import annotations

import itertools
import math
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.link_quality import LinkQuality
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.fakes.kinematic_body import KinematicBody

pytest.importorskip("cflib")
import cflib.crtp
from cflib.crazyflie import Crazyflie
from cflib.crazyflie.log import LogConfig
from cflib.crazyflie.mem import CompressedSegment, CompressedStart, MemoryElement, Poly4D
from cflib.crazyflie.swarm import CachedCfFactory, Swarm
from cflib.crazyflie.syncCrazyflie import SyncCrazyflie
from cflib.crazyflie.syncLogger import SyncLogger
from cflib.positioning.motion_commander import MotionCommander
from cflib.positioning.position_hl_commander import PositionHlCommander
from cflib.utils.reset_estimator import reset_estimator

from tests.stock_links import stock_link

WAIT_S = 20.0


@pytest.fixture(autouse=True)
def stock_drivers(monkeypatch: pytest.MonkeyPatch) -> None:
    """cflib's own links alone: our bridge puts others before them, for the rest of the process."""
    if not cflib.crtp.CLASSES:
        cflib.crtp.init_drivers()
    stock = [driver for driver in cflib.crtp.CLASSES if driver.__module__.startswith("cflib.")]
    monkeypatch.setattr(cflib.crtp, "CLASSES", stock)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("toc"))


@pytest.fixture
def body() -> KinematicBody:
    return KinematicBody()


@pytest.fixture
def server(body: KinematicBody) -> Iterator[VirtualCrazyflie]:
    with CpxServer() as deck, VirtualCrazyflie(body, cpx=deck) as server:
        server.run()
        yield server


@pytest.fixture(params=["udp", "tcp"])
def uri(request: pytest.FixtureRequest, server: VirtualCrazyflie) -> str:
    return server.uri if request.param == "udp" else server.tcp_uri


@pytest.fixture
def scf(server: VirtualCrazyflie, cache: str) -> Iterator[SyncCrazyflie]:
    with stock_link(server.uri, cache) as scf:
        yield scf


def until(done: Callable[[], bool], timeout_s: float = WAIT_S) -> bool:
    end = time.monotonic() + timeout_s
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


def answer(ask: Callable[[Callable[..., None]], Any]) -> tuple[Any, ...]:
    """Call `ask` with a callback and return what it is called with."""
    got: list[tuple[Any, ...]] = []
    came = threading.Event()

    def take(*values: Any) -> None:
        got.append(values)
        came.set()

    ask(take)
    assert came.wait(WAIT_S), "no answer"
    return got[0]


def test_a_motion_commander_flies_a_square_and_leaves_the_drone_unlocked(
    uri: str, server: VirtualCrazyflie, body: KinematicBody, cache: str
) -> None:
    with stock_link(uri, cache) as scf:
        with MotionCommander(scf, default_height=0.4) as commander:
            assert until(lambda: body.position[2] > 0.3)
            commander.forward(0.3, velocity=0.5)
            commander.left(0.2, velocity=0.5)
            commander.turn_left(90, rate=180)
            x, y, _ = body.position
            assert (x, y) == pytest.approx((0.3, 0.2), abs=0.15)
            assert body.yaw == pytest.approx(math.pi / 2, abs=0.4)
        assert until(lambda: not body.motors)
        assert until(lambda: body.position[2] == 0.0)
        time.sleep(2.5)
        assert not server.firmware.supervisor.locked


def test_a_position_high_level_commander_goes_where_it_is_told(
    uri: str, body: KinematicBody, cache: str
) -> None:
    with stock_link(uri, cache) as scf:
        with PositionHlCommander(scf, default_height=0.5, default_velocity=0.6) as commander:
            commander.go_to(0.5, -0.3, 0.7)
            assert until(lambda: math.dist(body.position, (0.5, -0.3, 0.7)) < 0.1)
            commander.back(0.2)
            assert until(lambda: abs(body.position[0] - 0.3) < 0.1)
        assert until(lambda: not body.motors)


def test_a_sync_logger_gets_blocks_at_their_rates(scf: SyncCrazyflie) -> None:
    config = LogConfig("mixed", period_in_ms=20)
    for name, kind in (
        ("stateEstimate.z", "float"), ("pm.vbat", "FP16"), ("supervisor.info", "uint16_t"),
        ("range.front", "uint16_t"), ("pm.state", "int8_t"), ("stateEstimateZ.quat", "uint32_t"),
    ):  # fmt: skip
        config.add_variable(name, kind)
    stamps = []
    with SyncLogger(scf, config) as logger:
        for stamp, newest, _ in logger:
            stamps.append(stamp)
            values = newest
            if len(stamps) == 30:
                break
    assert set(values) == {v.name for v in config.variables}
    assert values["range.front"] == 1000
    assert values["pm.vbat"] == pytest.approx(4.0, abs=0.01)
    steps = [b - a for a, b in itertools.pairwise(stamps)]
    assert sum(steps) / len(steps) == pytest.approx(20, abs=1)  # in the drone's own milliseconds


def test_a_block_that_is_too_large_is_refused_by_name(scf: SyncCrazyflie) -> None:
    config = LogConfig("large", period_in_ms=100)
    for axis in ("x", "y", "z", "vx", "vy", "vz", "ax"):
        config.add_variable(f"stateEstimate.{axis}", "float")
    with pytest.raises(AttributeError, match="log configuration is too large"):
        scf.cf.log.add_config(config)


def test_parameters_are_set_read_back_and_have_defaults(scf: SyncCrazyflie) -> None:
    param = scf.cf.param
    assert param.get_value("stabilizer.estimator") == "2"
    param.set_value("posCtlPid.xKp", 1.5)
    assert until(lambda: param.get_value("posCtlPid.xKp") == "1.5")
    assert answer(lambda cb: param.get_default_value("posCtlPid.xKp", cb)) == ("posCtlPid.xKp", 2.0)
    assert answer(lambda cb: param.get_default_value("deck.bcAI", cb)) == ("deck.bcAI", None)
    with pytest.raises(AttributeError, match="read-only"):
        param.set_value("deck.bcAI", 0)


def test_a_parameter_by_name_is_set_without_the_table(scf: SyncCrazyflie, server: VirtualCrazyflie) -> None:
    scf.cf.param.set_value_raw("ring.effect", 0x08, 3)
    assert until(lambda: server.firmware.parameters.get("ring.effect") == 3)


def test_a_persistent_parameter_outlives_a_power_cycle_and_is_cleared(
    scf: SyncCrazyflie, server: VirtualCrazyflie
) -> None:
    param, name = scf.cf.param, "pm.lowVoltage"
    assert scf.cf.param.toc.get_element_by_complete_name(name).is_persistent()
    param.set_value(name, 3.5)
    assert answer(lambda cb: param.persistent_store(name, cb)) == (name, True)
    _, state = answer(lambda cb: param.persistent_get_state(name, cb))
    assert (state.is_stored, state.default_value, state.stored_value) == (
        True, pytest.approx(3.2), pytest.approx(3.5),
    )  # fmt: skip
    with server.lock:
        server.firmware.power_cycle()
        assert server.firmware.parameters.get(name) == pytest.approx(3.5)
    assert answer(lambda cb: param.persistent_clear(name, cb)) == (name, True)
    _, state = answer(lambda cb: param.persistent_get_state(name, cb))
    assert (state.is_stored, state.stored_value) == (False, None)
    assert answer(lambda cb: param.persistent_clear(name, cb)) == (name, False)


def test_memories_are_found_written_and_read(scf: SyncCrazyflie, server: VirtualCrazyflie) -> None:
    mem = scf.cf.mem
    (tester,) = mem.get_mems(MemoryElement.TYPE_MEMORY_TESTER)
    answer(lambda cb: tester.read_data(5, 100, cb))
    assert tester.readValidationSuccess
    scf.cf.param.set_value("memTst.resetW", 1)
    answer(lambda cb: tester.write_data(7, 200, cb))
    assert server.firmware.tester.errors == 0
    (trajectories,) = mem.get_mems(MemoryElement.TYPE_TRAJ)
    assert trajectories.size == 4096
    failed = threading.Event()
    mem.mem_write_failed_cb.add_callback(lambda *_: failed.set())
    mem.write(trajectories, 4090, bytes(24))
    assert failed.wait(WAIT_S), "a write past the end went through"


def test_an_uploaded_trajectory_is_flown(scf: SyncCrazyflie, body: KinematicBody) -> None:
    hl = scf.cf.high_level_commander
    (memory,) = scf.cf.mem.get_mems(MemoryElement.TYPE_TRAJ)
    line = Poly4D.Poly([0.0, 0.0, 0.3, -0.1, 0.0, 0.0, 0.0, 0.0])
    height = Poly4D.Poly([0.5] + 7 * [0.0])
    memory.trajectory = [Poly4D(2.0, x=line, z=height)]
    assert memory.write_data_sync()
    hl.define_trajectory(1, 0, 1)
    hl.takeoff(0.5, 0.8)
    assert until(lambda: body.position[2] > 0.45)
    hl.start_trajectory(1, 1.0, relative_position=True)
    assert until(lambda: body.position[0] > 0.35), body.position
    assert body.position[2] == pytest.approx(0.5, abs=0.1)


def test_a_compressed_trajectory_is_flown(scf: SyncCrazyflie, body: KinematicBody) -> None:
    hl = scf.cf.high_level_commander
    (memory,) = scf.cf.mem.get_mems(MemoryElement.TYPE_TRAJ)
    memory.trajectory = [
        CompressedStart(0.0, 0.0, 0.0, 0.0),
        CompressedSegment(1.0, [0.4], [], [0.3, 0.5, 0.5], []),
        CompressedSegment(1.0, [0.4], [0.3], [], []),
        CompressedSegment(0.0, [], [], [], []),
    ]
    assert memory.write_data_sync(start_addr=100)
    hl.define_trajectory(2, 100, 3, type=hl.TRAJECTORY_TYPE_POLY4D_COMPRESSED)
    hl.start_trajectory(2, 1.0)
    assert until(lambda: math.dist(body.position, (0.4, 0.3, 0.5)) < 0.1), body.position


def test_the_supervisor_tells_its_states(scf: SyncCrazyflie, body: KinematicBody) -> None:
    supervisor = scf.cf.supervisor
    assert supervisor.can_fly
    assert supervisor.is_armed
    assert supervisor.is_auto_armed
    assert not supervisor.is_flying
    scf.cf.high_level_commander.takeoff(0.4, 0.5)
    assert until(lambda: supervisor.is_flying)
    assert until(lambda: supervisor.hl_control_active)
    assert until(lambda: supervisor.hl_traj_finished)
    supervisor.send_emergency_stop()
    assert until(lambda: supervisor.is_locked)
    assert "Is locked" in " ".join(supervisor.read_state_list())
    assert until(lambda: body.position[2] == 0.0)


def test_a_drone_that_needs_arming_is_armed_and_recovers_from_a_crash(
    body: KinematicBody, cache: str
) -> None:
    with VirtualCrazyflie(body, require_arming=True) as server:
        server.run()
        with stock_link(server.uri, cache) as scf:
            supervisor = scf.cf.supervisor
            assert supervisor.can_be_armed
            assert not supervisor.can_fly
            supervisor.send_arming_request(True)
            assert until(lambda: supervisor.can_fly)
            scf.cf.high_level_commander.takeoff(0.4, 0.5)
            assert until(lambda: supervisor.is_flying)
            body.roll = math.pi
            assert until(lambda: supervisor.is_crashed and body.position[2] == 0.0)
            time.sleep(0.5)  # falling is no tumbling: it counts once it lies there
            assert until(lambda: supervisor.is_tumbled)
            supervisor.send_crash_recovery_request()
            time.sleep(0.3)
            assert supervisor.is_crashed
            body.roll = 0.0
            assert until(lambda: not supervisor.is_tumbled)
            supervisor.send_crash_recovery_request()
            assert until(lambda: supervisor.can_be_armed)


def test_the_estimator_is_reset_and_converges(scf: SyncCrazyflie, server: VirtualCrazyflie) -> None:
    reset_estimator(scf)
    assert server.firmware.estimator.resets >= 1
    assert server.firmware.estimator.variance < 1e-3


def test_external_poses_arrive(scf: SyncCrazyflie, server: VirtualCrazyflie) -> None:
    scf.cf.extpos.send_extpos(1.0, 2.0, 3.0)
    assert until(lambda: server.firmware.estimator.ext_position == pytest.approx((1.0, 2.0, 3.0)))
    scf.cf.extpos.send_extpose(0.5, 0.6, 0.7, 0.0, 0.0, 1.0, 0.0)
    assert until(lambda: server.firmware.estimator.ext_quaternion == (0.0, 0.0, 1.0, 0.0))


def test_console_text_comes_whole(server: VirtualCrazyflie, cache: str) -> None:
    cf, text = Crazyflie(rw_cache=cache), []
    cf.console.receivedChar.add_callback(text.append)
    with stock_link(server.uri, cache, cf):
        assert until(lambda: "Self test passed!\n" in "".join(text))
        with server.lock:
            server.firmware.console("größer als dreißig Zeichen, mit Umlauten\n")
        assert until(lambda: "größer als dreißig Zeichen, mit Umlauten\n" in "".join(text))


def test_a_swarm_of_two_flies(cache: str) -> None:
    bodies = (KinematicBody(), KinematicBody((1.0, 0.0, 0.0)))
    with VirtualCrazyflie(bodies[0]) as first, VirtualCrazyflie(bodies[1]) as second:
        first.run()
        second.run()
        with Swarm({first.uri, second.uri}, factory=CachedCfFactory(rw_cache=cache)) as swarm:
            positions = swarm.get_estimated_positions()
            assert positions[second.uri].x == pytest.approx(1.0, abs=0.01)
            swarm.parallel_safe(lambda scf: scf.cf.high_level_commander.takeoff(0.5, 0.8))
            assert until(lambda: min(b.position[2] for b in bodies) > 0.4)
            swarm.parallel_safe(lambda scf: scf.cf.high_level_commander.land(0.0, 0.8))
            assert until(lambda: not any(b.motors for b in bodies))


def test_a_scan_finds_it(body: KinematicBody, cache: str) -> None:
    for port in range(19859, 19849, -1):
        try:
            server = VirtualCrazyflie(body, port=port)
        except OSError:
            continue
        with server:
            assert [server.uri, ""] in cflib.crtp.scan_interfaces()
        return
    pytest.skip("all ten ports that a scan looks at are taken on this machine")


def test_a_link_that_delays_and_loses_setpoints_still_connects_and_flies(
    body: KinematicBody, cache: str
) -> None:
    quality = LinkQuality(latency_s=0.01, jitter_s=0.005, loss=0.2, seed=3)
    with VirtualCrazyflie(body, quality=quality) as server:
        server.run()
        with stock_link(server.uri, cache) as scf:
            assert until(lambda: scf.cf.link_statistics.latency.latency >= 10.0)
            end = time.monotonic() + 3.0
            while time.monotonic() < end:
                scf.cf.commander.send_hover_setpoint(0.0, 0.0, 0.0, 0.4)
                time.sleep(0.04)
            assert body.position[2] == pytest.approx(0.4, abs=0.1)
            scf.cf.commander.send_notify_setpoint_stop()
            scf.cf.high_level_commander.land(0.0, 0.6)
            assert until(lambda: not body.motors)
        assert server.lost > 0


def test_the_connect_is_never_lost(body: KinematicBody, tmp_path: Path) -> None:
    with VirtualCrazyflie(body, quality=LinkQuality(loss=1.0)) as server:
        server.run()
        with stock_link(server.uri, tmp_path) as scf:
            scf.cf.commander.send_hover_setpoint(0.0, 0.0, 0.0, 0.4)
            assert until(lambda: server.lost > 0)
        assert not body.motors


def test_a_setpoint_of_the_wrong_length_reboots_it_in_the_air(
    scf: SyncCrazyflie, server: VirtualCrazyflie, body: KinematicBody
) -> None:
    from cflib.crtp.crtpstack import CRTPPacket, CRTPPort

    scf.cf.high_level_commander.takeoff(0.4, 0.5)
    assert until(lambda: body.position[2] > 0.3)
    packet = CRTPPacket()
    packet.set_header(CRTPPort.COMMANDER_GENERIC, 0)
    packet.data = struct.pack("<Bfff", 10, 0.0, 0.0, 0.0)
    scf.cf.send_packet(packet)
    assert until(lambda: not body.motors)
    assert not scf.cf.supervisor.can_fly


def fly_up(uri: str, body: KinematicBody, cache: str) -> bool:
    with stock_link(uri, cache) as scf:
        scf.cf.high_level_commander.takeoff(0.4, 0.4)
        up = until(lambda: body.position[2] > 0.3, 1.5)
        scf.cf.high_level_commander.land(0.0, 0.4)
        assert until(lambda: body.position[2] == 0.0)
    return up


def test_after_a_script_has_closed_its_link_high_level_commands_need_a_setpoint_stop(
    server: VirtualCrazyflie, body: KinematicBody, cache: str
) -> None:
    """cflib ends with a zero setpoint, which has the priority from then on: so it is on board, too."""
    with stock_link(server.uri, cache):
        pass
    assert not fly_up(server.uri, body, cache)
    with stock_link(server.uri, cache) as scf:
        scf.cf.commander.send_notify_setpoint_stop()
        scf.cf.high_level_commander.takeoff(0.4, 0.4)
        assert until(lambda: body.position[2] > 0.3)


@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_a_drone_that_is_switched_off_and_on_between_scripts_flies_every_time(
    scheme: str, body: KinematicBody, cache: str
) -> None:
    with CpxServer() as deck, VirtualCrazyflie(body, cpx=deck, power_cycle=True) as server:
        server.run()
        for _ in range(2):
            assert fly_up(server.uri if scheme == "udp" else server.tcp_uri, body, cache)
            time.sleep(1.2)
        assert server.firmware.reboots == 1


def test_the_guides_program_runs_as_it_is(
    server: VirtualCrazyflie, body: KinematicBody, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "virtual-crazyflie.md").read_text(
        encoding="utf-8"
    )
    program = guide.split("```python\n")[1].split("```")[0]
    assert "udp://127.0.0.1:19850" in program
    monkeypatch.chdir(tmp_path)
    exec(compile(program.replace("udp://127.0.0.1:19850", server.uri), "guide", "exec"), {})
    assert body.position[0] == pytest.approx(0.3, abs=0.15)
    assert until(lambda: body.position[2] == 0.0)
