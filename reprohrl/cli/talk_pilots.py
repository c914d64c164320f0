"""Who flies for the page of `reprohrl talk`: the simulation in this process, or a Crazyflie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reprohrl.contracts.mission import Mission
from reprohrl.flight.result import FlightResult, Tick
from reprohrl.talk.flight import Ended, Reins

if TYPE_CHECKING:
    from reprohrl.evaluation.spec import EpisodeSpec
    from reprohrl.language.models.settings import LanguageSettings

Watch = Callable[[Tick], str | None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SimulationPilot:
    """Flies each mission in the scene of `spec`, with the objects that the mission names."""

    spec: EpisodeSpec
    realtime: bool = True
    video: bool = False

    @property
    def about(self) -> str:
        with_model = f" with {self.spec.language}" if self.spec.language is not None else ""
        return (
            f"simulation of {self.spec.task}, seed {self.spec.seed}; planner {self.spec.planner}{with_model}"
        )

    def fly(self, mission: Mission, watch: Watch, reins: Reins, say: Say) -> Ended:
        from reprohrl.cli.stage import open_stage
        from reprohrl.flight.runner import FlightOptions, fly
        from reprohrl.language.plain import mission_to_plain

        say("building the world")
        spec = replace(self.spec, orders=json.dumps(mission_to_plain(mission)))
        with open_stage(spec, realtime=self.realtime, say=say) as stage:
            reins.take(stage.drone)
            if reins.said:
                return Ended(False, reins.said)
            say("taking off")
            result = fly(
                stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (watch,),
                options=FlightOptions(seed=spec.seed), truth=stage.truth.row, header=stage.header,
            )  # fmt: skip
            reins.drop()
        return _reported(result, say, video=self.video)


@dataclass(frozen=True, slots=True)
class CrazyfliePilot:
    """Flies each mission on a drone, after the checks that `reprohrl fly --uri` makes."""

    uri: str
    camera: str = ""
    planner: str = "learned"
    navigator: str = "learned"
    language: LanguageSettings | None = None
    video: bool = False

    @property
    def about(self) -> str:
        return f"{self.uri}; planner {self.planner}"

    def fly(self, mission: Mission, watch: Watch, reins: Reins, say: Say) -> Ended:
        from reprohrl.cli.crazyflie_flight import CrazyflieFlight, Mode, run

        what = CrazyflieFlight(
            self.uri, mission, self.planner, self.navigator, Mode.FLY, self.camera, language=self.language
        )
        say(f"connecting to {self.uri}")
        result, _ = run(what, say, say, watch, reins.take)
        reins.drop()
        return _reported(result, say, video=self.video)


def _reported(result: FlightResult, say: Say, *, video: bool) -> Ended:
    """Write the flight's report."""
    from reprohrl.reporting.run import REPORT, new_run_dir, write_run

    folder = new_run_dir()
    summary: dict[str, Any] = write_run(result.log, folder, video=video, progress=say)
    return Ended(bool(summary["success"]), result.reason, str((folder / REPORT).resolve()))
