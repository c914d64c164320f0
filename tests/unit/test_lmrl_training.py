"""The learners of the text games: what they read, what they aim at, how they speak, how they go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
torch = pytest.importorskip("torch")

from reprohrl.contracts.errors import UserError  # noqa: E402
from reprohrl.lmrl.game import Turn  # noqa: E402
from reprohrl.lmrl.games.maze import MOVES, STARTS, Maze, describe  # noqa: E402
from reprohrl.lmrl.play import play  # noqa: E402
from reprohrl.lmrl.tasks import task  # noqa: E402
from reprohrl.lmrl.trajectory import Trajectory  # noqa: E402
from reprohrl.lmrl.words import Words  # noqa: E402
from reprohrl.training.lmrl import load_policy, losses, page  # noqa: E402
from reprohrl.training.lmrl.learner import Setup  # noqa: E402
from reprohrl.training.lmrl.model import SUPPORT, Shape, Speaker, Valuer, supported  # noqa: E402
from reprohrl.training.lmrl.offline import Cloning, Ilql  # noqa: E402
from reprohrl.training.lmrl.online import Ppo, advantages  # noqa: E402
from reprohrl.training.lmrl.rows import FOLLOWS, TERMINAL, Batch, Recorded  # noqa: E402
from reprohrl.training.lmrl.settings import settings_for  # noqa: E402
from reprohrl.training.lmrl.store import Place  # noqa: E402
from reprohrl.training.lmrl.talker import Talker  # noqa: E402
from reprohrl.training.lmrl.train import Request, train  # noqa: E402

TALK = Trajectory(("a b\n", "go up\n", "c\n", "go\n", "b a a\n"), (-1.0, 5.0), True)
WORDS = Words(("<pad>", "<unknown>", "\n", "a", "b", "c", "go", "up"))


def words_of(batch: Batch, row: int) -> list[str]:
    return [WORDS.words[n] for n in batch.words[row] if n != WORDS.pad]


def test_a_window_of_the_whole_talk_knows_its_actions_rewards_and_next_states() -> None:
    (batch,) = Recorded([TALK], WORDS, turns=4, gamma=0.5).pieces(8)
    assert words_of(batch, 0) == [
        "a",
        "b",
        "\n",
        "go",
        "up",
        "\n",
        "c",
        "\n",
        "go",
        "\n",
        "b",
        "a",
        "a",
        "\n",
    ]
    assert [WORDS.words[n] for n in batch.chosen] == ["go", "up", "\n", "go", "\n"]
    assert batch.at.tolist() == [3, 4, 5, 8, 9]
    assert batch.reward.tolist() == [0.0, 0.0, -1.0, 0.0, 5.0]
    # Within an action the next state is the word itself; behind it, the end of the next observation.
    assert batch.after.tolist() == [3, 4, 7, 8, TERMINAL]
    # Discounted by word: 5 at the end, -1 + 0.25 * 5 behind the first action.
    assert batch.returns.tolist() == pytest.approx([0.25 * 0.25, 0.5 * 0.25, 0.25, 2.5, 5.0])


def test_a_policy_without_memory_reads_one_turn_and_the_next_observation_stands_apart() -> None:
    (batch,) = Recorded([TALK], WORDS, turns=1, gamma=0.5).pieces(8)
    assert [words_of(batch, r) for r in range(2)] == [
        ["a", "b", "\n", "go", "up", "\n"],
        ["c", "\n", "go", "\n"],
    ]
    assert batch.after.tolist() == [3, 4, FOLLOWS, 2, TERMINAL]
    follower = int(batch.follower[2])
    assert [WORDS.words[n] for n in batch.following[follower][: batch.end[follower] + 1]] == ["c", "\n"]


def test_rows_that_read_the_same_are_held_once() -> None:
    batch = Recorded([TALK, TALK], WORDS, turns=2, gamma=0.5).draw(np.random.default_rng(0), 40)
    assert len(batch.words) < 4 < len(batch.row)


def test_few_different_turns_are_read_all_at_once_with_their_counts_and_mean_returns() -> None:
    other = Trajectory((*TALK.texts[:3], "up\n", "c\n"), (-1.0, -5.0), True)
    data = Recorded([TALK, other, other], WORDS, turns=1, gamma=0.5)
    batch = data.draw(np.random.default_rng(0), 3)
    turns = [(words_of(batch, int(r)), float(w)) for r, w in zip(batch.row, batch.weight, strict=True)]
    assert turns[2] == (["a", "b", "\n", "go", "up", "\n"], 3.0)
    assert [w for _, w in turns] == [3.0, 3.0, 3.0, 1.0, 1.0, 2.0, 2.0]
    everything = Recorded([TALK, other, other], WORDS, turns=1, gamma=0.5).pieces(8)[0]
    assert float(batch.mean(batch.returns)) == pytest.approx(float(everything.mean(everything.returns)))
    assert len(data.draw(np.random.default_rng(0), 2).words) <= 2


def test_every_turn_of_long_talks_is_drawn_about_as_often() -> None:
    long = Trajectory(
        tuple("abc"[i % 3] + "\n" if i % 2 == 0 else "go\n" for i in range(41)), (0.0,) * 20, True
    )
    seen = np.zeros(20)
    data = Recorded([long], WORDS, turns=4, gamma=1.0)
    rng = np.random.default_rng(0)
    for _ in range(4000):
        first, last = data._window(0, int(rng.integers(data._ends[-1])))[1:]
        assert 1 <= last - first <= 4
        seen[first:last] += 1
    assert seen.min() > 0.85 * seen.mean()


def one_word(reward: float, after: int) -> Batch:
    """A batch of one action word, number 1 of 2, chosen at position 1."""
    one = torch.tensor([0])
    return Batch(
        torch.tensor([[0, 1]]), one, torch.tensor([1]), torch.tensor([reward]), torch.tensor([reward]),
        torch.tensor([after]), one, torch.tensor([[0]]), one, torch.ones(1),
    )  # fmt: skip


def test_values_learn_by_the_squared_and_the_conservative_error() -> None:
    q = torch.tensor([[0.0, 3.0]])
    loss = losses.value(q, torch.tensor([5.0]), one_word(1.0, 0), conservatism=0.1)
    assert float(loss) == pytest.approx(0.5 * 2.0**2 + 0.1 * float(torch.logsumexp(q, 1) - 3.0))


@pytest.mark.parametrize("tau", [0.5, 0.7, 0.95, 0.99])
def test_an_expectile_weighs_what_lies_above_by_tau_and_what_lies_below_by_the_rest(tau: float) -> None:
    torch.manual_seed(0)
    values, scores = 10.0 * torch.randn(50, 30), 3.0 * torch.randn(50, 30)
    log_p = supported(scores)
    found = losses.expectile(values, log_p, tau)
    chance = log_p.exp()
    above = (chance * (values - found[:, None]).clamp(min=0)).sum(dim=1)
    below = (chance * (found[:, None] - values).clamp(min=0)).sum(dim=1)
    assert torch.allclose(tau * above, (1.0 - tau) * below, rtol=1e-3, atol=1e-4)


def test_words_that_the_clone_hardly_ever_says_have_no_chance() -> None:
    log_p = supported(torch.tensor([[5.0, 5.0 + np.log(SUPPORT) + 0.01, 5.0 + np.log(SUPPORT) - 0.01]]))
    assert log_p.isinf().tolist() == [[False, False, True]]


def test_nothing_is_worth_anything_after_the_end() -> None:
    for after, expected in ((TERMINAL, 0.0), (FOLLOWS, 7.0), (0, 3.0)):
        found = losses.next_values(torch.tensor([3.0]), torch.tensor([7.0]), one_word(0.0, after))
        assert found.tolist() == [expected]


def test_advantages_are_the_discounted_sum_of_surprises_up_to_the_end_of_an_episode() -> None:
    batches = [one_word(1.0, 0), one_word(2.0, TERMINAL), one_word(3.0, TERMINAL)]
    zero = torch.zeros(1)
    aims = [(zero, torch.tensor([0.5]), torch.tensor([0.25])), (zero, zero, zero), (zero, zero, zero)]
    found = [float(a) for a in advantages(batches, aims, gamma=0.8, lam=0.5)]
    assert found == pytest.approx([1.0 + 0.8 * 0.25 - 0.5 + 0.4 * 2.0, 2.0, 3.0])


def test_ppo_gains_nothing_beyond_its_clip() -> None:
    one = torch.ones(1)
    for step, expected in ((0.1, 1.1051709), (1.0, 1.2)):
        gain, _ = losses.ppo(step * one, 0 * one, one, 0 * one, 0 * one, clip=0.2)
        assert float(-gain) == pytest.approx(expected)


@pytest.fixture(scope="module", params=["a row", "a page"])
def trained(request: pytest.FixtureRequest) -> tuple[Words, Speaker, Valuer]:
    torch.manual_seed(0)
    words = Words.of((describe(c, fully_observed=True) for c in STARTS), MOVES)
    end = words.end if request.param == "a page" else -1
    shape = Shape(len(words), 80, width=16, layers=2, end=end)
    speaker, valuer = Speaker(shape), Valuer(shape)
    for part in (valuer.q1, valuer.q2):
        torch.nn.init.normal_(part[2].weight)
    return words, speaker, valuer


def test_on_a_page_words_know_their_line_and_column_and_how_far_others_stand() -> None:
    words = torch.tensor([[3, 4, 2, 5, 6, 2, 7, 0]])
    at = page.places(words, end=2)
    lines, columns = at // page.COLUMNS, at % page.COLUMNS
    assert lines.tolist() == [[0, 0, 0, 1, 1, 1, 2, 2]] and columns.tolist() == [[0, 1, 2, 0, 1, 2, 0, 1]]
    for i in range(7):
        assert page.follow(at[:, i], words[:, i], end=2) == at[:, i + 1]
    distance = page.apart(at, at)[0]
    assert distance[4, 1] == distance[7, 4], "right above, in every line"
    assert len({int(distance[4, k]) for k in (0, 1, 2, 3, 4)}) == 5
    wide = torch.full((1, 40), 3)
    assert page.places(wide, end=2).max() == page.COLUMNS - 1, "words far right share a column"


def test_new_heads_of_a_page_look_along_lines_and_columns() -> None:
    one = page.attractions(4).reshape(4, page.LINES_APART, page.WIDE)
    mark = int(page.apart(torch.tensor([[2 * page.COLUMNS]]), torch.tensor([[page.COLUMNS + 1]])))
    assert one[0].flatten()[mark] > 0, "what stands above the word that comes next"
    assert (one[1] > 0).sum() == 1 and (one[2] > 0).sum() == page.WIDE and not one[3].any()


def test_speaking_word_by_word_is_reading_the_whole_text(trained: tuple[Words, Speaker, Valuer]) -> None:
    """The kept keys and values, texts of different lengths side by side, change nothing."""
    words, speaker, valuer = trained
    talker = Talker(words, speaker, turns=3, most_words=4, valuer=valuer, beta=2.0, greedy=True)
    histories: list[tuple[str, ...]] = []
    for cell in STARTS[:8]:
        here, there = (describe(c, fully_observed=True) for c in (cell, STARTS[0]))
        histories += [(here,), (there, "move up\n", here)]
    said = talker.act(range(len(histories)), histories)
    for history, action in zip(histories, said, strict=True):
        read = [n for text in history for n in words.encode(text)]
        for number in words.encode(action):
            with torch.no_grad():
                row = torch.tensor([read])
                scores = torch.log_softmax(speaker(row)[0, -1], dim=0)
                scores[[words.pad, words.unknown]] = -torch.inf
                scores[scores < scores.max() + np.log(SUPPORT)] = -torch.inf
                hidden = valuer.reader(row)[0, -1]
                scores = scores + 2.0 * torch.minimum(valuer.q1(hidden), valuer.q2(hidden))
            assert int(scores.argmax()) == number
            read.append(number)


def test_an_episode_has_its_own_luck_whatever_is_played_beside_it(
    trained: tuple[Words, Speaker, Valuer],
) -> None:
    words, speaker, _ = trained
    talker = Talker(words, speaker, turns=1, most_words=4)
    alone = [play(Maze, talker, [s], limit=12)[0] for s in (3, 4)]
    assert play(Maze, talker, [3, 4], limit=12) == alone


def test_only_the_last_turns_are_read(trained: tuple[Words, Speaker, Valuer]) -> None:
    words, speaker, _ = trained
    here = describe(STARTS[3], fully_observed=True)
    talker = Talker(words, speaker, turns=1, most_words=4)
    assert talker.encode(("anything", "move up\n", here)) == words.encode(here)
    assert len(Talker(words, speaker, turns=2, most_words=4).encode((here, "move up\n", here))) > len(
        words.encode(here)
    )


CELLS = 5


def corridor(walks: int, left: float = 0.7) -> list[Trajectory]:
    """Random walks of at most 30 moves between cells 0 and 5, -1 a move; reaching 5 ends them."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(walks):
        at, texts, rewards = int(rng.integers(CELLS)), [], []
        while at < CELLS and len(rewards) < 30:
            texts += [f"at {at}\n", "left\n" if rng.random() < left else "right\n"]
            at = max(at + (1 if texts[-1] == "right\n" else -1), 0)
            rewards.append(-1.0)
        found.append(Trajectory((*texts, f"at {at}\n"), tuple(rewards), True))
    return found


