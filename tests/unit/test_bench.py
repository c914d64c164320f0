"""A bench goes on where it was killed, flies nothing twice, and never mixes models."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from reprohrl.bench import ledger
from reprohrl.bench.fly import Unit, units
from reprohrl.bench.plan import Places, make_plan, work_of
from reprohrl.bench.results import load
from reprohrl.bench.run import Tell, fly_missing, write_request
from reprohrl.bench.suite import Cell, Request, parse_seeds
from reprohrl.bench.trained import run_folder
from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.spec import EpisodeResult
from tests.unit.bench_folders import request, result, write_cell, write_run

SCRIPTED = Cell("scripted", 0, "S1", "R2", "ray")
SILENT = Tell(lambda *_: None, lambda *_: None)


def frames_of_scripted(count: int = 12) -> Request:
    return request(
        methods=("scripted",), tasks=("S1",), rungs=("R2",), train_seeds={"scripted": (0,)}, steps={},
        frame_episodes=count, renderers=("ray",),
    )  # fmt: skip


def fly(unit: Unit) -> list[EpisodeResult]:
    return [result(unit.cell.task, seed, np.random.default_rng(seed), 0.5) for seed in unit.seeds]


def fly_and_die(unit: Unit) -> list[EpisodeResult]:
    """Fly one unit; die in the next, as by kill -9."""
    import os

    if unit.seeds[0] > 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return fly(unit)


def test_a_bench_killed_in_the_middle_of_a_cell_goes_on_with_what_is_left(tmp_path: Path) -> None:
    places, asked = Places(tmp_path, tmp_path / "train"), frames_of_scripted()
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from tests.unit import test_bench as t\n"
        "places, asked = t.Places(Path(sys.argv[1]), Path(sys.argv[1]) / 'train'), t.frames_of_scripted()\n"
        "t.write_request(asked, places.folder)\n"
        "t.fly_missing(asked, places, t.fly_and_die, t.SILENT)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    path = places.ledger(SCRIPTED)
    path.write_bytes(path.read_bytes() + b'{"task":"S1","seed":5,"outc')  # and half a line
    assert work_of(SCRIPTED, asked, places).todo == tuple(range(5, 12))

    flown: list[int] = []
    fly_missing(asked, places, fly, Tell(lambda cell, more, good: flown.append(more), lambda *_: None))
    assert sum(flown) == 7
    assert make_plan(asked, places).works == []
    record = ledger.read(path)
    assert record is not None and sorted(record.episodes) == list(range(12))
    assert record.episodes[5] == fly(Unit(SCRIPTED, (5,), None))[0]


def test_a_finished_bench_has_nothing_left_to_do(tmp_path: Path) -> None:
    places, asked = Places(tmp_path, tmp_path / "train"), frames_of_scripted()
    fly_missing(asked, places, fly, SILENT)
    before = places.ledger(SCRIPTED).read_bytes()
    fly_missing(asked, places, fly_and_die, SILENT)
    assert places.ledger(SCRIPTED).read_bytes() == before


def test_episodes_of_other_models_or_other_code_do_not_count(tmp_path: Path) -> None:
    asked = request(methods=("flat-ppo",), tasks=("S1",), rungs=("R1",), train_seeds={"flat-ppo": (0,)})
    places = Places(tmp_path, tmp_path / "train")
    cell = Cell("flat-ppo", 0, "S1", "R1")
    write_run(places.runs, "flat-ppo", "MC-3", 0, steps_to_90=10, budget=1_000_000)
    policy = run_folder(places.runs, "flat-ppo", "MC-3", 0) / "flat-ppo.onnx"
    policy.write_bytes(b"one")
    now = work_of(cell, asked, places).fingerprint
    write_cell(tmp_path, cell, 200)
    assert work_of(cell, asked, places).stale == "other models"
    ledger.begin(places.ledger(cell), cell, {**now, "code": "older"})
    ledger.add(places.ledger(cell), [fly(Unit(cell, (3,), None))[0]], 1.0)
    assert work_of(cell, asked, places).stale == "other code"
    keep = Places(tmp_path, tmp_path / "train", any_code=True)
    assert len(work_of(cell, asked, keep).todo) == 199
    policy.write_bytes(b"two")
    assert work_of(cell, asked, keep).stale == "other models"


def test_an_error_costs_its_cell_alone(tmp_path: Path) -> None:
    def sometimes(unit: Unit) -> list[EpisodeResult]:
        if unit.cell.task == "C1":
            raise ValueError("no such room")
        return fly(unit)

    asked = frames_of_scripted()
    asked = Request.from_dict({**asked.to_dict(), "tasks": ["S1", "C1", "MC-3"]})
    places, failures = Places(tmp_path, tmp_path / "train"), []
    write_request(asked, tmp_path)
    fly_missing(
        asked, places, sometimes, Tell(lambda *_: None, lambda what, why: failures.append((what, why)))
    )
    assert failures == [("R2-ray/C1/scripted-s0", "ValueError: no such room")]
    results = load(tmp_path)
    assert {g.task for g in results.groups} == {"S1", "MC-3"}
    assert [(m.cell.task, m.done, m.wanted) for m in results.missing] == [("C1", 0, 12)]


def test_a_method_whose_training_is_missing_waits(tmp_path: Path) -> None:
    asked = request(methods=("flat-ppo",), rungs=("R2",), train_seeds={"flat-ppo": (0,)})
    plan = make_plan(asked, Places(tmp_path, tmp_path / "train"))
    assert [(t.method, t.task, t.seed, t.steps) for t in plan.trainings] == [
        ("flat-ppo", "MC-3", 0, 1_000_000)
    ]
    flown: list[int] = []
    tell = Tell(lambda cell, more, good: flown.append(more), lambda *_: None)
    fly_missing(asked, Places(tmp_path, tmp_path / "train"), fly, tell)
    assert flown == []


def test_asking_for_more_keeps_what_was_asked_before(tmp_path: Path) -> None:
    write_request(frames_of_scripted(), tmp_path)
    write_request(
        request(methods=("random",), tasks=("C1",), rungs=("R1",), train_seeds={"random": (0,)}), tmp_path
    )
    both = load(tmp_path).request
    assert both.methods == ("scripted", "random")
    assert both.tasks == ("S1", "C1") and both.rungs == ("R1", "R2")


def test_units_cover_every_episode_once() -> None:
    todo = tuple(range(3, 640))
    parts = units(Cell("random", 0, "S1", "R1"), todo, None)
    assert tuple(e for part in parts for e in part.seeds) == todo
    assert max(len(part.seeds) for part in parts) == 250


def test_the_map_planner_has_no_cell_that_needs_frames() -> None:
    cells = request().cells()
    assert {c.rung for c in cells if c.method == "map-planner"} == {"R0", "R1"}
    assert {c.train_seed for c in cells if c.method == "ours" and c.rung == "R2"} == {0}
    assert len({c.name for c in cells}) == len(cells)


@pytest.mark.parametrize(("text", "seeds"), [("0-2", (0, 1, 2)), ("4", (4,)), ("0,2-3", (0, 2, 3))])
def test_lists_of_seeds_are_read(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


def test_what_is_no_list_of_seeds_is_refused() -> None:
    with pytest.raises(UserError, match="no list of seeds"):
        parse_seeds("a-b")


def test_no_folder_no_report(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no bench"):
        load(tmp_path)
