"""A Crazyflie, real or virtual, and its AI-deck, in wall time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.rates import TICK_S
from ros_nodes.backends.base import Observation

if TYPE_CHECKING:
    from firmware_bridge.aideck.rectify import RectifiedCamera

FRAME_TIMEOUT_S = 1.5 * TICK_S
FORCE_VARIABLE = "REPROHRL_FORCE"
"""Set to 1, flight begins although a check failed."""


class CrazyflieBackend:
    """Stamps of the bridge are monotonic; here they are moved to ROS time by one fixed offset."""

    simulated = False

    def __init__(
        self,
        uri: str,
        camera_host: str,
        camera_port: int,
        *,
        ros_now: Callable[[], float],
        task: str = "",
        seed: int = 0,
        calibration: str = "",
        dead_man_s: float = 0.0,
    ) -> None:
        """`calibration`: the camera's file. Raises `UserError` when it cannot be read.

        dead_man_s  land when `feed_dead_man` is not called for so long [s]; 0: nobody is asked for it
        """
        from firmware_bridge.aideck.source import read_calibration
        from firmware_bridge.dead_man import DeadMan
        from firmware_bridge.drone import CrazyflieDrone
        from reprohrl.contracts.clock import WallClock

        self.uri, self._task, self._seed = uri, task, seed
        self._offset = ros_now() - time.monotonic()
        self._dead_man = DeadMan(WallClock(), dead_man_s) if dead_man_s > 0 else None
        self.drone = CrazyflieDrone(uri, dead_man=self._dead_man)
        self._camera_address = (camera_host, camera_port)
        self._calibration = read_calibration(calibration)
        self.camera: RectifiedCamera | None = None
        self._frozen = False
        self._last_frame = -float("inf")

    def describe(self) -> dict[str, Any]:
        return {
            "backend": "crazyflie", "task": self._task, "seed": self._seed, "scene": None,
            "origin": [0.0, 0.0, 0.0, 0.0], "uri": self.uri,
        }  # fmt: skip

    def open(self) -> None:
        from firmware_bridge.aideck.source import camera_of

        self.drone.connect()
        camera = camera_of(self.drone, *self._camera_address, calibration=self._calibration)
        camera.open()
        self.camera = camera

    def now(self) -> float:
        return time.monotonic() + self._offset

    def observe(self) -> Observation:
        """Wait for a frame; frames that come faster than the tick are passed over."""
        deadline = time.monotonic() + FRAME_TIMEOUT_S
        while (left := deadline - time.monotonic()) > 0:
            frame = self.camera.read(left) if self.camera is not None else None
            if frame is None or self._frozen:
                time.sleep(max(0.0, deadline - time.monotonic()))
                break
            if frame.stamp - self._last_frame >= 0.75 * TICK_S:
                self._last_frame = frame.stamp
                state = self.drone.state_at(frame.stamp)
                shifted = Frame(frame.pixels, frame.stamp + self._offset)
                return Observation(shifted.stamp, self._shift(state), shifted, None)
        return self.rest()

    def rest(self) -> Observation:
        return Observation(self.now(), self._shift(self.drone.state()), None, None)

    def idle(self) -> Observation:
        return self.observe()

    def take_off(self, height_m: float) -> None:
        """Let the doctor look, then climb. Raises `NotReadyError`, naming what failed, and `LinkError`."""
        from firmware_bridge.doctor.gate import require_ready
        from reprohrl.contracts.clock import WallClock

        if os.environ.get(FORCE_VARIABLE, "") != "1":
            require_ready(
                self.drone, self.camera, WallClock(), override=f"{FORCE_VARIABLE}=1 before the command"
            )
        self.drone.take_off(height_m)

    def send(self, command: VelocityCommand) -> None:
        self.drone.send(command)

    def land(self) -> None:
        self.drone.land()

    def emergency_stop(self) -> None:
        self.drone.emergency_stop()

    def feed_dead_man(self) -> None:
        """Take the operator's signal; from any thread."""
        if self._dead_man is not None:
            self._dead_man.feed()

    def news(self) -> list[tuple[float, str, str]]:
        """Return (ROS time, kind, text) of what the drone said and did by itself since the last call."""
        return [(note.stamp + self._offset, note.kind, note.text) for note in self.drone.notes()]

    def freeze_camera(self, frozen: bool) -> bool:
        self._frozen = frozen
        return True

    def close(self) -> None:
        if self.camera is not None:
            self.camera.close()
        self.drone.close()

    def _shift(self, state: Any) -> Any:
        return replace(state, stamp=state.stamp + self._offset)
