"""The only place where contracts become messages and messages become contracts.

Doubles stay doubles and the float32 arrays of the features stay float32, so that a stage computes the
same bits behind DDS as in process.
"""

from __future__ import annotations

import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.features import NUM_ROUTES, ObjectFeatures, R
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.orders import Avoid, Condition, Ending, Quantity, Step, StepKind
from reprohrl.contracts.state import DroneState
from reprohrl.planners.trace import Step as TraceStep
from reprohrl.planners.trace import Trace
from reprohrl.policies.decision import OPTION_NAMES, Decision
from reprohrl_msgs import msg as m
from ros_nodes.stamps import to_seconds, to_time

ODOM, BASE, CAMERA = "odom", "base_link", "camera_optical_frame"


def header(stamp: float | Time, frame_id: str) -> Header:
    return Header(stamp=stamp if isinstance(stamp, Time) else to_time(stamp), frame_id=frame_id)


def frame_to_msg(frame: Frame) -> Image:
    """Encode (H, W) as mono8 and (H, W, 3) as rgb8."""
    height, width = frame.pixels.shape[:2]
    channels = 1 if frame.pixels.ndim == 2 else 3
    image = Image(
        header=header(frame.stamp, CAMERA), height=height, width=width,
        encoding="mono8" if channels == 1 else "rgb8", step=width * channels,
    )  # fmt: skip
    image.data = frame.pixels.tobytes()
    return image


def frame_from_msg(image: Image) -> Frame:
    """Read mono8 and rgb8. Raises ValueError for another encoding or a size that does not fit."""
    channels = {"mono8": 1, "rgb8": 3}.get(image.encoding)
    if channels is None:
        raise ValueError(f"image encoding {image.encoding!r}; mono8 and rgb8 are read")
    if len(image.data) != image.height * image.width * channels or not len(image.data):
        raise ValueError(f"{len(image.data)} bytes for {image.width}x{image.height} {image.encoding}")
    shape = (image.height, image.width) if channels == 1 else (image.height, image.width, 3)
    return Frame(np.frombuffer(image.data, np.uint8).reshape(shape), to_seconds(image.header.stamp))


def detections_to_msg(detections: Detections, took_s: float = 0.0) -> m.Detections:
    items = [
        m.Detection(class_id=d.class_id, confidence=float(d.confidence), cx=float(d.cx), cy=float(d.cy),
                    w=float(d.w), h=float(d.h))
        for d in detections.items
    ]  # fmt: skip
    return m.Detections(header=header(detections.stamp, CAMERA), items=items, took_s=took_s)


def detections_from_msg(message: m.Detections) -> Detections:
    items = tuple(Detection(d.class_id, d.confidence, d.cx, d.cy, d.w, d.h) for d in message.items)
    return Detections(to_seconds(message.header.stamp), items)


def state_to_msg(state: DroneState, *, flight: int, stamp: float | Time | None = None) -> m.DroneState:
    """`stamp` is that of the frame the state belongs to; the state's own by default."""
    return m.DroneState(
        header=header(state.stamp if stamp is None else stamp, ODOM), flight=flight, stamp=float(state.stamp),
        position=_doubles(state.position), velocity=_doubles(state.velocity),
        attitude=_doubles(state.attitude),
        yaw_rate=float(state.yaw_rate), height=float(state.height), ranges=_doubles(state.ranges),
        battery_v=float(state.battery_v), link=float(state.link), flying=bool(state.flying),
        estimate_std_mps=float(state.estimate_std_mps),
    )  # fmt: skip


def state_from_msg(message: m.DroneState) -> DroneState:
    x, y, z = (float(v) for v in message.position)
    vx, vy, vz = (float(v) for v in message.velocity)
    roll, pitch, yaw = (float(v) for v in message.attitude)
    front, back, left, right, up = (float(v) for v in message.ranges)
    return DroneState(
        message.stamp, (x, y, z), (vx, vy, vz), (roll, pitch, yaw), message.yaw_rate, message.height,
        (front, back, left, right, up), message.battery_v, message.link, message.flying,
        estimate_std_mps=getattr(message, "estimate_std_mps", 0.0),  # bags of before do not tell it
    )  # fmt: skip


def features_to_msg(
    features: ObjectFeatures, *, state: m.DroneState, took_s: float = 0.0
) -> m.ObjectFeatures:
    """`state` is the message the features' own state came from: it keeps the flight number."""
    return m.ObjectFeatures(
        header=header(features.stamp, CAMERA), values=_floats(features.values),
        columns=features.values.shape[1], sectors=_floats(features.sectors), looked=_floats(features.looked),
        routes=_floats(features.routes), state=state, took_s=took_s,
    )  # fmt: skip


def features_from_msg(message: m.ObjectFeatures) -> ObjectFeatures:
    """Raises ValueError when the values do not fill whole rows, or the routes are not all there."""
    values = np.array(message.values, np.float32)
    if message.columns == 0 or values.size % message.columns:
        raise ValueError(f"{values.size} feature values do not make rows of {message.columns}")
    routes = np.array(message.routes, np.float32)
    if routes.size != NUM_ROUTES * len(R):
        raise ValueError(f"{routes.size} route values do not make {NUM_ROUTES} rows of {len(R)}")
    return ObjectFeatures(
        values.reshape(-1, message.columns), np.array(message.sectors, np.float32),
        np.array(message.looked, np.float32), state_from_msg(message.state), to_seconds(message.header.stamp),
        routes.reshape(NUM_ROUTES, len(R)),
    )  # fmt: skip


