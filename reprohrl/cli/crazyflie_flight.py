"""`reprohrl fly --uri`: a mission on a Crazyflie, in this process, or beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reprohrl.cli.crazyflie_parts import NONE, camera_address, open_camera
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission

if TYPE_CHECKING:
    from reprohrl.flight.pipeline import Pipeline
    from reprohrl.flight.result import FlightResult
    from reprohrl.flight.shadow import Shadow
    from reprohrl.language.models.settings import LanguageSettings

Say = Callable[[str], None]
_FRAME_S = 10.0
KEYS = "keys: SPACE cuts the motors, l lands; Ctrl-C lands, too"


class Mode(Enum):
    """Whether commands reach the drone."""

    FLY = "fly"
    SHADOW = "shadow"  # somebody else flies or holds it
    DRY_RUN = "dry run"  # the packets of a flight are shown


@dataclass(frozen=True, slots=True)
class CrazyflieFlight:
    """What to fly, where, and how carefully. `fence_half_m` counts from where the drone stands.

    camera         HOST:PORT, link, or empty for what goes with the uri
    calibration    file of `reprohrl calibrate camera`; empty: the nominal camera
    profile        of `reprohrl tune latency`: what the camera's delay is; empty: unknown, taken to be none
    force          fly although a check failed
    """

    uri: str
    mission: Mission
    planner: str = "learned"
    navigator: str = "learned"
    mode: Mode = Mode.FLY
    camera: str = ""
    calibration: str = ""
    profile: str = ""
    fence_half_m: float = 3.0
    fence_top_m: float = 2.0
    height_m: float = 0.8
    time_limit_s: float | None = None
    force: bool = False
    language: LanguageSettings | None = None


def mission_for(uri: str, goals: str, task: str, seed: int, split: str) -> Mission:
    """Return the goals as given, else the virtual drone's task's. Raises `UserError` in a real room."""
    if goals:
        return Mission.parse(goals)
    parts = urlsplit(uri)
    if parts.hostname not in ("127.0.0.1", "localhost"):
        raise UserError(
            "this mission has no goals", why="a real room knows no task", fix='--goals "sphere,cone"'
        )
    from sim.tasks import make_scene

    return Mission(make_scene(task, seed, "train" if split == "train" else "test").goals)


def run(
    what: CrazyflieFlight,
    say: Say,
    tell: Say,
    observe: Callable[[Any], str | None] = lambda _: None,
    taken: Callable[[Any], None] = lambda _: None,
) -> tuple[FlightResult, Shadow | None]:
    """Connect, check, fly (or follow) the mission and come down.

    say      gets what goes on, line by line
    tell     gets the packets of a dry run
    observe  is called with every tick; a returned sentence ends the flight with it
    taken    gets the drone once it may fly

    Raises `LinkError` when the drone or its camera cannot be reached, `NotReadyError` past a failed check.
    """
    from reprohrl.contracts.clock import WallClock
    from reprohrl.flight.log import FlightHeader
    from reprohrl.flight.runner import FlightOptions, fly
    from reprohrl.flight.shadow import Shadow
    from reprohrl.perception.detector import OnnxDetector
    from reprohrl.safety.config import Fence, SafetyConfig
    from reprohrl.safety.supervisor import Supervisor

    half, top = what.fence_half_m, what.fence_top_m
    safety = SafetyConfig(fence=Fence((-half, -half, -0.5), (half, half, top)))
    clock = WallClock()
    pipeline = make_pipeline(
        what.mission, what.planner, what.navigator, OnnxDetector(), language=what.language, say=say
    )
    shadow = None
    if what.mode is Mode.SHADOW:
        shadow = Shadow(make_pipeline(what.mission, "scripted", "scripted", None))
    header = FlightHeader(
        what.mission.names, planner=what.planner, navigator=what.navigator, detector="onnx",
        backend=f"crazyflie ({what.mode.value}): {what.uri}",
    )  # fmt: skip

    def watch(tick: Any) -> str | None:
        said = observe(tick)
        compared = shadow(tick) if shadow is not None else None
        return said or compared

    with _parts(what, safety, clock, say, tell) as (drone, camera):
        taken(drone)
        result = fly(
            drone, camera, pipeline, Supervisor(safety), clock, (watch,), header=header,
            options=FlightOptions(height_m=what.height_m, time_limit_s=what.time_limit_s),
        )  # fmt: skip
        statistics = str(drone.link_statistics())
        result.log.note(result.log.rows[-1].stamp if result.log.rows else 0.0, "link", statistics)
        say(statistics)
    return result, shadow


@contextmanager
def _parts(what: CrazyflieFlight, safety: Any, clock: Any, say: Say, tell: Say) -> Iterator[tuple[Any, Any]]:
    """Open drone and camera, and check both."""
    address = camera_address(what.uri, what.camera)
    if address == NONE:
        raise UserError("a mission needs frames", fix="leave --camera out, or name its address")
    with ExitStack() as stack:
        drone = stack.enter_context(_drone(what, safety, clock, say, tell))
        camera = stack.enter_context(
            open_camera(
                drone, address, clock, latency_s=_camera_latency_s(what.profile), calibration=what.calibration
            )
        )
        camera.open(_FRAME_S)
        _check(what, drone, camera, clock, address, say)
        if what.mode is Mode.FLY:
            keys = stack.enter_context(_keys(drone))
            say(KEYS if keys.active else "no terminal, no keys: Ctrl-C or SIGINT lands")
        yield drone, camera


def _keys(drone: Any) -> Any:
    from firmware_bridge.keys import KeyWatch

    return KeyWatch({" ": drone.emergency_stop, "l": lambda: drone.land_now("the operator pressed l: land")})


def _drone(what: CrazyflieFlight, safety: Any, clock: Any, say: Say, tell: Say) -> Any:
    if what.mode is Mode.SHADOW:
        from firmware_bridge.shadow import ShadowDrone

        return ShadowDrone(what.uri, clock=clock, progress=say)
    if what.mode is Mode.DRY_RUN:
        from firmware_bridge.rehearsal import RehearsedDrone

        return RehearsedDrone(what.uri, tell, clock=clock, progress=say)
    from firmware_bridge.drone import BridgeSettings, CrazyflieDrone

    return CrazyflieDrone(what.uri, clock=clock, settings=BridgeSettings(safety=safety), progress=say)


def _check(what: CrazyflieFlight, drone: Any, camera: Any, clock: Any, address: str, say: Say) -> None:
    """Let the doctor look. Raises `NotReadyError` before a flight; beside one, what failed is only said."""
    from firmware_bridge.doctor.gate import look
    from reprohrl.preflight.finding import State, require

    findings = look(drone, camera, clock, camera_address=address, progress=say)
    for finding in findings:
        if finding.state is not State.OK:
            say(f"{finding.state.name.lower()}: {finding.name}: {finding.evidence}")
    if what.mode is Mode.FLY and not what.force:
        require(findings, override="--force")


def _camera_latency_s(profile: str) -> float:
    if not profile:
        return 0.0
    from sim.profiles.catalogue import load_profile

    return load_profile(profile)["camera_delay"].middle


def make_pipeline(
    mission: Mission,
    planner: str,
    navigator: str,
    detector: Any,
    *,
    language: LanguageSettings | None = None,
    say: Say | None = None,
) -> Pipeline:
    from reprohrl.flight.pipeline import Pipeline
    from reprohrl.mission.tracker import MissionTracker
    from reprohrl.perception.tracker import ObjectTracker
    from reprohrl.planners.registry import make_planner
    from reprohrl.policies.registry import make_navigator

    return Pipeline(
        detector, ObjectTracker(), MissionTracker(mission), make_planner(planner, language, progress=say),
        make_navigator(navigator),
    )  # fmt: skip
