"""Drones in one room see each other and collide. Lockstep, on Bullet."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import pytest

pytest.importorskip("pybullet")
from firmware_bridge.virtual import ports
from firmware_bridge.virtual.company import Company, CompanyCamera, CompanyWorld, scenes_for
from firmware_bridge.virtual.crtp import Packet, Port
from firmware_bridge.virtual.firmware import Firmware
from firmware_bridge.virtual.flying_world import WatchedBody
from tests.contract.scenes import goal, scene

STEP_S = 0.02


class Pair:
    """Two drones on the floor of a small room, the second one beside the first."""

    def __init__(self) -> None:
        company = Company()
        self.worlds: list[CompanyWorld] = []
        self.cameras: list[CompanyCamera] = []
        self.firmwares: list[Firmware] = []
        for seen in scenes_for(scene(goal(0, 1.7, 1.7, 0.8)), 2):
            world, camera = CompanyWorld(noise=False, latency_s=0.0), CompanyCamera(seen, grey=True)
            world.reset(seen)
            body = WatchedBody(world)
            body.company, body.number = company, company.join(world, camera)
            self.worlds.append(world)
            self.cameras.append(camera)
            self.firmwares.append(Firmware(body, console=lambda _t: None, send_log=lambda _d: None))

    def send(self, number: int, command: int, layout: str, *values: float) -> None:
        packet = Packet(Port.HIGH_LEVEL, 0, struct.pack("<B" + layout, command, *values))
        ports.handle(self.firmwares[number], packet)

    def wait(self, seconds: float) -> set[str | None]:
        """Step both; return what the first one touched."""
        touched = set()
        for _ in range(round(seconds / STEP_S)):
            for firmware in self.firmwares:
                firmware.step(STEP_S)
            touched.add(self.worlds[0].truth().contact)
        return touched

    def place(self, number: int) -> np.ndarray:
        return self.worlds[number].truth().position


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    for world in pair.worlds:
        world.close()


def test_each_starts_at_a_place_of_its_own_and_the_first_where_the_scene_says(pair: Pair) -> None:
    assert pair.place(0)[:2] == pytest.approx([0.0, 0.0])
    assert np.linalg.norm(pair.place(1) - pair.place(0)) == pytest.approx(0.5)


def test_one_that_rises_leaves_the_others_ranges_and_flies_into_the_picture(pair: Pair) -> None:
    for number in (0, 1):
        pair.send(number, 7, "Bff?f", 0, 0.8, 0.0, True, 1.5)
    pair.wait(3.0)
    assert min(pair.firmwares[0].state.ranges[:4]) < 0.5
    x, y, z = pair.place(0)
    view = pair.cameras[0].render((x, y, z), (0.0, 0.0, 0.0)).segmentation
    for dx, dy in ((0.0, 0.7), (0.8, 0.0)):  # around it
        pair.send(1, 12, "BBBfffff", 0, 0, 0, x + dx, y + dy, z, 0.0, 3.0)
        assert pair.wait(4.0) == {None}
    ahead = pair.cameras[0].render((x, y, z), (0.0, 0.0, 0.0)).segmentation
    other = len(pair.worlds[0].scene.objects)
    assert (ahead == other).sum() > 50
    assert (view != ahead).any()
    pair.send(1, 12, "BBBfffff", 0, 0, 0, x + 0.8, y, z + 1.0, 0.0, 3.0)
    pair.wait(4.0)
    assert min(pair.firmwares[0].state.ranges[:4]) > 0.9


def test_one_that_flies_into_the_other_hits_it(pair: Pair) -> None:
    for number in (0, 1):
        pair.send(number, 7, "Bff?f", 0, 0.8, 0.0, True, 1.5)
    assert pair.wait(3.0) == {None}
    x, y, z = (float(v) for v in pair.place(1))
    pair.send(0, 12, "BBBfffff", 0, 0, 0, x, y, z, 0.0, 1.0)
    assert "obstacle" in pair.wait(2.0)
