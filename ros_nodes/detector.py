"""The detector node: frames and states in, detections and object features out."""

from __future__ import annotations

import sys
from typing import Any

from sensor_msgs.msg import Image

from reprohrl.contracts.detection import Detections
from reprohrl.perception.tracker import ObjectTracker
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos
from ros_nodes.configuration.detector import DetectorConfig
from ros_nodes.pairing import Pairing
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import NS, key
from ros_nodes.trace import extend, now_ns


class DetectorNode(Stage):
    """Pairs each frame with the state of the same stamp. The tracker starts afresh with every flight."""

    CONFIG = DetectorConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("detector", **kwargs)

    def configure(self) -> None:
        self._tracker = ObjectTracker()
        self._flight = -1
        self._pairs: Pairing[Image | m.Detections, m.DroneState] = Pairing()
        self._detections = self.create_publisher(m.Detections, "detections", qos.STAGES)
        self._features = self.create_publisher(m.ObjectFeatures, "features", qos.STAGES)
        if self.values["detector"] == "onnx":
            from reprohrl.perception.detector import OnnxDetector

            self._model = OnnxDetector(self.values["model"] or None)
            self.listen(Image, "camera/image_raw", self._on_seen, qos.FRAMES)
        else:
            self.listen(m.Detections, "truth_detections", self._on_seen)
        self.listen(m.DroneState, "state", self._on_state)

    def _on_seen(self, message: Image | m.Detections) -> None:
        self._answer(self._pairs.left(key(message.header.stamp), message))

    def _on_state(self, message: m.DroneState) -> None:
        if message.flight != self._flight:
            self._flight = message.flight
            self._tracker.reset()
        if message.has_frame:
            self._answer(self._pairs.right(key(message.header.stamp), message))

    def _answer(self, pair: tuple[Image | m.Detections, m.DroneState] | None) -> None:
        if pair is None:
            return
        seen, state = pair
        heard = now_ns()
        detections = self._detect(seen)
        detected = now_ns()
        self._detections.publish(convert.detections_to_msg(detections, (detected - heard) / NS))
        trace = extend(state.trace, "detector", heard)
        tracked_from = now_ns()
        features = self._tracker.update(detections, convert.state_from_msg(state))
        took = (now_ns() - tracked_from) / NS
        message = convert.features_to_msg(features, state=state, took_s=took)
        message.trace = extend(trace, "tracker", tracked_from)
        self._features.publish(message)
        self.health.took("detect", (detected - heard) / NS)
        self.health.took("track", took)

    def _detect(self, seen: Image | m.Detections) -> Detections:
        if isinstance(seen, Image):
            return self._model.detect(convert.frame_from_msg(seen))
        return convert.detections_from_msg(seen)


def main() -> int:
    return run(DetectorNode)


if __name__ == "__main__":
    sys.exit(main())
