"""What has to be settled before any node starts: the mission's goals, the run folder, the virtual drone."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.vocabulary import GOAL_CLASSES
from reprohrl.language.parse import parse_mission
from reprohrl.language.plain import mission_to_plain
from reprohrl.planners.registry import FALLBACK, PLANNERS, READING
from reprohrl.policies.registry import NAVIGATORS, make_navigator, make_planner
from ros_nodes.faults import parse_faults
from ros_nodes.graph import is_true
from ros_nodes.node_spec import ProcessSpec
from ros_nodes.params_file import wanted_of

LOCAL = ("127.0.0.1", "localhost")


def prepare_values(values: Mapping[str, str]) -> dict[str, str]:
    """Check names, add `mission_goals`, and settle `run_dir`. Raises `UserError`."""
    from reprohrl.contracts.vocabulary import did_you_mean

    for what, known in (("planner", PLANNERS), ("navigator", NAVIGATORS)):
        if values[what] not in known:
            fix = did_you_mean(values[what], list(known)) or "use one of them"
            raise UserError(f"unknown {what} {values[what]!r}", why=f"there are: {', '.join(known)}", fix=fix)
    if values["detector"] == "truth" and values["backend"] != "sim":
        raise UserError(
            "only the simulator knows the truth", fix="use detector:=onnx with backend:=crazyflie"
        )
    wanted_of(values)
    if parse_faults(values["faults"]) and not is_true(values["fault_injection"]):
        raise UserError(
            f"faults:={values['faults']} is refused",
            why="fault injection is not enabled",
            fix="add fault_injection:=true",
        )
    _check_reading(values)
    settled = dict(values)
    if values.get("mission"):
        settled |= _worded(values)
        values = settled
    settled["mission_goals"] = ",".join(_mission(values).names)
    if is_true(values["record"]):
        from reprohrl.reporting.run import new_run_dir

        given = values["run_dir"]
        folder = Path(given).expanduser() if given else new_run_dir()
        if (folder / "summary.json").exists() or (folder / "bag").exists():
            raise UserError(f"{folder} holds a flight already", fix="name another run_dir, or leave it out")
        settled["run_dir"] = str(folder.absolute())
    _compile(values)
    return settled


def _check_reading(values: Mapping[str, str]) -> None:
    """Refuse what no planner would read, and files that are not there."""
    given = [n for n in ("document", "dag", "policy", "lm_endpoint", "lm_path") if values[n]]
    if given and values["planner"] not in READING:
        raise UserError(
            f"{given[0]} is given, but the planner {values['planner']} does not read",
            fix=f"planner:={' or '.join(READING)}",
        )
    if values["planner"] == "ilql" and not values["policy"]:
        raise UserError("planner:=ilql needs a trained policy", fix="policy:=runs/lmrl/drone-nav/ilql/seed0")
    for name in given:
        known = name == "lm_endpoint" or values[name] in ("drone", "crafter")
        if not known and not Path(values[name]).expanduser().exists():
            raise UserError(f"{name}:={values[name]}: there is no such file", fix="name one that exists")


def _worded(values: Mapping[str, str]) -> dict[str, str]:
    """Read the mission in words; its goals and what it avoids are in the simulated scene.

    Raises `UserError` for words that cannot be flown or are not clear: nobody is there yet to be asked.
    """
    mission = parse_mission(values["mission"]).demand()
    avoided = [a.name for a in mission.avoid if a.name in GOAL_CLASSES]
    return {
        "mission_json": json.dumps(mission_to_plain(mission)),
        "goals": values["goals"] or ",".join(dict.fromkeys([*mission.names, *avoided])),
    }


def _compile(values: Mapping[str, str]) -> None:
    """Let what flies compile here, once, and not in several nodes at a time while the mission waits."""
    from reprohrl.perception.tracker import ObjectTracker

    ObjectTracker()
    make_planner(FALLBACK if values["planner"] in READING else values["planner"])
    make_navigator(values["navigator"])


def _mission(values: Mapping[str, str]) -> Mission:
    """The goals as given, else those of the simulated task."""
    if values["goals"]:
        return Mission.parse(values["goals"])
    if values["backend"] == "crazyflie" and not is_local(values["uri"]):
        raise UserError(
            "this mission has no goals",
            why="a real room knows no task",
            fix='give some: goals:="sphere,cone"',
        )
    from sim.tasks import make_scene

    split = "train" if values["split"] == "train" else "test"
    return Mission(make_scene(values["task"], int(values["seed"]), split).goals)


def is_local(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme in ("udp", "tcp") and parts.hostname in LOCAL


def virtual_command(values: Mapping[str, str], python: str) -> list[str] | None:
    """Return the command of the virtual Crazyflie this launch has to start, or None.

    Raises `UserError` when one is demanded at an address that is not this machine's.
    """
    wanted = values["virtual"]
    if values["backend"] != "crazyflie" or wanted == "false":
        return None
    if not is_local(values["uri"]):
        if wanted == "true":
            raise UserError(
                f"no virtual drone can be at {values['uri']}",
                why="it listens on this machine",
                fix="use uri:=udp://127.0.0.1:19850",
            )
        return None
    uri = urlsplit(values["uri"])
    over_deck = uri.scheme == "tcp"
    port = uri.port or (5000 if over_deck else 19850)
    if _served(port, socket.SOCK_STREAM if over_deck else socket.SOCK_DGRAM):
        return None
    ports = ("0", str(port)) if over_deck else (str(port), values["camera_port"])
    command = [
        python, "-m", "reprohrl", "virtual-crazyflie", "--world", values["task"], "--seed", values["seed"],
        "--split", values["split"], "--port", ports[0], "--aideck-port", ports[1],
    ]  # fmt: skip
    if values["goals"]:
        command += ["--goals", values["goals"]]
    if not is_true(values["grey"]):
        command += ["--color", "--jpeg"]
    if values["run_dir"]:
        command += ["--truth", str(Path(values["run_dir"], "virtual_truth.json"))]
    return command


def virtual_processes(values: Mapping[str, str], python: str, *, count: int = 1) -> tuple[ProcessSpec, ...]:
    """Return the virtual Crazyflies this launch has to start, all of one world, if any."""
    command = virtual_command(values, python)
    several = ["--count", str(count)] if count > 1 else []
    return () if command is None else (ProcessSpec("virtual_crazyflie", (*command, *several)),)


def _served(port: int, kind: socket.SocketKind) -> bool:
    """Tell whether somebody on this machine has the UDP (datagrams) or TCP (stream) port."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:  # connections that ended a moment ago do not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False
