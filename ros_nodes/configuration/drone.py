"""The configuration of the drone node."""

from __future__ import annotations

from dataclasses import dataclass

from ros_nodes.parameter import StageConfig, parameter


@dataclass(frozen=True, slots=True)
class DroneConfig(StageConfig):
    """What the drone node can be told."""

    backend: str = parameter("sim", "what flies", choices=("sim", "crazyflie"))
    task: str = parameter("MC-3", "benchmark task whose scene is flown in (sim)")
    seed: int = parameter(0, "seed of scene, drone, sensors and camera (sim)", 0, 2**31)
    split: str = parameter("test", "which seeds (sim)", choices=("train", "test"))
    goals: str = parameter("", "goals the scene must hold instead of the drawn ones (sim)")
    grey: bool = parameter(True, "grey frames, as the AI-deck's; else colour (sim)")
    world: str = parameter("bullet", "who integrates the body (sim)", choices=("bullet", "fast"))
    speed: float = parameter(1.0, "simulated seconds per wall second; 0: unbounded (sim)", 0.0, 1000.0)
    uri: str = parameter("udp://127.0.0.1:19850", "cflib address of the drone (crazyflie)")
    camera_host: str = parameter("127.0.0.1", "address of the AI-deck (crazyflie)")
    camera_port: int = parameter(5000, "TCP port of the AI-deck (crazyflie)", 1, 65535)
    calibration: str = parameter("", "file of reprohrl calibrate camera (crazyflie)")
    command_wait_s: float = parameter(
        1.0, "wall time to wait for a frame's command (sim)", 0.05, 60.0, unit="s"
    )
    hover_after_s: float = parameter(0.2, "silence after which the drone hovers", 0.1, 10.0, unit="s")
    dead_man_s: float = parameter(
        0.0, "land without drone/dead_man for this long; 0: never", 0.0, 10.0, unit="s"
    )
    land_after_s: float = parameter(1.0, "silence after which the drone lands", 0.2, 30.0, unit="s")

    def problems(self) -> list[str]:
        if self.land_after_s > self.hover_after_s:
            return []
        return [
            f"land_after_s is {self.land_after_s:g}, but the drone hovers first: "
            f"more than hover_after_s, {self.hover_after_s:g} s"
        ]
