"""How fast frames are drawn: the ray-caster against PyBullet's TinyRenderer, same scenes, same run.

Run: python -m benchmarks.render
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from sim.bullet.camera import BulletCamera
from sim.render import RayCamera
from sim.tasks import make_scene

SCENES = tuple(make_scene("MC-3", seed) for seed in range(6))
YAWS = tuple(i * math.pi / 4 for i in range(8))


def frame_rate(make: Callable[..., RayCamera | BulletCamera], **options: object) -> float:
    """Frames per second of CPU time, 324x244, sensor model and truth boxes included."""
    cameras = [make(scene, **options) for scene in SCENES]
    cameras[0].render(SCENES[0].start.position, (0.0, 0.0, 0.0))  # compiles
    start = time.process_time()
    for camera, scene in zip(cameras, SCENES, strict=True):
        for yaw in YAWS:
            camera.render(scene.start.position, (0.0, 0.0, yaw))
    return len(SCENES) * len(YAWS) / (time.process_time() - start)


def report() -> dict[str, float]:
    """Measure; rates in frames per second, and the ray-caster's over TinyRenderer's."""
    rates = {
        "ray-caster, grey": frame_rate(RayCamera, grey=True),
        "ray-caster, colour": frame_rate(RayCamera, grey=False),
        "TinyRenderer, no shadows": frame_rate(BulletCamera),
        "TinyRenderer, shadows": frame_rate(BulletCamera, shadows=True),
    }
    rates["ratio with shadows"] = rates["ray-caster, grey"] / rates["TinyRenderer, shadows"]
    return rates


def main() -> None:
    """Print the table."""
    objects = sum(len(s.objects) for s in SCENES) / len(SCENES)
    print(f"324x244, {objects:.1f} objects on average, CPU time of one thread")
    for name, rate in report().items():
        print(f"{name:28s} {rate:8.1f}")


if __name__ == "__main__":
    main()
