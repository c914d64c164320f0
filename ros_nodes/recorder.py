"""The recorder node: every message into a rosbag2 folder, every flight into a report."""

from __future__ import annotations

import json
import logging
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import BatteryState, CameraInfo, Image
from std_msgs.msg import String

from reprohrl.flight.log import FlightHeader, FlightLog, LogRow
from reprohrl.planners.trace import TRACE_EVENT
from reprohrl.reporting.run import new_run_dir, write_run
from reprohrl_msgs import msg as m
from ros_nodes import convert, qos, standard
from ros_nodes.bag import Bag, load_types, type_name
from ros_nodes.bag_tf import TF, TF_STATIC, TF_TYPE, serialise
from ros_nodes.configuration.recorder import RecorderConfig
from ros_nodes.event_kinds import event, kind_of
from ros_nodes.rows import RowBuilder
from ros_nodes.stage import Stage, run
from ros_nodes.stamps import key, to_seconds

GRACE_S = 3.0
"""Wall time to wait, once the drone is down or silent, for the mission's own last word."""

HEAR_S = 0.25
"""How often it listens on the ground; in the air after each setpoint, when the stages have time for it."""

PATIENCE = 200
"""Messages that may wait for a recorder that is busy writing."""

READY = "recorder_ready"
AWAITED = ("state", "camera/image_raw", "detections", "features", "mission_status", "option", "raw_command")
"""What the stages say of a frame on the ground, before any flight."""

OF_A_FRAME = frozenset({*AWAITED, "command", "truth"} - {"state"})
EARLY = 100
"""Messages kept on the ground: an answer may be heard before the state that says the drone is in the air."""

LAST = "latency"
"""What is said once a setpoint was sent."""

FENCE_BOTTOM_M = -0.5
"""As the supervisor node's."""

SAFETY_EVENTS = ("failsafe", "motors_cut", "landing_failed")


@dataclass(slots=True)
class Recording:
    """What is known of the flight being recorded."""

    log: FlightLog
    rows: RowBuilder
    flight: int
    began: float
    folder: Path
    ended: str = ""
    trouble: str = ""
    down_since: float | None = None


