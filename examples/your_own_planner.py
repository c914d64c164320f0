"""A planner of your own: look around for two seconds before every goal."""

from dataclasses import replace

from reprohrl.cli.stage import open_stage
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.mission import MissionStatus, Option, OptionKind
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.flight.runner import fly
from reprohrl.policies.scripted import ScriptedSelector


class Cautious(ScriptedSelector):
    name = "cautious"

    def decide(self, features: ObjectFeatures, status: MissionStatus) -> Option:
        option = super().decide(features, status)
        hurried = option.kind is OptionKind.GO_TO and status.leg_elapsed_s < 2.0
        return replace(option, kind=OptionKind.SEARCH) if hurried else option


spec = EpisodeSpec("S1", 1, Rung.R0, planner="scripted", navigator="scripted", world="fast")
with open_stage(spec) as stage:
    stage.pipeline.planner = Cautious()
    result = fly(stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock)
print(f"{result.ending}: {result.reason}, after {result.duration_s:.1f} s")
