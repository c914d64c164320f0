"""`python -m firmware_bridge.virtual`: a drone in a room that stock Crazyflie software can connect to."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
import threading
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission

_LOG = logging.getLogger("firmware_bridge.virtual")


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.setswitchinterval(0.001)  # packets must not wait 5 ms for the renderer's thread
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        _serve(options, stop)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(
            f"cannot listen on {options.host} ports {options.port} and {options.aideck_port}: {error}; "
            "another one may be running: choose other ports with --port and --aideck-port\n"
        )
        return 2
    return 0


def _serve(options: argparse.Namespace, stop: threading.Event) -> None:
    _check_free(options)
    from firmware_bridge.virtual.flying_world import VirtualConfig, VirtualDrone
    from sim.tasks import make_scene

    goals = Mission.parse(options.goals).goals if options.goals else None
    scene = make_scene(options.task, options.seed, options.split, goals=goals)
    config = VirtualConfig(
        host=options.host, port=options.port, aideck_port=options.aideck_port, fps=options.fps,
        grey=not options.color, jpeg=options.jpeg, seed=options.seed, noise=not options.no_noise,
        require_arming=options.require_arming,
    )  # fmt: skip
    with VirtualDrone(scene, config) as drone:
        drone.run()
        _LOG.info(
            "virtual Crazyflie at %s, AI-deck at %s:%d, goals %s", drone.crazyflie.uri, options.host,
            drone.aideck.port, ", ".join(Mission(scene.goals).names),
        )  # fmt: skip
        while not stop.wait(1.0):
            if options.truth is not None:
                drone.judge.write(options.truth)
    if options.truth is not None:
        drone.judge.write(options.truth)
    _LOG.info("stopped")


def _check_free(options: argparse.Namespace) -> None:
    """Raise `OSError` for a taken port before anything slow is built."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as crazyflie:
        crazyflie.bind((options.host, options.port))
    socket.create_server((options.host, options.aideck_port)).close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m firmware_bridge.virtual", description=__doc__)
    parser.add_argument("--task", default="MC-3", help="task whose scene to fly in (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of scene, sensors and camera")
    parser.add_argument("--split", choices=("train", "test"), default="test")
    parser.add_argument("--goals", default="", help='goals instead of the drawn ones, e.g. "sphere,cone"')
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=19850, help="UDP port of the Crazyflie; 0: a free one")
    parser.add_argument(
        "--aideck-port", type=int, default=5000, help="TCP port of the AI-deck; 0: a free one"
    )
    parser.add_argument("--fps", type=float, default=10.0, help="frames per second (default %(default)s)")
    parser.add_argument("--color", action="store_true", help="render in colour (sent with --jpeg)")
    parser.add_argument("--jpeg", action="store_true", help="send JPEG instead of RAW frames")
    parser.add_argument("--no-noise", action="store_true", help="perfect sensors")
    parser.add_argument(
        "--require-arming", action="store_true", help="behave like a drone that must be armed"
    )
    parser.add_argument("--truth", type=Path, help="write what really happened to this JSON file")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