def test_ilql_walks_a_way_that_no_recorded_walk_went() -> None:
    """Moves to the right have 30 %: five in a row are in none of these walks."""
    torch.manual_seed(0)
    walks = corridor(300)
    assert not any("at 0\n" in w.texts and len(w.actions) == CELLS and at_end(w) for w in walks)
    words = Words.of((t for w in walks for t in w.observations), ("left\n", "right\n"))
    settings = settings_for(
        task("maze-fo"), "ilql", {"width": 16, "steps": 350, "warm": 100, "rate": 0.005, "polyak": 0.2}
    )
    data = Recorded(walks, words, turns=1, gamma=settings.gamma)
    speaker = Speaker(Shape(len(words), 12, width=16, layers=1))
    setup = Setup(settings, words, data, speaker, 1, 3, Maze, 0)
    for learner in (Cloning(setup), Ilql(setup)):
        for number in range(settings.steps):
            learner.step(number)
    talker = learner.talker()
    texts = [(f"at {cell}\n",) for cell in range(CELLS)]
    talker.reset(range(CELLS))
    assert talker.act(range(CELLS), texts) == ["right\n"] * CELLS


def at_end(walk: Trajectory) -> bool:
    return walk.observations[-1] == f"at {CELLS}\n"


class Corridor:
    """The corridor of the walks as a game: 30 words at most, -4 for those that are no move."""

    def __init__(self) -> None:
        self.at, self.left = 0, 0

    def reset(self, seed: int) -> str:
        self.at, self.left = int(np.random.default_rng(seed).integers(CELLS)), 30
        return f"at {self.at}\n"

    def step(self, action: str) -> Turn:
        self.left -= 1
        legal = action in ("left\n", "right\n")
        if legal:
            self.at = max(self.at + (1 if action == "right\n" else -1), 0)
        return Turn(f"at {self.at}\n", -1.0 if legal else -4.0, self.at == CELLS or self.left == 0)


