"""Puts world, drone, camera, detector and policies together for a flight in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import StepKind
from reprohrl.contracts.vocabulary import NUM_GOALS, did_you_mean
from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec, Rung

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from reprohrl.evaluation.episodes import Stage
    from reprohrl.flight.log import FlightHeader, TruthRow
    from reprohrl.flight.pipeline import Detector, Pipeline, Progress, Tracker
    from reprohrl.language.models.settings import LanguageSettings
    from reprohrl.safety.config import Fence
    from sim.camera import SimCamera
    from sim.disturbed_camera import Disturbance, DisturbedCamera
    from sim.render.camera import Rendered
    from sim.scene import Scene
    from sim.simulated_world import SimulatedWorld
    from sim.simulation import Simulation

    Assemble = Callable[[Detector | None, Tracker, Progress], Pipeline]

FENCE_MARGIN_M = 0.5
"""The fence stands this far outside the walls: odometry drifts, and walls stop the drone anyway."""

R2_LATENCY_S = 0.1  # and at R3
R1_LATENCY_S = (0.10, 0.15)

_FROM_FRAMES = (Rung.R2, Rung.R3)
CHOICES = {
    "rung": tuple(r.value for r in Rung),
    "renderer": ("ray", "bullet"),
    "world": ("bullet", "fast"),
    "split": ("test", "train"),
    "stream": ("raw", "jpeg", "nanocockpit"),
}


def spec_of(*, task: str, rung: str, seed: int = 0, **settings: Any) -> EpisodeSpec:
    """Return a spec. Raises `UserError` for an unknown rung."""
    choose("rung", rung.upper())
    return EpisodeSpec(task=task.upper(), seed=seed, rung=Rung(rung.upper()), **settings)


def check_spec(spec: EpisodeSpec) -> None:
    """Raise `UserError` for any unknown name before a process is started."""
    from sim.tasks import parse_task

    parse_task(spec.task)
    for name in ("renderer", "world", "split"):
        choose(name, getattr(spec, name))
    check_names(spec.planner, spec.navigator, spec.language)


def check_names(planner: str, navigator: str, language: LanguageSettings | None = None) -> None:
    """Raise `UserError` for an unknown planner, navigator or language model."""
    from reprohrl.planners.registry import check_planner
    from reprohrl.policies.registry import NAVIGATORS

    check_planner(planner, language)
    choose_one("navigator", navigator, tuple(NAVIGATORS))


def run_episode(spec: EpisodeSpec) -> EpisodeResult:
    """Fly one episode; importable by name, for worker processes."""
    from reprohrl.evaluation import episodes

    return episodes.run_episode(spec, open_stage)


@contextmanager
def open_stage(
    spec: EpisodeSpec,
    *,
    realtime: bool = False,
    assemble: Assemble | None = None,
    say: Callable[[str], None] | None = None,
) -> Iterator[Stage]:
    """Build everything for one flight, in lockstep or at wall speed; free it afterwards.

    `assemble` puts the pipeline together in place of the spec's planner and navigator. `say` hears what
    takes long: a planner that reads studies its document first.
    """
    from reprohrl.evaluation.episodes import Stage
    from reprohrl.safety.config import Fence, SafetyConfig
    from reprohrl.safety.supervisor import Supervisor
    from sim.disturbed_camera import draw_disturbance
    from sim.simulation import SimulationConfig, open_simulation

    scene = scene_of(spec)
    config = SimulationConfig(
        backend=spec.world, look=spec.renderer if spec.rung in _FROM_FRAMES else "ray", grey=not spec.colour,
        seed=spec.seed, latency_s=_latency(spec), realtime=realtime,
    )  # fmt: skip
    disturbance = draw_disturbance(spec.seed) if spec.rung is Rung.R3 else None
    sensor = disturbance.sensor if disturbance is not None else None
    with open_simulation(scene, config, sensor=sensor) as simulation:
        camera, detector = _perception(spec, simulation, disturbance)
        pipeline = make_pipeline(spec, scene, detector, assemble, realtime=realtime, say=say)
        half = [s / 2 + FENCE_MARGIN_M for s in scene.room.size[:2]]
        fence = Fence((-half[0], -half[1], -0.5), (half[0], half[1], scene.room.size[2]))
        supervisor = Supervisor(SafetyConfig(fence=fence))
        simulation.drone.connect()
        yield Stage(
            simulation.drone, camera, pipeline, supervisor, simulation.clock,
            SimulatedTruth(simulation.world, camera, scene), header_of(spec, scene, fence),
        )  # fmt: skip
        simulation.drone.close()


def scene_of(spec: EpisodeSpec) -> Scene:
    """Draw the episode's scene."""
    from sim.tasks import make_scene

    split: Literal["train", "test"] = "train" if spec.split == "train" else "test"
    if not spec.orders:
        return make_scene(spec.task, spec.seed, split, goals=spec.goals or None)
    mission = spec.mission()
    return replace(make_scene(spec.task, spec.seed, split, goals=_placed(spec, mission)), goals=mission.goals)


