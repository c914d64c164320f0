"""`open_simulation`: a scene with its world, drone, camera and clock, ready to fly."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from reprohrl.contracts.clock import Clock
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from sim.camera import Renderer, SimCamera
from sim.clocks import LockstepClock, RealtimeClock
from sim.drone import SimulatedDrone
from sim.dynamics.params import IDENTIFIED, Preset
from sim.fast.world import FastWorld
from sim.render.camera import RayCamera
from sim.render.sensor import SensorModel
from sim.scene import Scene
from sim.simulated_world import SimulatedWorld

BACKENDS = ("bullet", "fast")
LOOKS = ("ray", "bullet")


@dataclass(frozen=True, slots=True)
class SimulationConfig:
    """backend     who integrates the body: "bullet", or "fast" (compiled kernels; the same flights)
    look        who renders: "ray" (the ray-caster) or "bullet" (TinyRenderer, the second look)
    grey        one channel, as the AI-deck's monochrome camera
    latency_s   from a command to its effect
    randomise   how far the drone strays from `preset`, in [0, 1]
    realtime    run at wall speed in a thread of its own; else time passes only in waits (lockstep)
    airborne    start hovering rather than on the floor
    charge      of the battery, in [0, 1]
    """

    backend: str = "bullet"
    look: str = "ray"
    grey: bool = True
    seed: int = 0
    noise: bool = True
    latency_s: float = 0.1
    randomise: float = 0.0
    preset: Preset | str = IDENTIFIED
    realtime: bool = False
    airborne: bool = False
    charge: float = 1.0


class Simulation:
    """What belongs together; a context manager that stops time and frees the world, but does not land."""

    def __init__(self, world: SimulatedWorld, renderer: Renderer, clock: Clock) -> None:
        self.world, self.renderer, self.clock = world, renderer, clock
        self.drone = SimulatedDrone(world, clock)
        self.camera = SimCamera(world, renderer, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop time and free the world and the renderer."""
        if isinstance(self.clock, RealtimeClock):
            self.clock.stop()
        self.world.close()
        close = getattr(self.renderer, "close", None)
        if close is not None:
            close()


def open_simulation(
    scene: Scene, config: SimulationConfig | None = None, *, sensor: SensorModel | None = None
) -> Simulation:
    """Build a world reset to `scene`, with its drone, camera and clock.

    Raises `UserError` for an unknown backend or look, and where PyBullet is asked for but not installed.
    """
    config = config or SimulationConfig()
    world = make_world(config)
    world.reset(scene, airborne=config.airborne)
    renderer = make_renderer(scene, config, sensor)
    if not config.realtime:
        return Simulation(world, renderer, LockstepClock(world))
    renderer.render(scene.start.position, (0.0, 0.0, 0.0))  # compiles now rather than in flight
    clock = RealtimeClock(world)
    clock.start()
    return Simulation(world, renderer, clock)


def make_world(config: SimulationConfig) -> SimulatedWorld:
    """Return the world of `config.backend`, still without a scene."""
    _check("backend", config.backend, BACKENDS)
    if config.backend == "bullet":
        _need_bullet()
        from sim.bullet.world import PyBulletWorld

        return _configured(PyBulletWorld, config)
    return _configured(FastWorld, config)


def _configured(kind: type[SimulatedWorld], config: SimulationConfig) -> SimulatedWorld:
    return kind(
        config.preset, config.seed, noise=config.noise, latency_s=config.latency_s,
        randomise=config.randomise, charge=config.charge,
    )  # fmt: skip


def make_renderer(scene: Scene, config: SimulationConfig, sensor: SensorModel | None = None) -> Renderer:
    """Return the renderer of `config.look` for `scene`."""
    _check("look", config.look, LOOKS)
    if config.look == "ray":
        return RayCamera(scene, grey=config.grey, seed=config.seed, sensor=sensor)
    _need_bullet()
    from sim.bullet.camera import BulletCamera

    return BulletCamera(scene, grey=config.grey, seed=config.seed, sensor=sensor)


def _check(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UserError(
            f"unknown {what} {name!r}",
            why=f"known are {', '.join(known)}",
            fix=did_you_mean(name, known) or "use one of them",
        )


def _need_bullet() -> None:
    try:
        import pybullet  # noqa: F401
    except ImportError as error:
        raise UserError(
            "PyBullet is not installed",
            why="its wheels stop at Python 3.11",
            fix='pip install "reprohrl[sim]" under Python 3.11, or use the backend "fast" and the look "ray"',
        ) from error
