"""Rung R3: frames drop, tear and freeze as often as said, and the same seed repeats them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reprohrl.cli.stage import run_episode
from reprohrl.contracts.camera_model import AI_DECK
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.drone import Frame
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from sim.camera import SimCamera
from sim.clocks import LockstepClock
from sim.disturbed_camera import Disturbance, DisturbedCamera, draw_disturbance
from sim.fast.world import FastWorld
from sim.render.camera import RayCamera, Rendered
from sim.render.sensor import SensorModel
from sim.tasks import make_scene

CALM = Disturbance(SensorModel(), 0.0, drop=0.0, tear=0.0, freeze_every_s=1e9)


class Counter:
    """A renderer whose pixels are all the number of the frame."""

    def __init__(self) -> None:
        self.count = 0
        self.blurs: list[tuple[float, float]] = []

    def render(self, position: Any, attitude: Any, *, time_s: float = 0.0, blur_px: Any = (0, 0)) -> Rendered:
        self.count += 1
        self.blurs.append(blur_px)
        return Rendered(np.full((20, 30), self.count % 256, np.uint8), np.zeros((20, 30), np.int16), ())


def frames(how: Disturbance, seconds: float, seed: int = 0) -> list[Frame]:
    world = FastWorld(noise=False)
    world.reset(make_scene("S1", 1), airborne=True)
    clock = LockstepClock(world)
    camera = DisturbedCamera(SimCamera(world, Counter(), clock=clock), clock, how, seed=seed)
    seen = []
    while clock.now() < seconds:
        frame = camera.read(0.15)
        if frame is not None:
            seen.append(frame)
    return seen


def test_without_faults_every_frame_arrives_whole() -> None:
    stamps = [f.stamp for f in frames(CALM, 5.0)]
    assert np.diff(stamps) == pytest.approx(0.1, abs=1 / 240) and len(stamps) in (50, 51)


def test_frames_drop_as_often_as_said() -> None:
    how = Disturbance(SensorModel(), 0.0, drop=0.2, tear=0.0, freeze_every_s=1e9)
    assert len(frames(how, 60.0)) == pytest.approx(480, abs=40)


def test_a_torn_frame_ends_with_the_rows_of_the_one_before() -> None:
    how = Disturbance(SensorModel(), 0.0, drop=0.0, tear=0.5, freeze_every_s=1e9)
    seen = frames(how, 20.0)
    torn = [f for f in seen if len(np.unique(f.pixels)) == 2]
    assert 60 < len(torn) < 140
    for frame in torn:
        assert int(frame.pixels[0, 0]) - int(frame.pixels[-1, 0]) == 1


def test_the_stream_freezes_for_a_fifth_of_a_second_to_five() -> None:
    how = Disturbance(SensorModel(), 0.0, drop=0.0, tear=0.0, freeze_every_s=4.0)
    stamps = np.array([f.stamp for f in frames(how, 220.0)])
    gaps = np.diff(stamps)
    frozen = gaps[gaps > 0.15]
    assert 20 < len(frozen) < 60
    assert frozen.min() < 0.6 and 3.0 < frozen.max() < 5.5


def test_the_same_seed_repeats_the_faults_and_another_does_not() -> None:
    how = Disturbance(SensorModel(), 0.0, drop=0.2, tear=0.1, freeze_every_s=5.0)
    stamps = [[f.stamp for f in frames(how, 20.0, seed)] for seed in (1, 1, 2)]
    assert stamps[0] == stamps[1] != stamps[2]


def test_rotation_blurs_while_the_shutter_is_open() -> None:
    world, renderer = FastWorld(noise=False), Counter()
    world.reset(make_scene("S1", 1), airborne=True)
    camera = SimCamera(world, renderer, exposure_s=0.02)
    for _ in range(15):
        world.set_command(VelocityCommand(yaw_rate=1.0))
        camera.read(0.2)
    right, down = renderer.blurs[-1]
    assert right == pytest.approx(0.02 * AI_DECK.fx, rel=0.05) and abs(down) < 0.3


def test_a_drawn_sensor_is_worse_than_the_default_one() -> None:
    scene = make_scene("C1", 2)
    still = (scene.start.position, (0.0, 0.0, scene.start.yaw))
    clean = RayCamera(scene, sensor=SensorModel(read_noise=0.0, shot_noise=0.0)).render(*still).pixels
    usual = RayCamera(scene).render(*still).pixels
    for seed in range(3):
        how = draw_disturbance(seed)
        quiet = SensorModel(
            how.sensor.auto_exposure,
            1.0,
            how.sensor.gamma,
            how.sensor.vignette,
            0.0,
            0.0,
            how.sensor.softness_px,
        )
        noisy = RayCamera(scene, sensor=how.sensor).render(*still).pixels
        calm = RayCamera(scene, sensor=quiet).render(*still).pixels
        assert np.std(noisy.astype(int) - calm) > 1.3 * np.std(usual.astype(int) - clean)
        assert how == draw_disturbance(seed)


def test_an_episode_at_r3_repeats_to_the_last_number() -> None:
    spec = EpisodeSpec("S1", 1, Rung.R3, planner="scripted", navigator="scripted", world="fast")
    first, again = run_episode(spec), run_episode(spec)
    assert first == again and first.duration_s > 0
