"""The virtual drone as a whole: scene, physics, Crazyflie, AI-deck and judge, running in real time."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.virtual.aideck import VirtualAiDeck
from firmware_bridge.virtual.server import VirtualCrazyflie
from firmware_bridge.virtual.truth import TruthJudge
from firmware_bridge.virtual.world_body import WorldBody
from sim.scene import Scene


@dataclass(frozen=True, slots=True)
class VirtualConfig:
    """Ports (0 takes a free one), frame rate and looks of the virtual drone."""

    host: str = "127.0.0.1"
    port: int = 19850
    aideck_port: int = 5000
    fps: float = 10.0
    grey: bool = True
    jpeg: bool = False
    seed: int = 0
    noise: bool = True
    require_arming: bool = False


class JudgedBody(WorldBody):
    """Shows every step to a judge."""

    judge: TruthJudge | None = None

    def step(self, dt: float) -> None:
        super().step(dt)
        if self.judge is not None:
            self.judge.observe(self.world.truth())


class VirtualDrone:
    """Everything at once; a context manager. `run` starts time."""

    def __init__(self, scene: Scene, config: VirtualConfig | None = None) -> None:
        """Raises `OSError` when a port is taken."""
        from sim.bullet.world import PyBulletWorld
        from sim.render.camera import RayCamera

        config = config or VirtualConfig()
        self.world = PyBulletWorld(seed=config.seed, noise=config.noise, latency_s=0.0)
        self.world.reset(scene)
        self.judge = TruthJudge(scene)
        body = JudgedBody(self.world)
        body.judge = self.judge
        self._camera = RayCamera(scene, grey=config.grey, seed=config.seed)
        self._frame()  # compiles the renderer before a client waits for it
        self.crazyflie = VirtualCrazyflie(
            body, host=config.host, port=config.port, require_arming=config.require_arming
        )
        try:
            self.aideck = VirtualAiDeck(
                self._frame, host=config.host, port=config.aideck_port, fps=config.fps, jpeg=config.jpeg
            )
        except OSError:
            self.crazyflie.close()
            raise

    def run(self) -> None:
        self.crazyflie.run()

    def close(self) -> None:
        self.aideck.close()
        self.crazyflie.close()
        self.world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self) -> NDArray[np.uint8]:
        truth = self.world.truth()
        return self._camera.render(truth.position, truth.attitude, time_s=truth.stamp).pixels