class RecorderNode(Stage):
    """Starts with the first frame in the air, writes when the mission ended and the drone is down."""

    CONFIG = RecorderConfig

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("recorder", **kwargs)

    def configure(self) -> None:
        logging.basicConfig(level=logging.WARNING)
        self._types = load_types()
        self._about: dict[str, Any] = {}
        self._recording: Recording | None = None
        self._bag: Bag | None = None
        self._ahead: deque[tuple[Callable[[], None], int]] = deque(maxlen=EARLY)
        self._heard = -1.0
        self._awaited = set(AWAITED)
        self._events = self.create_publisher(m.Event, "events", qos.EVENTS)
        all_frames, all_said = qos.deep(qos.FRAMES, PATIENCE), qos.deep(qos.STAGES, PATIENCE)
        for kind, topic, handle, profile in (
            (m.DroneState, "state", self._on_state, all_said),
            (Image, "camera/image_raw", self._part("image"), all_frames),
            (CameraInfo, "camera/camera_info", None, all_frames),
            (m.Detections, "detections", self._part("detections"), all_said),
            (m.ObjectFeatures, "features", self._part("features"), all_said),
            (m.MissionStatus, "mission_status", self._on_status, all_said),
            (m.Option, "option", self._part("option"), all_said),
            (m.Command, "raw_command", self._part("command"), all_said),
            (m.Command, "command", self._part("supervised"), qos.deep(qos.COMMANDS, PATIENCE)),
            (m.Truth, "truth", self._part("truth"), all_said),
            (m.SupervisorStatus, "supervisor_status", None, qos.LATCHED),
            (m.Event, "events", self._on_event, qos.EVENTS),
            (String, "flight_info", self._on_info, qos.LATCHED),
            (m.LatencyTrace, "latency", self._part("latency"), all_said),
            (m.Decision, "decision", None, qos.deep(qos.LATCHED, PATIENCE)),
            (m.PlannerTrace, "planner_trace", self._on_trace, qos.EVENTS),
            (m.Question, "question", None, qos.EVENTS),
            (m.GraphStatus, "graph_status", None, qos.LATCHED),
            (Odometry, "odom", None, all_frames),
            (BatteryState, "battery_state", None, all_frames),
            (TwistStamped, "command_velocity", None, qos.deep(qos.COMMANDS, PATIENCE)),
            (DiagnosticArray, "/diagnostics", None, all_said),
        ):
            self._record(kind, topic, handle, profile)
        self.every(HEAR_S, self.hear)
        self.every(0.2, self._watch)

    def conclude(self) -> None:
        self.hear()

    def deactivate(self) -> None:
        self._write("interrupted")

    def _record(self, kind: type, topic: str, handle: Callable[[Any], None] | None, profile: Any) -> None:
        name = type_name(kind)

        def on_raw(data: bytes) -> None:
            if topic == LAST:
                self.hear()
            self._note_heard(topic)
            message = deserialize_message(data, kind) if handle is not None else None
            if handle is not None:
                handle(message)
                if self._recording is None and topic in OF_A_FRAME:
                    self._ahead.append((lambda: on_raw(data), key(message.header.stamp)))
            if self._bag is not None:
                self._bag.write(self.resolve_topic_name(topic), name, self._stamp_ns(message), data)

        self.listen(kind, topic, on_raw, profile, raw=True, polled=topic != LAST)

    def _note_heard(self, topic: str) -> None:
        """Say once that all stages are heard: from now on nothing of a flight is missed."""
        if topic in self._awaited:
            self._awaited.discard(topic)
            if not self._awaited:
                now = to_seconds(self.get_clock().now().to_msg())
                ready = event(now, kind=m.Event.NODE, source="recorder", name=READY, detail="")
                self._events.publish(ready)

    def _stamp_ns(self, message: Any) -> int:
        stamped = hasattr(message, "header")
        return key(message.header.stamp) if stamped else int(self.get_clock().now().nanoseconds)

    def _part(self, name: str) -> Callable[[Any], None]:
        def add(message: Any) -> None:
            if self._recording is not None:
                self._recording.rows.part(name, message)

        return add

    def _on_info(self, message: String) -> None:
        self._about = json.loads(message.data)

    def _on_state(self, message: m.DroneState) -> None:
        self._heard = self.wall_s()
        if message.phase == m.DroneState.FLYING:
            if self._recording is None or self._recording.flight != message.flight:
                self._write("a new flight began")
                self._begin(message)
            if self._recording is not None:
                self._recording.rows.state(message)
            if self._bag is not None:
                data = serialise(self._types, standard.moving(message))
                self._bag.write(TF, TF_TYPE, key(message.header.stamp), data)
        elif self._recording is not None and message.phase == m.DroneState.GROUND:
            self._recording.down_since = self._recording.down_since or self.wall_s()

    def _on_status(self, message: m.MissionStatus) -> None:
        recording = self._recording
        if recording is None or not message.mission_id:
            return
        recording.log.header.goals = convert.status_from_msg(message).mission.names
        recording.rows.part("status", message)

    def _on_event(self, message: m.Event) -> None:
        recording, stamp = self._recording, to_seconds(message.header.stamp)
        if recording is None or stamp < recording.began:  # late readers are told of earlier flights, too
            return
        kind = kind_of(message)
        safety = kind == "supervisor" or message.name in SAFETY_EVENTS
        if message.name == "mission_ended":
            recording.ended = message.detail
        if safety and message.reaction >= m.Command.LAND:
            recording.trouble = recording.trouble or message.detail
        if kind == "option":  # the report tells decisions from the options themselves
            return
        text = message.detail if safety else f"{message.name.replace('_', ' ')}: {message.detail}"
        recording.log.note(stamp, "supervisor" if safety else "flight" if kind == "mission" else kind, text)

    def _on_trace(self, message: m.PlannerTrace) -> None:
        """Keep how a planner that reads decided; the report draws it."""
        recording, trace = self._recording, convert.trace_from_msg(message)
        if recording is not None and trace.stamp >= recording.began:
            recording.log.note(trace.stamp, TRACE_EVENT, trace.sentence(), trace.to_dict())

    def _begin(self, state: m.DroneState) -> None:
        about = self._about
        header = FlightHeader(
            (), self.values["planner"], self.values["navigator"], self.values["detector"],
            f"{about.get('backend', '')} over ROS", about.get("task", ""), about.get("seed"),
            about.get("scene"),
            tuple(about.get("origin", (0.0, 0.0, 0.0, 0.0))), self._fence(),
        )  # fmt: skip
        log = FlightLog(header)
        folder = _unused(Path(self.values["run_dir"]) if self.values["run_dir"] else new_run_dir())

        def add(row: LogRow) -> None:
            log.add(row)

        self._recording = Recording(
            log, RowBuilder(add), state.flight, to_seconds(state.header.stamp), folder
        )
        if self.values["bag"]:
            folder.mkdir(parents=True, exist_ok=True)
            self._bag = Bag(folder / "bag", self._types)
            standing = standard.standing(header.origin, state.header.stamp)
            self._bag.write(TF_STATIC, TF_TYPE, key(state.header.stamp), serialise(self._types, standing))
        early = [again for again, stamp in self._ahead if stamp >= key(state.header.stamp)]
        self._ahead.clear()
        for again in early:
            again()

    def _fence(self) -> tuple[float, ...]:
        """Return the corners of the supervisor's fence [m], () where it is not known."""
        half, top = self.values["fence_half_m"], self.values["fence_top_m"]
        return (-half, -half, FENCE_BOTTOM_M, half, half, top) if half and top else ()

    def _watch(self) -> None:
        recording, now = self._recording, self.wall_s()
        if recording is None:
            return
        silent = now - self._heard > GRACE_S
        down = recording.down_since is not None
        if (down or silent) and recording.ended:
            self.hear()
            self._write("")
        elif (down and now - (recording.down_since or now) > GRACE_S) or now - self._heard > 3 * GRACE_S:
            self._write("the mission node is silent" if down else "the drone node is silent")

    def _write(self, reason: str) -> None:
        """Write the report of the recording, if there is one, and be ready for the next flight."""
        recording = self._recording
        if recording is None:
            return
        self._recording = None
        if self._bag is not None:
            self._bag.close()
            self._bag = None
        recording.rows.flush()
        recording.log.events.sort(key=lambda e: e.stamp)
        recording.log.outcome = recording.ended or recording.trouble or reason
        write_run(
            recording.log, recording.folder, video=bool(self.values["video"]),
            progress=lambda text: self.get_logger().info(text),
        )  # fmt: skip
        self.get_logger().info(f"report: {recording.folder / 'report.html'}")


def _unused(folder: Path) -> Path:
    """Return `folder`, with a number when it already holds a flight."""
    path, n = folder, 2
    while (path / "summary.json").exists() or (path / "bag").exists():
        path, n = folder.with_name(f"{folder.name}-{n}"), n + 1
    return path


def main() -> int:
    return run(RecorderNode)


if __name__ == "__main__":
    sys.exit(main())