def test_ppo_gets_better_and_never_unlearns_to_speak() -> None:
    """Many small updates at a high rate: values that moved the speaker's reader cost it 14 points at once."""
    torch.manual_seed(0)
    walks = corridor(200, left=0.6)
    words = Words.of((t for w in walks for t in w.observations), ("left\n", "right\n"))
    small = {"width": 16, "layers": 1, "rows": 16, "rollouts": 16, "passes": 2, "rate": 0.002}
    settings = settings_for(task("maze-fo"), "ppo", small)
    data = Recorded(walks, words, turns=1, gamma=settings.gamma)
    speaker = Speaker(Shape(len(words), 12, width=16, layers=1))
    setup = Setup(settings, words, data, speaker, 1, 3, Corridor, 0)
    cloning = Cloning(replace(setup, settings=replace(settings, rate=0.01, rows=64)))
    for number in range(150):
        cloning.step(number)
    learner = Ppo(setup)
    played = [learner.step(number)["played"] for number in range(6)]
    assert (np.maximum.accumulate(played) - played).max() < 6.0
    assert played[-1] > played[0] + 10.0


SMALL: dict[str, Any] = {"width": 16, "layers": 1, "steps": 5, "rows": 16}


def request(root: Path, algorithm: str, **changes: Any) -> Request:
    place = Place(root, "wordle", algorithm, 0)
    return Request(place, {**SMALL, **changes}, 4, data_episodes=40, looks=1, look_episodes=1)


