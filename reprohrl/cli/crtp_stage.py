"""Puts a flight over CRTP together in simulated time: bridge, stock cflib, virtual firmware, Bullet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from reprohrl.cli.stage import FENCE_MARGIN_M, SimulatedTruth, header_of, make_pipeline, scene_of
from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec, Rung

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firmware_bridge.lockstep.camera import StreamProfile
    from firmware_bridge.lockstep.channel import LinkProfile
    from reprohrl.evaluation.episodes import Stage
    from sim.camera import Renderer
    from sim.profiles.profile import Drawn, Profile
    from sim.render.camera import Rendered
    from sim.simulated_world import SimulatedWorld


def run_crtp_episode(spec: EpisodeSpec, profile: str) -> EpisodeResult:
    """Fly one episode over CRTP with a randomisation profile; importable by name, for worker processes."""
    from reprohrl.evaluation import episodes
    from sim.profiles.catalogue import load_profile

    loaded = load_profile(profile)
    return episodes.run_episode(spec, lambda s: open_crtp_stage(s, loaded))


@contextmanager
def open_crtp_stage(
    spec: EpisodeSpec, profile: Profile, *, known_camera_s: float | None = None
) -> Iterator[Stage]:
    """Build a flight in which every command and every state is a CRTP packet on a lockstep link.

    The drone, its link and its camera are drawn from `profile` by the spec's seed. What the receiver knows of
    the camera's delay is the middle of the profile's, as after `reprohrl tune latency`, or `known_camera_s`.
    """
    import numpy as np

    from firmware_bridge.drone import BridgeSettings, CrazyflieDrone
    from firmware_bridge.lockstep.camera import SteppedCamera
    from firmware_bridge.lockstep.loopback import Loopback
    from firmware_bridge.virtual.world_body import WorldBody
    from reprohrl.evaluation.episodes import Stage
    from reprohrl.perception.detector import OnnxDetector
    from reprohrl.safety.config import Fence, SafetyConfig
    from reprohrl.safety.supervisor import Supervisor
    from sim.simulation import SimulationConfig, make_renderer, make_world

    if spec.rung is not Rung.R2:
        raise UserError(
            f"over CRTP there is no rung {spec.rung}",
            why="the link carries frames, no truth",
            fix="--rung R2",
        )
    scene = scene_of(spec)
    drawn = profile.draw(np.random.default_rng([5, spec.seed]))
    config = SimulationConfig(
        backend=spec.world, look=spec.renderer, grey=not spec.colour, seed=spec.seed, latency_s=0.0,
        charge=drawn.charge,
    )  # fmt: skip
    with ExitStack() as stack:
        world = make_world(config)
        stack.callback(world.close)
        world.drone_row = _row(drawn)
        world.reset(scene)
        eye = Eye(world, make_renderer(scene, config))
        stack.callback(eye.close)
        loop = stack.enter_context(Loopback(WorldBody(world), profile=_link(drawn), seed=spec.seed))
        half = [s / 2 + FENCE_MARGIN_M for s in scene.room.size[:2]]
        fence = Fence((-half[0], -half[1], -0.5), (half[0], half[1], scene.room.size[2]))
        safety = SafetyConfig(fence=fence)
        cache = Path(stack.enter_context(TemporaryDirectory(prefix="reprohrl-toc-")))
        drone = CrazyflieDrone(
            loop.uri, clock=loop.clock, cache=cache, settings=BridgeSettings(safety=safety)
        )
        stack.enter_context(drone)
        known = profile["camera_delay"].middle if known_camera_s is None else known_camera_s
        camera = SteppedCamera(loop.clock, eye.expose, _stream(drawn, known), seed=spec.seed)
        stack.callback(camera.close)
        header = replace(header_of(spec, scene), backend=f"crtp ({spec.world}, profile {profile.name})")
        yield Stage(
            drone, camera, make_pipeline(spec, scene, OnnxDetector()), Supervisor(safety), loop.clock,
            SimulatedTruth(world, eye, scene), header,
        )  # fmt: skip


@dataclass(slots=True)
class Eye:
    """Renders what the drone's camera sees now; `last` is the newest picture with its truth."""

    world: SimulatedWorld
    renderer: Renderer
    last: Rendered | None = None

    def expose(self) -> NDArray[np.uint8]:
        truth = self.world.truth()
        self.last = self.renderer.render(truth.position, truth.attitude, time_s=truth.stamp)
        return self.last.pixels

    def close(self) -> None:
        close: Any = getattr(self.renderer, "close", None)
        if close is not None:
            close()


def _row(drawn: Drawn) -> NDArray[np.float64]:
    from sim.profiles.rows import drone_row

    return drone_row(drawn)


def _link(drawn: Drawn) -> LinkProfile:
    from firmware_bridge.lockstep.channel import LinkProfile

    return LinkProfile(drawn.link_latency, drawn.link_jitter, drawn.link_loss)


def _stream(drawn: Drawn, known_delay_s: float) -> StreamProfile:
    from firmware_bridge.lockstep.camera import StreamProfile

    return StreamProfile(
        fps=drawn.camera_fps, delay_s=drawn.camera_delay, known_delay_s=known_delay_s,
        drop=drawn.camera_drop, freeze_s=drawn.camera_freeze,
        freeze_every_s=drawn.camera_freeze_every if drawn.camera_freeze > 0 else math.inf,
    )  # fmt: skip
