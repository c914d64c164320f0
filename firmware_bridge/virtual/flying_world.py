"""The virtual drones as a whole: scene, physics, Crazyflies, AI-decks and judges, running in real time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import Framing
from firmware_bridge.aideck.nanocockpit import StreamedState
from firmware_bridge.virtual.aideck import VirtualAiDeck
from firmware_bridge.virtual.cpx_server import CpxServer
from firmware_bridge.virtual.deck_images import Kind, nanocockpit_view
from firmware_bridge.virtual.link_quality import LinkQuality
from firmware_bridge.virtual.server import VirtualCrazyflie
from firmware_bridge.virtual.truth import TruthJudge
from firmware_bridge.virtual.world_body import WorldBody
from sim.profiles.profile import Profile
from sim.profiles.rows import drone_row
from sim.scene import Scene

if TYPE_CHECKING:
    from firmware_bridge.virtual.company import Company


@dataclass(frozen=True, slots=True)
class VirtualConfig:
    """Ports (0 takes free ones), link, frames, and the state of the virtual drones.

    port, aideck_port  of the first drone; each further one has the next
    delay_s            from a frame's exposure to its way onto the network [s]
    charge             of the battery, in [0, 1]
    row                (P.SIZE,) parameters of the physics; None: the identified drone's
    power_cycle        whether a new host, after a second of silence, finds the drone switched off and on
    stream             the program on the camera chip; RAW and nanocockpit send grey
    tcp                whether CRTP is answered on the deck's port, too (`tcp://`); without, a nanocockpit
                       deck frames its packets as its own ESP32 firmware does, which carries no CRTP
    """

    host: str = "127.0.0.1"
    port: int = 19850
    aideck_port: int = 5000
    fps: float = 10.0
    delay_s: float = 0.0
    grey: bool = True
    stream: Kind = Kind.RAW
    seed: int = 0
    noise: bool = True
    require_arming: bool = False
    charge: float = 1.0
    row: NDArray[np.float64] | None = None
    power_cycle: bool = False
    tcp: bool = True
    quality: LinkQuality = field(default_factory=LinkQuality)

    def of_drone(self, number: int) -> VirtualConfig:
        """Return the configuration of one of several drones."""
        return replace(
            self,
            port=self.port + number if self.port else 0,
            aideck_port=self.aideck_port + number if self.aideck_port else 0,
            seed=self.seed + number,
            quality=replace(self.quality, seed=self.quality.seed + number),
        )

    def drawn_from(self, profile: Profile) -> VirtualConfig:
        """Return the configuration with drone, link and camera drawn from a profile by the seed."""
        drawn = profile.draw(np.random.default_rng([5, self.seed]))
        return replace(
            self,
            row=drone_row(drawn),
            charge=drawn.charge,
            quality=LinkQuality(drawn.link_latency, drawn.link_jitter, drawn.link_loss, self.quality.seed),
            fps=drawn.camera_fps,
            delay_s=drawn.camera_delay,
        )


class WatchedBody(WorldBody):
    """Shows every step to a judge and to the company."""

    judge: TruthJudge | None = None
    company: Company | None = None
    number: int = 0

    def step(self, dt: float) -> None:
        super().step(dt)
        truth = self.world.truth()
        if self.judge is not None:
            self.judge.observe(truth)
        if self.company is not None:
            self.company.moved(self.number, truth.position)


class VirtualDrone:
    """One drone with all it needs; a context manager. `run` starts time."""

    def __init__(
        self,
        scene: Scene,
        config: VirtualConfig | None = None,
        *,
        company: Company | None = None,
        lock: threading.RLock | None = None,
    ) -> None:
        """Raises `OSError` when a port is taken. `company` and `lock` are shared by drones in one room."""
        from firmware_bridge.virtual.company import CompanyCamera, CompanyWorld

        config = config or VirtualConfig()
        with ExitStack() as opened:
            self.world = CompanyWorld(
                seed=config.seed, noise=config.noise, latency_s=0.0, charge=config.charge
            )
            opened.callback(self.world.close)
            self.world.drone_row = config.row
            self.world.reset(scene)
            self.judge = TruthJudge(scene)
            self._camera = CompanyCamera(scene, grey=config.grey, seed=config.seed)
            self._frame()  # compiles the renderer before a client waits for it
            body = WatchedBody(self.world)
            body.judge, body.company = self.judge, company
            if company is not None:
                body.number = company.join(self.world, self._camera)
            posed = config.stream is Kind.NANOCOCKPIT
            framing = Framing.NANOCOCKPIT if posed and not config.tcp else Framing.STOCK
            self.deck = opened.enter_context(
                CpxServer(host=config.host, port=config.aideck_port, framing=framing)
            )
            self.crazyflie = opened.enter_context(
                VirtualCrazyflie(
                    body, host=config.host, port=config.port, require_arming=config.require_arming,
                    cpx=self.deck if config.tcp else None, quality=config.quality, lock=lock,
                    power_cycle=config.power_cycle,
                )
            )  # fmt: skip
            self.aideck = opened.enter_context(
                VirtualAiDeck(
                    (lambda: nanocockpit_view(self._frame())) if posed else self._frame,
                    link=self.deck,
                    fps=config.fps,
                    delay_s=config.delay_s,
                    kind=config.stream,
                    state=self._estimate,
                )
            )
            self._opened = opened.pop_all()

    def _estimate(self) -> StreamedState:
        """Return what the STM32's app sends to the camera chip: the position, and its clock [us]."""
        firmware = self.crazyflie.firmware
        return StreamedState(position=firmware.state.position, stamp=int(1e6 * firmware.time))

    def run(self) -> None:
        self.crazyflie.run()

    def close(self) -> None:
        """Stop the threads and free the ports; harmless when done before."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _frame(self) -> NDArray[np.uint8]:
        truth = self.world.truth()
        return self._camera.render(truth.position, truth.attitude, time_s=truth.stamp).pixels


class VirtualFleet:
    """Drones on consecutive ports in one room, who see and can hit each other; a context manager."""

    def __init__(self, scene: Scene, configs: Sequence[VirtualConfig]) -> None:
        """Raises `OSError` when a port is taken, `UserError` when the room is too small for so many."""
        from firmware_bridge.virtual.company import Company, scenes_for

        company, lock = Company(), threading.RLock()
        self.drones: list[VirtualDrone] = []
        with ExitStack() as opened:
            for seen, config in zip(scenes_for(scene, len(configs)), configs, strict=True):
                drone = VirtualDrone(seen, config, company=company, lock=lock)
                self.drones.append(opened.enter_context(drone))
            self._opened = opened.pop_all()

    def run(self) -> None:
        for drone in self.drones:
            drone.run()

    def write_truth(self, path: Path) -> None:
        """Write what really happened: the first drone's to `path`, the others' beside it, numbered."""
        for number, drone in enumerate(self.drones):
            drone.judge.write(path.with_name(f"{path.stem}.{number}{path.suffix}") if number else path)

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