def option_to_msg(
    option: Option, *, stamp: Time, mission_id: int, avoid: Sequence[m.MissionAvoid] = (), took_s: float = 0.0
) -> m.Option:
    """`stamp` is that of the frame it answers; the option keeps the stamp of its decision."""
    return m.Option(
        header=header(stamp, BASE), mission_id=mission_id, kind=int(option.kind), goal=int(option.goal),
        decided=float(option.stamp), avoid=list(avoid), scores=_doubles(option.scores), took_s=took_s,
    )  # fmt: skip


def option_from_msg(message: m.Option) -> Option:
    """Raises ValueError for an unknown kind."""
    return Option(
        OptionKind(message.kind), message.goal, message.decided, tuple(float(s) for s in message.scores)
    )


def avoid_from_msg(message: m.Option | m.MissionStatus) -> tuple[Avoid, ...]:
    return tuple(Avoid(a.what, a.distance_m) for a in message.avoid)


def status_to_msg(status: MissionStatus, *, mission_id: int, stamp: Time) -> m.MissionStatus:
    mission = status.mission
    return m.MissionStatus(
        header=header(stamp, ODOM), mission_id=mission_id, goals=array.array("b", mission.goals),
        time_limit_per_goal_s=mission.time_limit_per_goal_s,
        steps=[m.MissionStep(kind=str(s.kind), count=s.count, seconds=s.seconds) for s in mission.steps],
        avoid=[m.MissionAvoid(what=a.what, distance_m=a.distance_m) for a in mission.avoid],
        conditions=[
            m.MissionCondition(quantity=str(c.quantity), value=c.value, ending=str(c.ending), by=c.by)
            for c in mission.conditions
        ],
        repeat=mission.repeat, index=status.index, phase=str(status.phase),
        elapsed_s=status.elapsed_s, leg_elapsed_s=status.leg_elapsed_s, goal_range_m=status.goal_range_m,
        reason=status.reason, step=str(status.step), others=array.array("b", status.others),
        absent=status.absent,
    )  # fmt: skip


def status_from_msg(message: m.MissionStatus) -> MissionStatus:
    """Raises ValueError for an unknown phase or step, and for a mission that contradicts itself."""
    try:
        mission = Mission(
            tuple(int(g) for g in message.goals), message.time_limit_per_goal_s,
            tuple(Step(StepKind(s.kind), s.count, s.seconds) for s in message.steps),
            avoid_from_msg(message),
            tuple(
                Condition(Quantity(c.quantity), c.value, Ending(c.ending), c.by) for c in message.conditions
            ),
            message.repeat,
        )  # fmt: skip
    except UserError as error:
        raise ValueError(str(error)) from error
    return MissionStatus(
        mission, message.index, MissionPhase(message.phase), to_seconds(message.header.stamp),
        message.elapsed_s, message.leg_elapsed_s, message.goal_range_m, message.reason,
        StepKind(message.step), tuple(int(g) for g in message.others), message.absent,
    )  # fmt: skip


def command_to_msg(
    command: VelocityCommand,
    *,
    stamp: Time,
    reaction: int = m.Command.PASS,
    reason: str = "",
    took_s: float = 0.0,
) -> m.Command:
    return m.Command(
        header=header(stamp, BASE), vx=float(command.vx), vy=float(command.vy), vz=float(command.vz),
        yaw_rate=float(command.yaw_rate), reaction=reaction, reason=reason, took_s=took_s,
    )  # fmt: skip


def command_from_msg(message: m.Command) -> VelocityCommand:
    return VelocityCommand(
        message.vx, message.vy, message.vz, message.yaw_rate, to_seconds(message.header.stamp)
    )


def decision_to_msg(decision: Decision, *, stamp: Time, mission_id: int) -> m.Decision:
    previous = decision.previous
    return m.Decision(
        header=header(stamp, BASE), mission_id=mission_id, option=str(decision.option),
        previous=str(previous) if previous is not None else "", since=float(decision.since),
        switched=decision.switched, reason=decision.reason, names=list(OPTION_NAMES),
        scores=_doubles(decision.option.scores),
    )  # fmt: skip


def trace_to_msg(trace: Trace, *, stamp: Time, mission_id: int, model: str) -> m.PlannerTrace:
    steps = [
        m.PlannerStep(
            name=s.name, question=s.question, parents=list(s.parents), answer=s.answer,
            seconds=float(s.seconds), tokens=max(0, int(s.tokens)), cost=float(s.cost),
        )
        for s in trace.steps
    ]  # fmt: skip
    return m.PlannerTrace(
        header=header(stamp, BASE), mission_id=mission_id, planner=trace.planner, model=model,
        asked=float(trace.asked), stamp=float(trace.stamp), seconds=float(trace.seconds),
        option=trace.option, reason=trace.reason, fallback=trace.fallback, steps=steps,
    )  # fmt: skip


def trace_from_msg(message: m.PlannerTrace) -> Trace:
    steps = tuple(
        TraceStep(s.name, s.question, tuple(s.parents), s.answer, s.seconds, s.tokens, s.cost)
        for s in message.steps
    )
    return Trace(
        message.planner, message.asked, message.stamp, message.seconds, message.option, message.reason,
        steps, message.fallback,
    )  # fmt: skip


def _doubles(values: Any) -> array.array[float]:
    return array.array("d", [float(v) for v in values])


def _floats(values: NDArray[np.float32]) -> array.array[float]:
    out = array.array("f")
    out.frombytes(np.ascontiguousarray(values, np.float32).tobytes())
    return out
