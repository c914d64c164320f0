"""What `kill -9` of one process does to the others: over shared memory, and over the loopback interface.

Run: python -m benchmarks.killed_peer [--kills 100] [--json FILE]

Five processes publish a kilobyte at 100 Hz and hear each other, as the nodes of a graph do. Every second or
two one of three is killed and started again; the two others tell how long a publish took and how long they
heard nothing of each other.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ros_nodes.environment import NETWORK, Domain, prepare

SURVIVORS, VICTIMS = ("survivor_1", "survivor_2"), ("victim_1", "victim_2", "victim_3")
PERIOD_S, BYTES = 0.01, 1000
START_S, APART_S = 6.0, (1.2, 2.2)
LONG_S = 0.5
"""A publish or a silence as long as this stops a flight: the supervisor waits no longer for a frame."""

WIDTHS = (13, 6, 18, 18, 18)
TRANSPORTS = {
    "shared memory": {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",  # makes rmw_fastrtps add it
        "FASTRTPS_DEFAULT_PROFILES_FILE": NETWORK,
        "FASTDDS_DEFAULT_PROFILES_FILE": NETWORK,
    },
    "loopback": {},
}


def be_a_peer(name: str) -> None:
    """Publish and hear until standard input ends; a survivor prints the lengths of its long waits [s]."""
    prepare()
    import rclpy
    from rclpy.qos import QoSProfile
    from std_msgs.msg import UInt8MultiArray

    rclpy.init()
    node = rclpy.create_node(name)
    publisher = node.create_publisher(UInt8MultiArray, name, QoSProfile(depth=5))
    message = UInt8MultiArray(data=bytes(BYTES))
    heard: dict[str, float] = {}
    publishes, silences = [0.0], [0.0]

    def on(other: str) -> Any:
        def hear(_: UInt8MultiArray) -> None:
            now = time.monotonic()
            if other in SURVIVORS:
                silences.append(now - heard.get(other, now))
            heard[other] = now

        return hear

    def publish() -> None:
        began = time.monotonic()
        publisher.publish(message)
        publishes.append(time.monotonic() - began)

    for other in (*SURVIVORS, *VICTIMS):
        if other != name:
            node.create_subscription(UInt8MultiArray, other, on(other), QoSProfile(depth=5))
    node.create_timer(PERIOD_S, publish)
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        rclpy.spin_once(node, timeout_sec=0.1)
    print(json.dumps({"publishes": sorted(publishes)[-200:], "silences": sorted(silences)[-200:]}))
    sys.stdout.flush()
    os._exit(0)  # a node may hang in its end, which is not what is measured here


def start(name: str, env: dict[str, str]) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "benchmarks.killed_peer", "--peer", name]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, env=env, stdin=pipe, stdout=pipe, text=True)


def measure(transport: dict[str, str], kills: int) -> dict[str, Any]:
    """Kill `kills` times; return the longest and the number of long publishes and silences [s]."""
    domain, chance = Domain.claim(), random.Random(0)
    env = {**os.environ, **transport, "ROS_DOMAIN_ID": str(domain.number)}
    peers = {name: start(name, env) for name in (*SURVIVORS, *VICTIMS)}
    try:
        time.sleep(START_S)
        for _ in range(kills):
            name = chance.choice(VICTIMS)
            peers[name].kill()
            peers[name].communicate()
            peers[name] = start(name, env)
            time.sleep(chance.uniform(*APART_S))
        told = [json.loads(peers[name].communicate(timeout=60.0)[0]) for name in SURVIVORS]
    finally:
        for peer in peers.values():
            peer.kill()
        domain.close()
    found: dict[str, Any] = {"kills": kills}
    for what in ("publishes", "silences"):
        values = [value for one in told for value in one[what]]
        found[what] = {"longest_s": max(values), f"over_{LONG_S}_s": sum(v > LONG_S for v in values)}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="for each transport")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        be_a_peer(given.peer)
    table = {}
    heads = ("kills", "longest publish", "longest silence", f"silences > {LONG_S} s")
    print("".join(f"{head:>{width}}" for head, width in zip(("", *heads), WIDTHS, strict=True)), flush=True)
    for name, transport in TRANSPORTS.items():
        one = table[name] = measure(transport, given.kills)
        publish, silence = one["publishes"]["longest_s"], one["silences"]["longest_s"]
        many = one["silences"][f"over_{LONG_S}_s"]
        cells = (name, one["kills"], f"{publish:.2f} s", f"{silence:.2f} s", many)
        print("".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)), flush=True)
    if given.json:
        half = given.json.with_suffix(".half")
        half.write_text(json.dumps(table, indent=2) + "\n")
        half.replace(given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
