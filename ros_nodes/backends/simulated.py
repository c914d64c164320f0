"""A simulated world in lockstep with the node graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.rates import TICK_S
from ros_nodes.backends.base import Observation, TruthReport

FRAME_TIMEOUT_S = 1.5 * TICK_S
EPOCH_S = 1000.0
"""Each flight begins a new multiple of this: its stamps do not depend on how long the drone stood before."""


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """Which scene, drawn for a task or with other goals; the camera's colour; who integrates the body."""

    task: str = "MC-3"
    seed: int = 0
    split: str = "test"
    goals: str = ""
    grey: bool = True
    world: str = "bullet"


class SimulatedBackend:
    """The world's time passes only in `observe`, `take_off` and `land`."""

    simulated = True

    def __init__(self, settings: SimulationSettings) -> None:
        from sim.simulation import SimulationConfig, open_simulation
        from sim.tasks import make_scene

        goals = Mission.parse(settings.goals).goals if settings.goals else None
        split = "train" if settings.split == "train" else "test"
        self.settings = settings
        self.scene = make_scene(settings.task, settings.seed, split, goals=goals)
        config = SimulationConfig(backend=settings.world, grey=settings.grey, seed=settings.seed)
        self.simulation = open_simulation(self.scene, config)
        self.world, self.drone = self.simulation.world, self.simulation.drone
        self.camera = self.simulation.camera
        # Compile the ray-caster now: the first frame in the air must not keep everybody waiting.
        self.simulation.renderer.render(self.scene.start.position, (0.0, 0.0, 0.0))
        self._offset = self._idle_s = 0.0
        self._flights = 0

    def describe(self) -> dict[str, Any]:
        return {
            "backend": f"sim ({self.settings.world})",
            "task": self.settings.task,
            "seed": self.settings.seed,
            "scene": self.scene.to_dict(),
            "origin": [0.0, 0.0, 0.0, 0.0],  # simulated odometry starts aligned with the world
        }

    def open(self) -> None:
        self.drone.connect()

    def now(self) -> float:
        return float(self.world.time) + self._offset + self._idle_s

    def observe(self) -> Observation:
        frame = self.camera.read(FRAME_TIMEOUT_S)
        boxes = self.camera.last.boxes if frame is not None and self.camera.last is not None else ()
        return self._observation(frame, boxes)

    def rest(self) -> Observation:
        return self._observation(None, ())

    def idle(self) -> Observation:
        self._idle_s = min(self._idle_s + TICK_S, EPOCH_S / 2)
        truth = self.world.truth()
        seen = self.simulation.renderer.render(truth.position, truth.attitude, time_s=truth.stamp)
        return self._observation(Frame(seen.pixels, truth.stamp), seen.boxes)

    def take_off(self, height_m: float) -> None:
        self._flights += 1
        self._offset, self._idle_s = EPOCH_S * self._flights, 0.0
        reset = getattr(self.simulation.renderer, "reset", None)
        if reset is not None:
            reset()  # the frames' noise does not depend on it, either
        self.drone.connect()
        self.drone.take_off(height_m)

    def send(self, command: VelocityCommand) -> None:
        self.drone.send(command)

    def land(self) -> None:
        self.drone.land()

    def emergency_stop(self) -> None:
        self.drone.emergency_stop()

    def feed_dead_man(self) -> None:
        """A simulated drone asks for no operator."""

    def news(self) -> list[tuple[float, str, str]]:
        return []

    def freeze_camera(self, frozen: bool) -> bool:
        self.camera.freeze(frozen)
        return True

    def close(self) -> None:
        self.drone.close()
        self.simulation.close()

    def _observation(self, frame: Frame | None, boxes: tuple[Detection, ...]) -> Observation:
        shift = self._offset + self._idle_s
        state, truth = self.drone.state(), self.world.truth()
        state = replace(state, stamp=state.stamp + shift)
        if frame is not None:
            frame = Frame(frame.pixels, frame.stamp + shift)
        stamp = frame.stamp if frame is not None else self.now()
        x, y, z = (float(v) for v in truth.position)
        vx, vy, vz = (float(v) for v in truth.velocity)
        roll, pitch, yaw = (float(v) for v in truth.attitude)
        report = TruthReport(
            (x, y, z), (vx, vy, vz), (roll, pitch, yaw), truth.contact or "",
            tuple(float(d) for d in truth.goal_distance_m), Detections(stamp, tuple(boxes)),
        )  # fmt: skip
        return Observation(stamp, state, frame, report)
