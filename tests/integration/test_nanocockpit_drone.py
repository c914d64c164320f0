"""The virtual drone with a nanocockpit deck: half as fine, and frames that know where they were taken."""

from __future__ import annotations

import pytest

from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.aideck.rectify import RectifiedCamera
from firmware_bridge.aideck.stream import PosedFrame
from firmware_bridge.virtual.deck_images import Kind

pytest.importorskip("cflib")
pytest.importorskip("pybullet")


@pytest.mark.parametrize("tcp", [False, True], ids=["its own ESP32", "the stock ESP32"])
def test_frames_fit_the_detector_and_carry_the_estimate(tcp: bool) -> None:
    from firmware_bridge.virtual.flying_world import VirtualConfig, VirtualDrone
    from sim.tasks import make_scene

    config = VirtualConfig(port=0, aideck_port=0, stream=Kind.NANOCOCKPIT, tcp=tcp, fps=20)
    with VirtualDrone(make_scene("S1", 3, "test"), config) as virtual:
        virtual.run()
        with RectifiedCamera(AiDeckCamera("127.0.0.1", virtual.deck.port)) as camera:
            frame = camera.read(10.0)
        assert isinstance(frame, PosedFrame)
        assert frame.pixels.shape == (244, 324)
        assert frame.pixels.std() > 5
        assert (frame.metadata.width, frame.metadata.height) == (160, 120)
        x, y, _ = virtual.crazyflie.firmware.state.position
        assert frame.metadata.state.position[:2] == pytest.approx((x, y), abs=0.05)
