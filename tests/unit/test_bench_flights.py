"""Real episodes: methods fly the benchmark end to end, and a replay is the same flight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reprohrl.bench import ledger
from reprohrl.bench.onboard import Onboard
from reprohrl.bench.replay import replay
from reprohrl.bench.results import CELLS, load
from reprohrl.bench.suite import Cell
from reprohrl.cli.main import main
from reprohrl.cli.stage import open_stage
from reprohrl.contracts.mission import OptionKind
from reprohrl.contracts.vocabulary import NUM_GOALS
from reprohrl.evaluation.episodes import Referee
from reprohrl.evaluation.spec import EpisodeSpec, Rung
from reprohrl.flight.runner import FlightOptions, fly
from sim.envs.frames import HEIGHT, WIDTH
from sim.envs.scripted import ScriptedAgent

TINY = ["bench", "--methods", "random,scripted", "--tasks", "S1,MC-2", "--rungs", "R0,R1", "--episodes", "3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    assert main([*TINY, "--workers", "1", "--out", str(folder)]) == 0
    return folder


def test_methods_that_learn_nothing_fly_a_whole_bench(folder: Path) -> None:
    results = load(folder)
    assert results.missing == []
    assert {(g.method, g.task, g.where) for g in results.groups} == {
        (m, t, r) for m in ("random", "scripted") for t in ("S1", "MC-2") for r in ("R0", "R1")
    }
    text = (folder / "report.md").read_text()
    assert "flat PPO: not asked for." in text and "| scripted | not trained |" in text


def test_the_same_command_again_flies_nothing(folder: Path) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*.jsonl")}
    assert main([*TINY, "--workers", "1", "--out", str(folder)]) == 0
    assert {p: p.read_bytes() for p in folder.rglob("*.jsonl")} == before


def test_a_replay_is_the_flight_of_the_ledger(folder: Path) -> None:
    cell = Cell("scripted", 0, "MC-2", "R1")
    record = ledger.read(folder / CELLS / cell.name)
    assert record is not None
    log, result = replay(cell, 2, None)
    assert result == record.episodes[2]
    assert log.judged == result.outcome
    assert len(log.rows) == pytest.approx(10 * result.duration_s, abs=1)
    path = np.array([row.truth.position for row in log.rows if row.truth is not None])
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(result.path_m, abs=0.1)
    assert all(row.jpeg for row in log.rows) and any(row.detections.items for row in log.rows)


def test_a_method_on_board_sees_what_it_sees_in_the_batched_world() -> None:
    """The scripted agent, put on board, flies a mission of the pipeline with its own eyes."""
    seen: list[dict[str, tuple[int, ...]]] = []

    class Watched(ScriptedAgent):
        def act(self, world):  # type: ignore[no-untyped-def]
            assert world.frames.shape == (1, HEIGHT, WIDTH)
            names = ("values", "routes", "detections", "ranges", "position", "goal", "action", "leg_s")
            seen.append({name: getattr(world, name).shape for name in names})
            return super().act(world)

    onboard = Onboard(Watched(1), seed=4)
    spec = EpisodeSpec("S1", 4, Rung.R0, planner="scripted", navigator="scripted", world="fast")
    with open_stage(spec, assemble=onboard.pipeline) as stage:
        referee = Referee(stage, spec)
        fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (referee,),
            options=FlightOptions(keep_frames=False), truth=stage.truth.row,
        )  # fmt: skip
        assert referee.finish("").success
        assert referee.option is not None and referee.option.kind in (OptionKind.GO_TO, OptionKind.LAND)
    assert seen[0]["values"][:2] == (1, NUM_GOALS) and seen[0]["detections"][2] == 6
    assert (seen[0]["position"], seen[0]["goal"], seen[0]["action"]) == ((1, 3), (1,), (1, 4))


def test_a_dry_run_says_what_is_left_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "--methods", "flat-ppo,random", "--tasks", "S1", "--rungs", "R1", "--seeds", "0-1"]
    words += ["--steps", "5e5", "--runs", str(tmp_path / "train"), "--out", str(tmp_path / "bench")]
    assert main([*words, "--workers", "2", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would train flat-ppo on MC-3, seed 1, 500.0 k steps" in said
    assert "3 of 3 cells have episodes left" in said and "with 2 workers" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bench", "--suite", "papers"], 'did you mean "paper"?'),
        (["bench", "--methods", "flat-pop"], 'did you mean "flat-ppo"?'),
        (["bench", "--tasks", "S1,MC3"], 'did you mean "MC-3"?'),
        (["bench", "--seeds", "0..4"], "no list of seeds"),
        (["bench", "--steps", "ours=many"], "not a whole number"),
        (["bench", "--report-only", "--out", "nowhere"], "nowhere holds no bench"),
        (["show", "--method", "scriptde"], 'did you mean "scripted"?'),
        (["show", "--method", "map-planner"], "has no camera"),
        (["show", "--method", "flat-ppo", "--rung", "R1", "--runs", "nowhere"], "no finished training"),
        (["show", "--method", "random", "--out", "film.avi"], "has to end in .mp4"),
    ],
)
def test_a_mistake_is_answered_in_sentences(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    text = capfd.readouterr()
    assert said in text.err + text.out


def test_a_film_of_an_episode_stands_beside_its_page(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    film = tmp_path / "show.mp4"
    words = ["show", "--task", "S1", "--seed", "56", "--method", "random", "--rung", "R0", "--out", str(film)]
    assert main(words) == 0
    assert {p.name for p in tmp_path.iterdir() if p.is_file()} == {"show.mp4", "show.html"}
    assert film.read_bytes()[4:8] == b"ftyp"
