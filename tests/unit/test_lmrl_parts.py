"""Trajectories, words, scores, reports of the text games."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprohrl.cli.main import main
from reprohrl.contracts.errors import UserError
from reprohrl.lmrl import report, trajectory
from reprohrl.lmrl.game import History
from reprohrl.lmrl.games.maze import MOVES, STARTS, Maze, distances, moved
from reprohrl.lmrl.play import play
from reprohrl.lmrl.score import Scale
from reprohrl.lmrl.trajectory import Trajectory
from reprohrl.lmrl.words import Words


def episode(score: float, seed: int = 0) -> Trajectory:
    return Trajectory(("a\n", "b\n", "c\n"), (score,), True, seed)


def test_trajectories_survive_the_file(tmp_path: Path) -> None:
    kept = [episode(-1.5, 3), Trajectory(("x\n", "y z\n", "1, 2\n", "w\n", "\n"), (-1.0, 0.0), False, 4)]
    trajectory.write(tmp_path / "a" / "data.jsonl", kept)
    assert trajectory.read(tmp_path / "a" / "data.jsonl") == kept
    assert not list(tmp_path.rglob("*.part"))


def test_a_spoilt_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(episode(1.0).to_json() + '\n{"texts": ["a"]}\n')
    with pytest.raises(UserError, match="line 2"):
        trajectory.read(path)
    with pytest.raises(UserError, match="rewards"):
        Trajectory(("a", "b"), (1.0,), True)


def test_the_best_episodes_are_kept_in_their_order() -> None:
    found = trajectory.best([episode(s) for s in (1.0, 5.0, 2.0, 5.0, 0.0)], 0.4)
    assert [t.score for t in found] == [5.0, 5.0]
    assert len(trajectory.best([episode(1.0)], 0.01)) == 1


@pytest.mark.parametrize(
    ("score", "expected"),
    # The paper's fully observed Maze: mean returns and the scores it reports for them.
    [(-72.1, 57.2), (-56.4, 67.5), (-48.1, 72.9), (-6.97, 99.9), (-37.7, 79.7), (-71.755, 57.4)],
)
def test_scores_are_normalised_as_in_the_paper(score: float, expected: float) -> None:
    assert Scale(-101.0, -83.0, -6.84).normalise(score) == pytest.approx(expected, abs=0.06)


def test_half_the_scale_lies_below_the_data() -> None:
    scale = Scale(-101.0, -83.0, -6.84)
    assert [scale.normalise(s) for s in (-101.0, -92.0, -83.0, -6.84)] == [0.0, 25.0, 50.0, 100.0]


TEXTS = [Maze().start(cell) for cell in STARTS]


def test_words_come_back_as_they_went() -> None:
    words = Words.of(TEXTS, MOVES)
    for action in MOVES:
        assert words.decode(words.encode(action)) == action
        assert len(words.encode(action)) == 3
    assert words.encode("move sideways\n").count(words.unknown) == 1


def test_phrases_shorten_texts_and_keep_them_apart() -> None:
    words = Words.of(TEXTS, MOVES)
    plain = Words(tuple(dict.fromkeys(["<pad>", "<unknown>", "\n", *"a"])))
    assert max(len(words.encode(t)) for t in TEXTS) < 15 < len(plain.encode(TEXTS[0]))
    assert len({tuple(words.encode(t)) for t in TEXTS}) == len(set(TEXTS))


@given(st.lists(st.text(alphabet="ab ,\n", max_size=12), max_size=8))
def test_different_known_texts_have_different_numbers(texts: list[str]) -> None:
    words = Words.of(texts)
    by_numbers: dict[tuple[int, ...], set[str]] = {}
    for text in texts:
        same = " ".join(text.replace("\n", " \n ").split(" "))
        by_numbers.setdefault(tuple(words.encode(text)), set()).add(words.decode(words.encode(text)))
        assert words.unknown not in words.encode(text), same
    assert all(len(found) == 1 for found in by_numbers.values())


class Knows:
    """Walks the shortest way, read from the text."""

    def __init__(self) -> None:
        far = distances()
        self.way = {Maze().start(c): min(MOVES, key=lambda a, c=c: far[moved(c, a)]) for c in STARTS}  # type: ignore[misc]
        self.asked: list[int] = []

    def reset(self, seeds: Sequence[int]) -> None:
        self.asked = []

    def act(self, games: Sequence[int], histories: Sequence[History]) -> list[str]:
        self.asked.append(len(games))
        return [self.way[h[-1]] for h in histories]


def test_games_are_played_side_by_side_until_each_is_over() -> None:
    player = Knows()
    played = play(Maze, player, range(30))
    far = distances()
    assert all(t.done and t.score > -20 for t in played)
    assert player.asked[0] == 30 and player.asked == sorted(player.asked, reverse=True)
    assert max(len(t.actions) for t in played) == len(player.asked) <= max(far.values())
    assert play(Maze, Knows(), range(30)) == played


def result(task: str, algorithm: str, seed: int, scores: list[float]) -> dict[str, object]:
    mean = sum(scores) / len(scores)
    scale = Scale(-101.0, -83.0, -6.84)
    return {
        "task": task, "algorithm": algorithm, "seed": seed, "score": mean, "scores": scores,
        "normalised": scale.normalise(mean), "episodes": len(scores), "scale": [-101.0, -83.0, -6.84],
        "seconds": 20.0, "cpu_s": 10.0, "steps": 100,
        "curve": [
            {"step": 50.0, "seconds": 10.0, "score": -50.0}, {"step": 100.0, "seconds": 20.0, "score": mean}
        ],
    }  # fmt: skip


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for algorithm, base in (("ilql", -7.0), ("bc", -80.0)):
        for seed in (0, 1):
            folder = tmp_path / "maze-fo" / algorithm / f"seed{seed}"
            folder.mkdir(parents=True)
            (folder / "result.json").write_text(
                json.dumps(result("maze-fo", algorithm, seed, [base, base - 2.0]))
            )
    return tmp_path


def test_the_report_has_a_row_for_each_algorithm_with_seeds_and_interval(runs: Path) -> None:
    results = report.read_results(runs)
    assert [r[0] for r in report.rows(results, "maze-fo")] == ["bc", "ilql"]
    bc = report.rows(results, "maze-fo")[0]
    assert (bc[3], bc[5], bc[6]) == ("-81.00", "2 x 2", "10")
    low, high = (float(x) for x in bc[4].split(" to "))
    assert low < -82.0 and high > -80.0
    text = report.to_markdown(results)
    assert "### maze-fo" in text and "| ilql | 99.2 |" in text


def test_the_verb_writes_page_and_tables(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = runs / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    assert main(["lmrl", "report", "--out", str(runs), "--page", str(page)]) == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| bc |" in text and "polyline" in (runs / "report.html").read_text()
    assert main(["lmrl", "report", "--out", str(runs), "--page", str(page)]) == 0
    assert page.read_text() == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--out", "nowhere"], "no finished run"),
        (["train", "--task", "maze-of"], "maze-fo"),
        (["train", "--algo", "iqll"], "ilql"),
        (["train", "--set", "bta=3"], "beta"),
        (["train", "--set", "beta=many"], "no number"),
        (["train", "--seeds", "x"], "names no seeds"),
        (["eval", "nowhere"], "nowhere"),
    ],
)
def test_a_mistake_is_answered_in_sentences(
    words: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if words[0] != "report":
        pytest.importorskip("torch")
    assert main(["lmrl", *words]) == 2
    assert said in " ".join(capfd.readouterr().err.split())