def test_every_algorithm_trains_and_its_policy_loads_scores_and_plays(tmp_path: Path) -> None:
    for algorithm in ("bc", "filtered-bc", "mc", "ilql", "ppo", "online-filtered-bc"):
        online = {"steps": 2, "rollouts": 3} if algorithm in ("ppo", "online-filtered-bc") else {}
        result = train(request(tmp_path, algorithm, **online))
        assert len(result["scores"]) == 4 and result["score"] == pytest.approx(fmean(result["scores"]))
        policy = load_policy(tmp_path / "wordle" / algorithm / "seed0")
        played = play(task("wordle").make, policy, range(1_000_000, 1_000_004))
        assert [t.score for t in played] == result["scores"]
        scores = policy.score(("Wordle:\n",), ["a b o u t", "w o r l d\n", "qq"])
        assert len(scores) == 3 and all(np.isfinite(scores))


def test_what_is_finished_is_not_trained_again_and_other_settings_are_refused(tmp_path: Path) -> None:
    first = train(request(tmp_path, "bc"))
    begun = time.monotonic()
    assert train(request(tmp_path, "bc")) == first
    with pytest.raises(UserError, match=r"rate=0\.5 is asked for"):
        train(request(tmp_path, "bc", rate=0.5))
    with pytest.raises(UserError, match="starts from the cloned policy"):
        train(request(tmp_path / "other", "ilql"))
    assert time.monotonic() >= begun


