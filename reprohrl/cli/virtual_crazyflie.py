"""`reprohrl virtual-crazyflie`: drones in a room that stock Crazyflie software can connect to and fly."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl virtual-crazyflie\n\n"
    "reprohrl virtual-crazyflie --world MC-3 --seed 7 --latency-ms 10 --jitter-ms 5 --loss 0.005\n\n"
    "reprohrl virtual-crazyflie --count 3 --battery 40 --arming"
)


def command(
    world: Annotated[str, typer.Option("--world", "--task", help="Task whose scene to fly in.")] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Seed of scene, sensors, camera and link.")] = 0,
    split: Annotated[str, typer.Option(help="Scenes of the test or the train split.")] = "test",
    goals: Annotated[str, typer.Option(help='Goals instead of the drawn ones, e.g. "sphere,cone".')] = "",
    count: Annotated[int, typer.Option(min=1, max=10, help="Drones, on consecutive ports.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="UDP port of the first one; 0: a free one.")
    ] = 19850,
    aideck_port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port of its AI-deck; 0: a free one.")
    ] = 5000,
    tcp: Annotated[
        bool, typer.Option("--tcp/--no-tcp", help="Answer CRTP (tcp://) on the AI-deck's port, too.")
    ] = True,
    profile: Annotated[
        str, typer.Option(help="Draw drone, link and camera from this randomisation profile, by the seed.")
    ] = "",
    latency_ms: Annotated[
        float | None, typer.Option(min=0, max=5000, help="Delay of the link, one way; else 0.")
    ] = None,
    jitter_ms: Annotated[
        float | None, typer.Option(min=0, max=5000, help="It varies by plus or minus this; else 0.")
    ] = None,
    loss: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of setpoints and log packets lost; else 0.")
    ] = None,
    battery: Annotated[
        float | None, typer.Option(min=1, max=100, help="Charge at the start, percent; else 100.")
    ] = None,
    arming: Annotated[
        bool, typer.Option("--arming", "--require-arming", help="Be a drone that must be armed to fly.")
    ] = False,
    power_cycle: Annotated[
        bool,
        typer.Option(
            "--power-cycle/--no-power-cycle",
            help="Whoever connects after a second of silence finds it switched off and on.",
        ),
    ] = True,
    fps: Annotated[float | None, typer.Option(min=0.1, max=120, help="Frames per second; else 10.")] = None,
    camera_delay_ms: Annotated[
        float | None, typer.Option(min=0, max=5000, help="From a frame's exposure to its sending; else 0.")
    ] = None,
    color: Annotated[bool, typer.Option("--color", help="Render in colour (sent with --jpeg).")] = False,
    stream: Annotated[str, typer.Option(help="What the AI-deck sends: raw, jpeg or nanocockpit.")] = "raw",
    jpeg: Annotated[bool, typer.Option("--jpeg", help="Short for --stream jpeg.")] = False,
    no_noise: Annotated[bool, typer.Option("--no-noise", help="Perfect sensors.")] = False,
    truth: Annotated[
        Path | None, typer.Option(help="Write what really happened to this JSON file.", show_default=False)
    ] = None,
) -> int:
    """Start virtual Crazyflies that cflib, cfclient and your scripts find and fly, until Ctrl-C."""
    from reprohrl.cli.stage import choose

    choose("split", split)
    choose("stream", stream)
    _check_ports(host, port, aideck_port, count)
    from firmware_bridge.virtual.deck_images import Kind
    from firmware_bridge.virtual.flying_world import VirtualConfig, VirtualFleet
    from firmware_bridge.virtual.link_quality import LinkQuality
    from reprohrl.contracts.mission import Mission
    from sim.tasks import check_task, make_scene

    chosen = Mission.parse(goals).goals if goals else None
    scene = make_scene(check_task(world), seed, "train" if split == "train" else "test", goals=chosen)
    config = VirtualConfig(
        host=host, port=port, aideck_port=aideck_port, grey=not color,
        stream=Kind.JPEG if jpeg else Kind(stream), seed=seed, noise=not no_noise, require_arming=arming,
        tcp=tcp, power_cycle=power_cycle, quality=LinkQuality(seed=seed),
    )  # fmt: skip
    configs = [config.of_drone(number) for number in range(count)]
    if profile:
        from sim.profiles.catalogue import load_profile

        loaded = load_profile(profile)
        configs = [c.drawn_from(loaded) for c in configs]
    asked = {"fps": fps, "delay_s": _scaled(camera_delay_ms, 1000), "charge": _scaled(battery, 100)}
    link = {"latency_s": _scaled(latency_ms, 1000), "jitter_s": _scaled(jitter_ms, 1000), "loss": loss}
    configs = [replace(c, quality=replace(c.quality, **_given(link)), **_given(asked)) for c in configs]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sys.setswitchinterval(0.001)  # packets must not wait 5 ms for the renderer's thread
    try:
        fleet = VirtualFleet(scene, configs)
    except OSError as error:
        raise _taken(host, port, aideck_port, error) from error
    with fleet:
        fleet.run()
        for drone in fleet.drones:
            also = f", {drone.crazyflie.tcp_uri}" if tcp else ""
            typer.echo(
                f"virtual Crazyflie at {drone.crazyflie.uri}, AI-deck at {host}:{drone.deck.port}{also}, "
                f"goals {', '.join(Mission(scene.goals).names)}",
                err=True,
            )
        while not stop.wait(1.0):
            if truth is not None:
                fleet.write_truth(truth)
        if truth is not None:
            fleet.write_truth(truth)
    logging.getLogger(__name__).info("stopped")
    return 0


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


def _given(values: dict[str, float | None]) -> dict[str, Any]:
    """Return what was asked for on the command line."""
    return {name: value for name, value in values.items() if value is not None}


def _check_ports(host: str, port: int, aideck_port: int, count: int) -> None:
    """Raise `UserError` for a taken port before anything slow is built."""
    try:
        for number in range(count):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as crazyflie:
                crazyflie.bind((host, port + number if port else 0))
            socket.create_server((host, aideck_port + number if aideck_port else 0)).close()
    except (OSError, OverflowError) as error:
        raise _taken(host, port, aideck_port, error) from error


def _taken(host: str, port: int, aideck_port: int, error: Exception) -> UserError:
    return UserError(
        f"cannot listen on {host}, ports {port} and {aideck_port} and those after them: {error}",
        why="another virtual Crazyflie may be running",
        fix="choose other ports with --port and --aideck-port",
    )
