"""A drone node made of a recording: publishes frames and states, and waits for each one's answer."""

from __future__ import annotations

from typing import Any

from sensor_msgs.msg import Image

from reprohrl.contracts.detection import Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.state import DroneState
from reprohrl_msgs import msg as m
from reprohrl_msgs import srv
from ros_nodes import convert, qos
from ros_nodes.stamps import key
from tests.ros.probe import Probe


class FakeDrone:
    """Answers take-off and landing at once; `show` plays one recorded tick."""

    def __init__(self, probe: Probe) -> None:
        self.probe, self.flight, self.phase = probe, 0, m.DroneState.GROUND
        create = probe.node.create_publisher
        self._state = create(m.DroneState, "state", qos.STAGES)
        self._boxes = create(m.Detections, "truth_detections", qos.STAGES)
        self._image = create(Image, "camera/image_raw", qos.FRAMES)
        probe.node.create_service(srv.TakeOff, "drone/take_off", self._take_off)
        probe.node.create_service(srv.Land, "drone/land", self._land)

    def _take_off(self, _: Any, response: srv.TakeOff.Response) -> srv.TakeOff.Response:
        self.flight, self.phase = self.flight + 1, m.DroneState.FLYING
        response.success, response.flight = True, self.flight
        return response

    def _land(self, _: Any, response: srv.Land.Response) -> srv.Land.Response:
        self.phase = m.DroneState.GROUND
        response.success = True
        return response

    def rest(self, stamp: float, frame: Frame | None = None) -> None:
        """Show a frame on the ground, or an empty picture of the truth."""
        message = convert.state_to_msg(DroneState(stamp), flight=self.flight)
        message.phase, message.has_frame = self.phase, True
        self._state.publish(message)
        if frame is not None:
            self._image.publish(convert.frame_to_msg(Frame(frame.pixels, stamp)))
        else:
            self._boxes.publish(convert.detections_to_msg(Detections(stamp, ())))

    def take_off(self, frame: Frame | None = None) -> None:
        """Stand on the ground until the mission node has seen all stages work and takes off."""
        for tick in range(300):
            if self.phase == m.DroneState.FLYING:
                return
            self.rest(0.01 * tick, frame)
            self.probe.spin(0.1)
        raise AssertionError("no take-off within 30 s")

    def show(self, state: DroneState, detections: Detections | None, frame: Frame | None = None) -> m.Command:
        """Publish one tick and return the command that answers it."""
        stamp = detections.stamp if detections is not None else frame.stamp if frame is not None else 0.0
        message = convert.state_to_msg(state, flight=self.flight, stamp=stamp)
        message.phase, message.has_frame = self.phase, True
        self._state.publish(message)
        if detections is not None:
            self._boxes.publish(convert.detections_to_msg(detections))
        if frame is not None:
            self._image.publish(convert.frame_to_msg(frame))
        wanted = key(message.header.stamp)
        return self.probe.until(
            lambda: next((c for c in self.probe.heard["raw_command"] if key(c.header.stamp) == wanted), None),
            f"the command of the frame at {stamp:.1f} s",
            20.0,
        )
