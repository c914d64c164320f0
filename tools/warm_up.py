"""Compile perception and simulator into numba's cache, so that the first flight starts at once."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reprohrl.cli.stage import open_stage
from reprohrl.contracts.command import HOVER
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.policies.registry import make_navigator, make_planner
from sim.render.camera import RayCamera
from sim.tasks import make_scene


def main() -> int:
    """Load the policies, take off, look once in grey and once in colour, and land, in both worlds."""
    make_planner()
    make_navigator()
    scene = make_scene("MC-3", 0)
    for grey in (True, False):
        RayCamera(scene, grey=grey).render(scene.start.position, (0.0, 0.0, 0.0))
    for world in ("bullet", "fast"):
        spec = EpisodeSpec("MC-3", 0, Rung.R0, planner="rule", navigator="routes", world=world)
        with open_stage(spec) as stage:
            stage.drone.take_off()
            frame = stage.camera.read(0.5)
            if frame is not None:
                stage.pipeline.step(frame, stage.drone.state())
            stage.drone.send(HOVER)
            stage.truth.row()
            stage.drone.land()
    return 0


if __name__ == "__main__":
    sys.exit(main())