def _placed(spec: EpisodeSpec, mission: Mission) -> tuple[int, ...] | None:
    """Return the classes of the objects a mission in words needs: what it visits and avoids, and where it
    visits what it finds, the task's own; None: those alone."""
    from sim.tasks import make_scene

    named = [*mission.goals, *(a.what for a in mission.avoid if a.what < NUM_GOALS)]
    finds = any(step.kind is StepKind.FIND for step in mission.plan)
    if finds or not named:
        named += make_scene(spec.task, spec.seed, "train" if spec.split == "train" else "test").goals
    return tuple(dict.fromkeys(named))


def make_pipeline(
    spec: EpisodeSpec,
    scene: Scene,
    detector: Detector | None,
    assemble: Assemble | None = None,
    *,
    realtime: bool = False,
    say: Callable[[str], None] | None = None,
) -> Pipeline:
    """Return the stages of the scene's mission, with the spec's planner and navigator unless assembled."""
    from reprohrl.flight.pipeline import Pipeline
    from reprohrl.mission.tracker import MissionTracker
    from reprohrl.perception.tracker import ObjectTracker
    from reprohrl.planners.registry import make_planner, thinking_in
    from reprohrl.policies.registry import make_navigator

    progress = MissionTracker(spec.mission(scene.goals))
    if assemble is not None:
        return assemble(detector, ObjectTracker(), progress)
    thinking = thinking_in(spec.language, lockstep=not realtime)
    planner = make_planner(spec.planner, spec.language, thinking=thinking, progress=say)
    return Pipeline(detector, ObjectTracker(), progress, planner, make_navigator(spec.navigator))


def header_of(spec: EpisodeSpec, scene: Scene, fence: Fence | None = None) -> FlightHeader:
    """Return what a simulated flight's log says about itself."""
    from reprohrl.flight.log import FlightHeader

    return FlightHeader(
        goals=Mission(scene.goals).names,
        planner=spec.planner + (f" with {spec.language}" if spec.language is not None else ""),
        navigator=spec.navigator,
        detector=f"{spec.rung}, {'colour' if spec.colour else 'grey'}, {spec.renderer}",
        backend=f"sim ({spec.world})",
        task=spec.task,
        seed=spec.seed,
        scene=scene.to_dict(),
        fence=(*fence.low, *fence.high) if fence is not None else (),
    )


def _latency(spec: EpisodeSpec) -> float:
    """Return the seconds from a command to its effect."""
    import numpy as np

    if spec.rung is Rung.R1:
        return float(np.random.default_rng(spec.seed).uniform(*R1_LATENCY_S))
    return 0.0 if spec.rung is Rung.R0 else R2_LATENCY_S


def _perception(
    spec: EpisodeSpec, simulation: Simulation, disturbance: Disturbance | None
) -> tuple[SimCamera | DisturbedCamera, Detector]:
    """Return the camera and detector of the rung: truth boxes need no pictures."""
    from sim.camera import SimCamera

    if spec.rung in _FROM_FRAMES:
        from reprohrl.perception.detector import OnnxDetector
        from sim.disturbed_camera import DisturbedCamera

        if disturbance is None:
            return simulation.camera, OnnxDetector()
        world, clock = simulation.world, simulation.clock
        blurred = SimCamera(world, simulation.renderer, clock=clock, exposure_s=disturbance.exposure_s)
        return DisturbedCamera(blurred, clock, disturbance, seed=spec.seed), OnnxDetector()
    from sim.envs.detector_model import NO_ERRORS, R1_ERRORS
    from sim.truth_detector import BoxRenderer, TruthDetector

    camera = SimCamera(simulation.world, BoxRenderer(simulation.world.scene), clock=simulation.clock)
    errors = NO_ERRORS if spec.rung is Rung.R0 else R1_ERRORS
    return camera, TruthDetector(camera, errors, seed=spec.seed)


class Seeing(Protocol):
    """What knows the newest rendered frame."""

    @property
    def last(self) -> Rendered | None: ...


@dataclass(frozen=True, slots=True)
class SimulatedTruth:
    """`GroundTruth` of a simulated world."""

    world: SimulatedWorld
    camera: Seeing
    scene: Scene

    def row(self) -> TruthRow:
        from reprohrl.flight.log import TruthRow

        truth = self.world.truth()
        x, y, z = (float(v) for v in truth.position)
        roll, pitch, yaw = (float(v) for v in truth.attitude)
        distances = tuple(float(v) for v in truth.goal_distance_m)
        return TruthRow((x, y, z), (roll, pitch, yaw), truth.contact or "", distances)

    def goal_distances(self) -> NDArray[np.float64]:
        return self.world.truth().goal_distance_m

    def in_view(self) -> tuple[int, ...]:
        return tuple(d.class_id for d in self.camera.last.boxes) if self.camera.last is not None else ()

    def shortest_m(self) -> float:
        from sim.shortest import shortest_m

        return shortest_m(self.scene)


def choose(name: str, value: str) -> None:
    """Raise `UserError` when `value` is not one of `CHOICES[name]`."""
    choose_one(name, value, CHOICES[name])


def choose_one(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise `UserError` when `value` is not one of `known`."""
    if value not in known:
        raise UserError(
            f"unknown {name} {value!r}",
            why=f"there are: {', '.join(known)}",
            fix=did_you_mean(value, known) or f"--{name} {known[0]}",
        )
