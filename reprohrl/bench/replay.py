"""One test episode of the batched world again, recorded as a flight: what its film and page are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reprohrl.bench.suite import Cell
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.mission import Mission, MissionPhase, MissionStatus, Option, OptionKind
from reprohrl.contracts.state import DroneState
from reprohrl.evaluation.spec import EpisodeResult
from reprohrl.flight.log import FlightHeader, FlightLog, LogRow, TruthRow, encode_frame
from reprohrl.policies.observation import ACTION_SCALE, SKILLS


def replay(cell: Cell, seed: int, folder: Path | None) -> tuple[FlightLog, EpisodeResult]:
    """Fly one episode of a cell at R0 or R1 again and record every tick.

    The method sees boxes alone; the frames of the recording are rendered beside it, for who watches.
    """
    from reprohrl.training.agents import registry
    from sim.envs.trial import fly_batch
    from sim.render import RayCamera
    from sim.tasks import make_scene

    scene = make_scene(cell.task, seed, "test")
    camera = RayCamera(scene, seed=seed)
    mission = Mission(scene.goals)
    header = FlightHeader(
        goals=mission.names, planner=cell.method, navigator=cell.method,
        detector=f"{cell.rung}, truth boxes", backend="sim (batched)", task=cell.task, seed=seed,
        scene=scene.to_dict(),
    )  # fmt: skip
    log = FlightLog(header)
    agent = registry.load(cell.method, folder, 1)

    def watch(world: Any) -> None:
        log.add(_row(world, agent, camera, mission))

    result = fly_batch(agent, cell.task, [seed], cell.rung, watch=watch)[0]
    log.outcome = log.judged = str(result.outcome)
    return log, result


def _row(world: Any, agent: Any, camera: Any, mission: Mission) -> LogRow:
    """Return the tick that the world's only drone has just flown."""
    stamp, index = float(world.time_s[0]), int(world.index[0])
    core, status = world.core, _status(world, mission, stamp)
    position, attitude = core.position[0], core.attitude[0]
    pixels = camera.render(position, attitude, time_s=stamp).pixels
    goal = mission.goals[min(index, len(mission.goals) - 1)]
    vx, vy, vz, turn = (float(v) for v in world.action[0] * ACTION_SCALE)
    x, y, z = (float(v) for v in position)
    roll, pitch, yaw = (float(v) for v in attitude)
    return LogRow(
        stamp=stamp,
        state=_state(world, stamp),
        detections=_boxes(world.detections[0], stamp),
        status=status,
        option=_option(world, agent, goal, stamp),
        supervised=VelocityCommand(vx, vy, vz, turn, stamp),
        truth=TruthRow(
            (x, y, z), (roll, pitch, yaw), _contact(world), tuple(float(d) for d in core.goal_distance[0])
        ),
        jpeg=encode_frame(pixels),
    )


def _status(world: Any, mission: Mission, stamp: float) -> MissionStatus:
    index = int(world.index[0])
    phase = MissionPhase.RETURNING if world.returning[0] else MissionPhase.ACTIVE
    phase = MissionPhase.SUCCEEDED if index >= len(mission.goals) else phase
    return MissionStatus(mission, index, phase, stamp, stamp, float(world.leg_s[0]))


def _option(world: Any, agent: Any, goal: int, stamp: float) -> Option:
    """Return the active option of a method with `skill` and `target`; others always go to their goal."""
    if not hasattr(agent, "skill"):
        return Option(OptionKind.RETURN if world.returning[0] else OptionKind.GO_TO, goal, stamp)
    skill = int(agent.skill[0])
    kind = SKILLS[skill] if skill < len(SKILLS) else OptionKind.HOLD
    named = kind in (OptionKind.GO_TO, OptionKind.SEARCH)
    return Option(kind, int(agent.target[0]) if named else -1, stamp)


def _state(world: Any, stamp: float) -> DroneState:
    from sim.dynamics.layout import S

    def row(values: Any) -> tuple[Any, ...]:
        return tuple(float(v) for v in values[0])

    return DroneState(
        stamp,
        position=row(world.position),
        velocity=row(world.velocity),
        attitude=row(world.attitude),
        yaw_rate=float(world.yaw_rate[0]),
        height=float(world.position[0, 2]),
        ranges=row(world.ranges),
        battery_v=float(world.core.state[0, S.VOLTAGE]),
        flying=True,
    )


def _boxes(rows: Any, stamp: float) -> Detections:
    items = (Detection(int(r[0]), float(r[1]), *(float(v) for v in r[2:])) for r in rows if r[0] >= 0)
    return Detections(stamp, tuple(items))


def _contact(world: Any) -> str:
    from sim.batched.tick import CONTACT_FLOOR, CONTACT_WALL, NO_CONTACT

    code = int(world.core.contact[0])
    named = {NO_CONTACT: "", CONTACT_WALL: "wall", CONTACT_FLOOR: "floor"}
    return named[code] if code in named else str(world.scenes[0].objects[code].contact_name)
