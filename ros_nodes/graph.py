"""The node graph as plain data: the only list of nodes, read by the launch file and by our launcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = bool | int | float | str
PACKAGE = "reprohrl"


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One process. `required`: its death ends the launch. `grace_s`: what it may take to end by itself."""

    name: str
    executable: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    required: bool = True
    respawn: bool = False
    grace_s: float = 10.0


def multigoal(values: Mapping[str, str]) -> list[NodeSpec]:
    """Return the nodes of a multi-goal flight; `values` are those of `arguments.resolve`."""
    v = values
    sim = v["backend"] == "sim"
    clock: dict[str, Value] = {"use_sim_time": sim}
    seed = {"seed": int(v["seed"])}
    world = {"task": v["task"], "split": v["split"], "goals": v["goals"], "world": v["world"]}
    link = {
        "uri": v["uri"], "camera_host": camera_host(v), "camera_port": int(v["camera_port"]),
        "calibration": v["calibration"],
    }  # fmt: skip
    look = {"grey": is_true(v["grey"]), "speed": float(v["speed"])}
    fence = {"fence_half_m": float(v["fence_half_m"]), "fence_top_m": float(v["fence_top_m"])}
    names = {"planner": v["planner"], "navigator": v["navigator"]}
    limit = {"time_limit_per_goal_s": float(v["time_limit_per_goal_s"]), "run_dir": v["run_dir"]}
    drone = {"backend": v["backend"], **world, **seed, **look, **link}
    nodes = [
        NodeSpec("drone", "drone", clock | drone, grace_s=30.0),
        NodeSpec("supervisor", "supervisor", clock | fence),
        NodeSpec("detector", "detector", clock | {"detector": v["detector"]}),
        NodeSpec("mission", "mission", clock | limit),
        NodeSpec("goal_selector", "goal_selector", clock | {"planner": v["planner"]} | seed),
        NodeSpec("navigator", "navigator", clock | {"navigator": v["navigator"]} | seed),
    ]
    if is_true(v["record"]):
        about = {"detector": f"{v['detector']}, {'grey' if is_true(v['grey']) else 'colour'}", **names}
        place = {"run_dir": v["run_dir"], "video": is_true(v["video"])}
        # Without its recorder a drone flies on as safely as with it.
        nodes.append(NodeSpec("recorder", "recorder", clock | about | place, required=False, grace_s=120.0))
    return nodes


GRAPHS = {"multigoal": multigoal}


def is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1", "yes", "on")


def camera_host(values: Mapping[str, str]) -> str:
    """The AI-deck's address: as given, on this machine for a virtual drone, else its access point's."""
    if values["camera_host"]:
        return values["camera_host"]
    return "127.0.0.1" if values["uri"].startswith("udp://") else "192.168.4.1"