def test_a_killed_training_goes_on_to_the_same_result(tmp_path: Path) -> None:
    """One process is killed once it has saved; this one goes on from there, and trains beside it."""
    settings = {"width": 16, "layers": 1, "rows": 16, "steps": 120}
    words = [
        sys.executable, "-m", "reprohrl", "lmrl", "train", "--task", "wordle", "--algo", "bc",
        "--episodes", "4", "--data", "40", "--workers", "1", "--out", str(tmp_path / "killed"),
        *(part for name, value in settings.items() for part in ("--set", f"{name}={value}")),
    ]  # fmt: skip
    state = tmp_path / "killed" / "wordle" / "bc" / "seed0" / "state.pt"
    running = subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=30)
    assert state.exists() and not (state.parent / "result.json").exists()
    begun = torch.load(state, weights_only=True)["number"]
    assert 0 < begun < settings["steps"]
    ours, theirs = (
        train(Request(Place(tmp_path / folder, "wordle", "bc", 0), settings, 4, data_episodes=40))
        for folder in ("killed", "whole")
    )
    assert ours["scores"] == theirs["scores"]
    assert [row["step"] for row in ours["curve"]] == [row["step"] for row in theirs["curve"]]


def test_settings_come_from_the_task_then_the_words() -> None:
    what = task("maze-fo")
    assert settings_for(what, "mc").beta == 2.0 and settings_for(what, "ilql").beta == 16.0
    assert settings_for(what, "mc", {"beta": 0.5}).beta == 0.5
    drone = task("dronenav")
    assert settings_for(drone, "mc").rate == 0.003 and settings_for(drone, "ppo").rate == 0.0003
