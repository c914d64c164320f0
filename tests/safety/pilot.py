"""A pilot for tests that kill it: flies ahead until then. Arguments: kept or own, URI, cache folder."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from firmware_bridge.drone import CrazyflieDrone
from firmware_bridge.kept_drone import KeptDrone
from reprohrl.contracts.command import VelocityCommand


def main() -> None:
    how, uri, cache = sys.argv[1:4]
    drone = (KeptDrone if how == "kept" else CrazyflieDrone)(uri, cache=Path(cache), connect_timeout_s=30.0)
    drone.connect()
    print(f"connected {drone.pid if isinstance(drone, KeptDrone) else 0}", flush=True)
    drone.take_off(0.5)
    print("flying", flush=True)
    while True:
        drone.send(VelocityCommand(vx=0.2))
        time.sleep(0.1)


if __name__ == "__main__":
    main()
