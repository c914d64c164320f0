"""Episodes are gathered honestly, and an interrupted evaluation goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reprohrl.evaluation.judge import Outcome
from reprohrl.evaluation.ledger import Ledger
from reprohrl.evaluation.runner import episodes, run_all
from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec
from reprohrl.evaluation.table import COLUMNS, cells


def result(seed: int, outcome: Outcome = Outcome.SUCCESS, *, view: bool = True) -> EpisodeResult:
    reached = 3 if outcome is Outcome.SUCCESS else 1
    return EpisodeResult("MC-3", seed, outcome, 3, reached, view, 20.0, (5.0,) * reached, 4.0, 0.5)


def test_views_are_reported_apart_and_add_up() -> None:
    results = [result(0), result(1, Outcome.WRONG_GOAL), result(2, view=False)]
    results += [result(3, Outcome.COLLISION_WALL, view=False), result(4, Outcome.TIMEOUT, view=False)]
    results[-1] = replace(results[-1], any_order=3)
    everything, seen, unseen = cells(results)
    assert (everything.episodes, seen.episodes, unseen.episodes) == (5, 2, 3)
    assert everything.success.value == 0.4
    assert everything.row()[5:9] == ("1", "1", "1", "0")
    assert everything.any_order.value == 0.6, "all three were visited, in another order"
    assert abs(everything.progress - (1 + 1 / 3 + 1 + 1 / 3 + 1 / 3) / 5) < 1e-12
    assert all(len(c.row()) == len(COLUMNS) for c in (everything, seen, unseen))


def test_a_view_without_episodes_claims_nothing() -> None:
    _, _, unseen = cells([result(0)])
    assert unseen.row()[1:3] == ("0", "-")
    assert unseen.to_dict()["success_rate"] is None


def test_every_method_flies_the_same_seeds() -> None:
    ours = episodes(EpisodeSpec("C1", 0), 4, 10)
    theirs = episodes(EpisodeSpec("C1", 0, planner="scripted"), 4, 10)
    assert [s.seed for s in ours] == [s.seed for s in theirs] == [10, 11, 12, 13]
    assert ours[0].family() == ours[3].family() != theirs[0].family()


def test_finished_episodes_survive_an_interruption_even_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    first = Ledger(path, "models-1", resume=True)
    first.add(result(0))
    first.add(result(1, Outcome.TIMEOUT))
    path.write_text(path.read_text()[:-20])
    assert Ledger(path, "models-1", resume=True).done == {0: result(0)}


def test_episodes_of_other_models_or_without_resume_are_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    Ledger(path, "models-1", resume=False).add(result(0))
    assert Ledger(path, "models-2", resume=True).done == {}
    Ledger(path, "models-1", resume=False).add(result(0))
    assert Ledger(path, "models-1", resume=False).done == {}


def test_results_come_back_for_every_spec() -> None:
    specs = episodes(EpisodeSpec("S1", 0), 5)
    assert [r.seed for r in run_all(specs, lambda s: result(s.seed))] == [0, 1, 2, 3, 4]
