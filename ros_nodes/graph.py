"""The node graphs as plain data: the only list of nodes, read by the launch files and by our launcher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ros_nodes.configuration.language_planner import READING
from ros_nodes.graces import grace_s
from ros_nodes.node_spec import PACKAGE, NodeSpec, Value
from ros_nodes.params_file import over

__all__ = ["PACKAGE", "NodeSpec", "camera_host", "is_true", "manager", "multigoal", "stack"]

CLIENT = "fly_mission"
MANAGER = "lifecycle_manager"

RESTART_LAND_S = 15.0
"""What the drone hovers for a stage that is being started again: 3 s to call it hung, 2 to 6 s to start."""

READS_WITH = ("lm", "lm_path", "lm_endpoint", "lm_model", "document", "dag", "policy")
"""Arguments that the language planner takes as parameters of the same name."""

BRING_UP = (
    "recorder", "foxglove", "monitor", "supervisor", "detector", "mission", "goal_selector",
    "language_planner", "navigator", "replay", "drone",
)  # fmt: skip
"""Readers before writers; down in reverse, so the drone lands first and the recorder writes last."""


def multigoal(values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the nodes of a multi-goal flight; `values` are those of `arguments.resolve`."""
    nodes = stack(values)
    return [*nodes, manager(nodes), *client(values)]


def stack(values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the managed nodes of one drone."""
    v = values
    sim, respawn = v["backend"] == "sim", is_true(v["respawn"])
    clock: dict[str, Value] = {"use_sim_time": sim}
    seed = {"seed": int(v["seed"])}
    world = {"task": v["task"], "split": v["split"], "goals": v["goals"], "world": v["world"]}
    link = {"uri": v["uri"], "camera_host": camera_host(v), "camera_port": int(v["camera_port"])}
    look = {"grey": is_true(v["grey"]), "speed": float(v["speed"])}
    fence = {"fence_half_m": float(v["fence_half_m"]), "fence_top_m": float(v["fence_top_m"])}
    patience = {"silence_land_s": RESTART_LAND_S if respawn else 1.0}
    limit = {"time_limit_per_goal_s": float(v["time_limit_per_goal_s"]), "run_dir": v["run_dir"]}
    steer = {"navigator": v["navigator"], "teleop": is_true(v["teleop"])}
    drone = {"backend": v["backend"], **world, **seed, **look, **link}
    nodes = [
        # The world ends with its drone node, and a new one would know nothing of the flight.
        NodeSpec("drone", "drone", clock | drone, grace_s=grace_s("drone")),
        NodeSpec("supervisor", "supervisor", clock | fence | patience, respawn=respawn),
        NodeSpec("detector", "detector", clock | {"detector": v["detector"]}, respawn=respawn),
        NodeSpec("mission", "mission", clock | limit, respawn=respawn),
        planner(v, clock | seed, respawn=respawn),
        NodeSpec("navigator", "navigator", clock | steer | seed, respawn=respawn),
    ]
    if is_true(v["fault_injection"]):
        broken: dict[str, Value] = {"fault_injection": True, "faults": v["faults"]}
        nodes = [replace(n, parameters={**n.parameters, **broken}) for n in nodes]
    return over(nodes + _observers(v, clock), v)


def planner(v: Mapping[str, str], shared: Mapping[str, Value], *, respawn: bool) -> NodeSpec:
    """Return the node that chooses options: the goal selector, or the one that reads."""
    own: dict[str, Value] = {**shared, "planner": v["planner"]}
    if v["planner"] not in READING:
        return NodeSpec("goal_selector", "goal_selector", own, respawn=respawn)
    own |= {name: v[name] for name in READS_WITH}
    return NodeSpec("language_planner", "language_planner", own, respawn=respawn)


def _observers(v: Mapping[str, str], clock: Mapping[str, Value]) -> list[NodeSpec]:
    """Return the nodes without which a drone flies as safely as with them."""
    nodes = []
    if is_true(v["record"]):
        about = {
            "planner": v["planner"], "navigator": v["navigator"],
            "detector": f"{v['detector']}, {'grey' if is_true(v['grey']) else 'colour'}",
        }  # fmt: skip
        place = {"run_dir": v["run_dir"], "video": is_true(v["video"])}
        fence = {"fence_half_m": float(v["fence_half_m"]), "fence_top_m": float(v["fence_top_m"])}
        given = {**clock, **about, **place, **fence}
        nodes.append(NodeSpec("recorder", "recorder", given, grace_s=grace_s("recorder")))
    if is_true(v["monitor"]):
        nodes.append(NodeSpec("monitor", "monitor", clock, respawn=True))
    if is_true(v["foxglove"]):
        live = {"port": int(v["foxglove_port"])}
        nodes.append(NodeSpec("foxglove", "foxglove", {**clock, **live}, respawn=True))
    return [replace(n, required=False, critical=False) for n in nodes]


def manager(nodes: Sequence[NodeSpec]) -> NodeSpec:
    """Return the lifecycle manager of `nodes`, which all are in one namespace."""
    managed = sorted((n for n in nodes if n.managed), key=lambda n: BRING_UP.index(n.executable))
    parameters = {
        "nodes": ",".join(n.name for n in managed),
        "critical": ",".join(n.name for n in managed if n.critical),
        "restarted": ",".join(n.name for n in managed if n.respawn),
        "autostart": True,
    }
    return NodeSpec(MANAGER, MANAGER, parameters, respawn=True, managed=False, grace_s=grace_s(MANAGER))


def client(values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the operator that flies the mission at once, where one is wanted."""
    if not is_true(values["fly"]):
        return []
    recorded = is_true(values["record"])
    parameters = {
        "goals": values.get("mission_goals", values["goals"]),
        "time_limit_per_goal_s": float(values["time_limit_per_goal_s"]),
        "recorder": recorded,
        "result_file": f"{values['run_dir']}/mission.json" if recorded and values["run_dir"] else "",
    }
    if values.get("mission_json"):  # words go to the node that reads, where there is one
        reads = values["planner"] in READING
        parameters |= {"words": values["mission"]} if reads else {"mission": values["mission_json"]}
    end_s = grace_s(CLIENT)
    return [NodeSpec(CLIENT, CLIENT, parameters, managed=False, critical=False, client=True, grace_s=end_s)]


def is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes", "on")


def camera_host(values: Mapping[str, str]) -> str:
    """The AI-deck's address: as given, on this machine for a virtual drone, else its access point's."""
    if values["camera_host"]:
        return values["camera_host"]
    return "127.0.0.1" if values["uri"].startswith("udp://") else "192.168.4.1"
