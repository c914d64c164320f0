"""Fly two goals in simulation and print how it went."""

from reprohrl.cli.stage import open_stage
from reprohrl.contracts.mission import Mission
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.flight.runner import fly

spec = EpisodeSpec(
    task="MC-2", seed=3, rung=Rung.R0, planner="scripted", navigator="scripted", world="fast",
    goals=Mission.parse("sphere, cone").goals,
)  # fmt: skip

with open_stage(spec) as stage:
    result = fly(stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock)

print(f"{result.ending}: {result.reason}, after {result.duration_s:.1f} s")
for event in result.log.events:
    print(f"{event.stamp - result.log.rows[0].stamp:6.1f} s  {event.text}")
