"""How well missions in words are read and flown: reading, slips of the pen, keeping away, doorways.

    python -m benchmarks.missions reading
    python -m benchmarks.missions avoiding --navigator routes --seeds 30
    python -m benchmarks.missions doorways --first 12 --seeds 20

Flights are at R1 in the fast world, on test seeds. Rates stand with their 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from reprohrl.cli.stage import open_stage, scene_of
from reprohrl.cli.worded import orders_of
from reprohrl.contracts.mission import Mission
from reprohrl.contracts.orders import Avoid, Step, StepKind
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.evaluation.statistics import wilson
from reprohrl.flight.pipeline import Pipeline
from reprohrl.flight.result import FlightResult
from reprohrl.flight.runner import FlightOptions, fly
from reprohrl.language.parse import parse_mission
from reprohrl.language.plain import mission_to_plain
from reprohrl.mission.tracker import MissionTracker
from reprohrl.policies.registry import make_navigator, make_planner

CASES = Path(__file__).parents[1] / "tests" / "language" / "missions.yaml"
SLIPS_EACH = 10
KEEP_M = 0.6


def reading() -> None:
    """Read the missions of the tests, and each of them with slips of the pen."""
    cases = [case for part in yaml.safe_load(CASES.read_text()).values() for case in part]
    exact = sum(_exact(case) for case in cases)
    print(f"read exactly: {_rate(exact, len(cases))}")
    rng, other, tried = random.Random(1), 0, 0
    for case in cases:
        meant = parse_mission(case["text"])
        for _ in range(SLIPS_EACH if meant.ok else 0):
            parsed = parse_mission(slip(case["text"], rng))
            tried += 1
            other += parsed.ok and parsed.mission != meant.mission
    print(f"with one slip of the pen another mission: {_rate(other, tried)}")


def avoiding(navigator: str, first: int, count: int) -> None:
    """Fly to the first and third goal of MC-3 past the second, told to keep away from it, and not told."""
    for told in (False, True):
        least, good, skipped = [], 0, 0
        for seed in range(first, first + count):
            one, between, other = scene_of(EpisodeSpec("MC-3", seed)).goals
            mission = Mission((one, other), avoid=(Avoid(between, KEEP_M),))
            result = flown("MC-3", seed, mission, navigator, heed=told)
            distances = [r.truth.goal_distance_m[between] for r in result.log.rows if r.truth is not None]
            if distances[0] < KEEP_M:
                skipped += 1  # it begins too near
                continue
            least.append(min(distances))
            good += result.success
        near = sum(d < KEEP_M for d in least)
        told_or_not = "told" if told else "not told"
        print(
            f"{navigator}, {told_or_not}: nearer than {KEEP_M} m on {_rate(near, len(least))}, least "
            f"{min(least):.2f} m, median {np.median(least):.2f} m, success {_rate(good, len(least))}"
            + (f", {skipped} began too near" if skipped else "")
        )


def doorways(navigator: str, first: int, count: int) -> None:
    """Fly on through the doorway of X2R until the drone says that it is through."""
    counts = {"through": 0, "not through": 0, "not noticed": 0}
    for seed in range(first, first + count):
        result = flown("X2R", seed, Mission((), steps=(Step(StepKind.PASS),)), navigator)
        xs = [r.truth.position[0] for r in result.log.rows if r.truth is not None]
        said = "through" if xs[0] * xs[-1] < 0 else "not through"  # the inner wall stands at x = 0
        counts[said if result.success else "not noticed"] += 1
    print(f"right: {_rate(counts['through'], count)}; {counts}")


def flown(task: str, seed: int, mission: Mission, navigator: str, *, heed: bool = True) -> FlightResult:
    """Fly a mission by the rule; without `heed`, its goals alone in the same scene."""
    spec = EpisodeSpec(
        task, seed, Rung.R1, planner="rule", navigator=navigator, world="fast", orders=orders_of(mission)
    )

    def plainly(detector: Any, tracker: Any, progress: Any) -> Pipeline:
        goals = MissionTracker(Mission(mission.goals))
        return Pipeline(detector, tracker, goals, make_planner("rule"), make_navigator(navigator))

    with open_stage(spec, assemble=None if heed else plainly) as stage:
        return fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (),
            options=FlightOptions(keep_frames=False, seed=seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip


def slip(text: str, rng: random.Random) -> str:
    """Return a text with one letter left out, swapped with the next, or replaced."""
    places = [i for i, c in enumerate(text[:-1]) if c.isalpha() and text[i + 1].isalpha()]
    i, letters, kind = rng.choice(places), list(text), rng.randrange(3)
    if kind == 0:
        del letters[i]
    elif kind == 1:
        letters[i], letters[i + 1] = letters[i + 1], letters[i]
    else:
        letters[i] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def _exact(case: dict[str, Any]) -> bool:
    parsed = parse_mission(case["text"])
    want = {k: v for k, v in case.items() if k != "text"}
    if "ask" in want or "refuse" in want:
        return not parsed.ok
    return parsed.mission is not None and mission_to_plain(parsed.mission) == want


def _rate(good: int, count: int) -> str:
    low, high = wilson(good, count)
    return f"{good} of {count} ({100 * low:.1f} to {100 * high:.1f} %)"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("reading", "avoiding", "doorways"))
    parser.add_argument("--navigator", default="routes", choices=("routes", "learned"))
    parser.add_argument("--first", type=int, default=0, help="first test seed")
    parser.add_argument("--seeds", type=int, default=30, help="how many")
    asked = parser.parse_args()
    if asked.what == "reading":
        reading()
    elif asked.what == "avoiding":
        avoiding(asked.navigator, asked.first, asked.seeds)
    else:
        doorways(asked.navigator, asked.first, asked.seeds)


if __name__ == "__main__":
    main()
