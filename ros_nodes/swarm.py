"""Several drones at once: the nodes of each under a namespace of its own.

Crazyflies, real or virtual, share one world. Simulated drones fly in lockstep, each in a copy of the world.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission
from ros_nodes.graph import client, manager, stack
from ros_nodes.node_spec import Description, NodeSpec
from ros_nodes.prepare_run import prepare_values, virtual_processes

MOST = 10


def prepare_swarm(values: Mapping[str, str]) -> dict[str, str]:
    """Settle the values of all drones; `mission_goals` and `uris` per drone. Raises `UserError`."""
    count = _count(values["count"])
    lists = [part.strip() for part in values["goals"].split(";") if part.strip()]
    if len(lists) > 1 and len(lists) != count:
        raise UserError(
            f"there are {len(lists)} lists of goals for {count} drones",
            why="each drone flies its own list, or all fly one",
            fix='give one list, or one per drone: goals:="sphere,cone; cube,torus"',
        )
    missions = [Mission.parse(part) for part in lists]
    wanted = dict.fromkeys(name for mission in missions for name in mission.names)
    places = {"namespaces": ",".join(f"drone{i + 1}" for i in range(count))}
    settled = prepare_values({**values, **places, "goals": ",".join(wanted), "uri": _uris(values, count)[0]})
    names = settled["mission_goals"].split(",")
    if len(missions) < count:  # one list for all: each begins with another goal
        names = list(missions[0].names) if missions else names
        turned = [names[i % len(names) :] + names[: i % len(names)] for i in range(count)]
    else:
        turned = [list(mission.names) for mission in missions]
    return {
        **settled,
        "count": str(count),
        "mission_goals": ";".join(",".join(goals) for goals in turned),
        "uris": ",".join(_uris(values, count)),
    }


def drones(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return namespace -> values of each drone, as one-drone graphs take them."""
    uris, goals = values["uris"].split(","), values["mission_goals"].split(";")
    hosts = [h.strip() for h in values["camera_hosts"].split(",") if h.strip()]
    found = {}
    for i, (uri, mission_goals) in enumerate(zip(uris, goals, strict=True)):
        name = f"drone{i + 1}"
        found[name] = {
            **values,
            "namespace": name,
            "uri": uri,
            "goals": values["goals"],
            "mission_goals": mission_goals,
            "camera_host": hosts[i] if i < len(hosts) else values["camera_host"],
            "camera_port": values["camera_port"] if hosts else str(int(values["camera_port"]) + i),
            "run_dir": str(Path(values["run_dir"], name)) if values["run_dir"] else "",
        }
    return found


def swarm(values: Mapping[str, str]) -> Description:
    """Return what to start; `values` are those of `prepare_swarm`."""
    nodes: list[NodeSpec] = []
    for namespace, own in drones(values).items():
        managed = stack(own)
        # Simulated drones have a world each, and each world its own time.
        remaps = (("/clock", f"/{namespace}/clock"),) if own["backend"] == "sim" else ()
        for node in (*managed, manager(managed), *client(own)):
            nodes.append(replace(node, namespace=namespace, remaps=(*node.remaps, *remaps)))
    processes = virtual_processes(values, sys.executable, count=int(values["count"]))
    return Description(tuple(nodes), processes)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise UserError(f"count:={text} is no number of drones", why=f"1 to {MOST} can fly", fix="count:=2")
    return int(text)


def _uris(values: Mapping[str, str], count: int) -> list[str]:
    """The drones' addresses: as given, or consecutive UDP ports from `uri` on."""
    given = [u.strip() for u in values["uris"].split(",") if u.strip()]
    if given and len(given) != count:
        raise UserError(
            f"there are {len(given)} addresses for {count} drones", fix="give uris:= one address per drone"
        )
    if given:
        return given
    parts = urlsplit(values["uri"])
    if parts.scheme != "udp" and count > 1:
        raise UserError(
            f"{count} drones cannot all be at {values['uri']}",
            why="a radio address belongs to one drone",
            fix="give uris:=radio://0/80/2M/E7E7E7E701,radio://0/80/2M/E7E7E7E702",
        )
    if parts.scheme != "udp":
        return [values["uri"]]
    port = parts.port or 19850
    return [f"udp://{parts.hostname}:{port + i}" for i in range(count)]
