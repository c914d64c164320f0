"""The text games keep the published rules: rewards, illegal moves, limits."""

from __future__ import annotations

from statistics import fmean

import numpy as np
import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.lmrl.game import Turn
from reprohrl.lmrl.games.maze import FREE, GOAL, LIMIT, MAP, MOVES, STARTS, Maze, distances, moved
from reprohrl.lmrl.games.wordle import GUESSES, Wordle, fits, learned, marks, possible, spelt
from reprohrl.lmrl.games.wordle_words import WORDS
from reprohrl.lmrl.players import maze as maze_player
from reprohrl.lmrl.players import wordle as wordle_player
from reprohrl.lmrl.tasks import TASKS, task

# --- Maze


def test_the_maze_is_the_double_t_of_10_by_13_with_the_goal_at_8_6() -> None:
    assert (len(MAP), {len(row) for row in MAP}) == (10, {13})
    assert len(FREE) == 26 and GOAL == (8, 6)
    assert [row.count(" ") for row in MAP] == [0, 10, 2, 2, 2, 7, 1, 1, 1, 0]


def test_the_best_walk_scores_minus_6_84_on_average_as_published() -> None:
    assert fmean(1.0 - distances()[cell] for cell in STARTS) == pytest.approx(-6.84)


def test_a_move_costs_1_words_that_are_no_move_cost_4_and_the_goal_costs_nothing() -> None:
    game = Maze()
    game.start((6, 6))
    assert game.step("move down\n") == Turn(
        "The goal is at position 8, 6. Your current position is at position 7, 6. "
        "There are walls to your right, to your left.\n", -1.0, False,
    )  # fmt: skip
    wall = game.step("move left\n")
    assert (wall.reward, wall.done, game.cell) == (-1.0, False, (7, 6))
    for nonsense in ("fly down\n", "move down", "", "move down\nmove down\n"):
        turn = game.step(nonsense)
        assert (turn.reward, turn.done, game.cell) == (-4.0, False, (7, 6))
    assert game.step("move down\n") == Turn("Success\n", 0.0, True)


def test_the_move_after_100_is_not_made_and_answered_by_failure() -> None:
    game = Maze()
    game.start((7, 6))
    for _ in range(LIMIT):
        assert not game.step("move left\n").done
    assert game.step("move down\n") == Turn("Failure\n", -1.0, True)


@pytest.mark.parametrize("cell", FREE)
def test_partially_observed_the_walls_alone_are_told(cell: tuple[int, int]) -> None:
    seen, told = Maze(fully_observed=False).start(cell), Maze().start(cell)
    assert "position" not in seen and told.endswith(seen)
    around = sum(moved(cell, action) == cell for action in MOVES)
    assert seen.count("you") == around


def test_two_digit_columns_are_told_digit_by_digit() -> None:
    assert "position 1, 1 0." in Maze().start((1, 10))


def test_recorded_walks_are_as_many_and_score_as_published() -> None:
    walks = list(maze_player.record(seed=0))
    assert len(walks) == 1240
    assert fmean(w.score for w in walks) == pytest.approx(-83.0, abs=2.0)
    assert min(w.score for w in walks) == -101.0
    first = next(iter(maze_player.record(seed=0)))
    assert first == walks[0] != next(iter(maze_player.record(seed=1)))


# --- Wordle


def test_letters_are_marked_green_yellow_or_black() -> None:
    known = learned({}, "crane", "caper")
    assert marks(known, "crane") == "gyyby"


def test_words_that_contradict_an_answer_are_ruled_out() -> None:
    known = learned({}, "brick", "chair")
    assert fits(known, "chair")
    for word in ("brick", "stone", "block", "candy", "crisp"):
        assert not fits(known, word)


@pytest.mark.parametrize("seed", range(20))
def test_the_hidden_word_always_fits_what_is_known(seed: int) -> None:
    rng = np.random.default_rng(seed)
    game = Wordle()
    game.reset(seed)
    for _ in range(GUESSES):
        before = possible(game.known, WORDS)
        turn = game.step(spelt(WORDS[int(rng.integers(len(WORDS)))]))
        after = possible(game.known, WORDS)
        assert after and set(after) <= set(before)
        if turn.done:
            break


def test_a_guess_costs_1_the_right_one_nothing_and_there_are_six() -> None:
    game = Wordle(("about", "world"))
    game.reset(0)
    first = game.step("a b o u t\n")
    if not first.done:
        assert (first.reward, first.observation) == (-1.0, "b b y b b\n")
        assert game.step("w o r l d\n") == Turn("g g g g g\n", 0.0, True)
    else:
        assert first == Turn("g g g g g\n", 0.0, True)
    game.reset(1)
    turns = [game.step("z z z z z\n") for _ in range(GUESSES)]
    assert [t.reward for t in turns] == [-1.0] * GUESSES
    assert [t.done for t in turns] == [False] * (GUESSES - 1) + [True]
    assert {t.observation for t in turns} == {"\n"} and not game.known


def test_the_list_holds_200_different_words_of_five_letters() -> None:
    assert len(set(WORDS)) == len(WORDS) == 200
    assert all(len(w) == 5 and w.isascii() and w.islower() for w in WORDS)


def test_a_player_who_always_fits_beats_one_who_guesses() -> None:
    fit, mixed, blind = (
        fmean(g.score for g in wordle_player.record(seed=0, episodes=100, smart=smart))
        for smart in (1.0, 0.3, 0.0)
    )
    assert fit > mixed + 0.5 and mixed > blind + 0.5


# --- Endgames


def test_mate_is_worth_1_and_an_illegal_move_costs_1_and_changes_nothing() -> None:
    chess = pytest.importorskip("chess")
    from reprohrl.lmrl.games.endgames import Endgames

    game = Endgames()
    text = game.start(chess.Board("k7/8/1K6/8/8/8/8/7Q w - - 0 1"))
    assert text == "k 7 / 8 / 1 K 6 / 8 / 8 / 8 / 8 / 7 Q   w   -   -   0   1\n"
    for illegal in ("Q a 9\n", "K a 7\n", "", "- -\n", "Q h 9\n"):
        assert game.step(illegal) == Turn(text, -1.0, False)
    turn = game.step("Q h 8 #\n")
    assert (turn.reward, turn.done) == (1.0, True)


def test_stalemate_is_worth_nothing_and_ends_the_game() -> None:
    chess = pytest.importorskip("chess")
    from reprohrl.lmrl.games.endgames import Endgames

    game = Endgames()
    game.start(chess.Board("k7/8/1K6/8/8/8/8/2Q5 w - - 0 1"))
    turn = game.step("Q c 7\n")
    assert (turn.reward, turn.done) == (0.0, True)


def test_an_endgame_that_is_not_won_ends_at_the_limit() -> None:
    pytest.importorskip("chess")
    from reprohrl.lmrl.games.endgames import LIMIT as MOST
    from reprohrl.lmrl.games.endgames import Endgames

    game = Endgames()
    game.reset(0)
    turns = [game.step("nonsense") for _ in range(MOST)]
    assert [t.done for t in turns] == [False] * (MOST - 1) + [True]


def test_positions_are_legal_and_repeat_with_their_seed() -> None:
    chess = pytest.importorskip("chess")
    from reprohrl.lmrl.games.endgames import PIECES, Endgames

    seen = set()
    for seed in range(40):
        game = Endgames()
        assert game.reset(seed) == Endgames().reset(seed)
        assert game.board.is_valid() and game.board.turn == chess.WHITE and not game.board.is_check()
        seen.add("".join(sorted(p.symbol() for p in game.board.piece_map().values())))
    assert seen == {"".join(sorted(p)) for p in PIECES}


def test_an_unknown_opponent_is_refused() -> None:
    from reprohrl.lmrl.games.endgames import Endgames

    with pytest.raises(UserError, match="random, stockfish"):
        Endgames(opponent="karpov")


# --- DroneNav-Text


def test_a_second_costs_1_words_that_are_no_legal_option_cost_4_and_success_costs_nothing() -> None:
    from reprohrl.lmrl.games.drone_nav import TEST_SEEDS, DroneNav

    game = DroneNav(task="S1")
    text = game.reset(TEST_SEEDS + 1)
    assert text.endswith(f"options: {', '.join(game.legal)}\n") and "progress:" in text
    assert game.step("fly to the moon\n").reward == -4.0
    rewards = []
    for _ in range(60):
        turn = game.step(next(iter(game.legal)) + "\n")
        rewards.append(turn.reward)
        if turn.done:
            break
    assert turn.done and game.succeeded
    assert rewards == [-1.0] * (len(rewards) - 1) + [0.0]


def test_a_mission_ends_after_60_options() -> None:
    from reprohrl.lmrl.games.drone_nav import LIMIT as MOST
    from reprohrl.lmrl.games.drone_nav import DroneNav

    game = DroneNav(task="MS-2")
    game.reset(5)
    turns = [game.step("hold\n") for _ in range(MOST)]
    assert not any(t.done for t in turns[:-1]) and turns[-1].done


# --- all


@pytest.mark.parametrize("name", [n for n in TASKS if not n.startswith("text-nav")])
def test_recorded_episodes_replay_to_the_same_texts_and_rewards(name: str) -> None:
    if name == "endgames":
        pytest.importorskip("chess")
    what = task(name)
    for recorded in what.record(seed=3, episodes=5):
        game = what.make()
        assert game.reset(recorded.seed) == recorded.texts[0]
        for action, text, reward in zip(
            recorded.actions, recorded.observations[1:], recorded.rewards, strict=True
        ):
            turn = game.step(action)
            assert (turn.observation, turn.reward) == (text, reward)
        assert turn.done == recorded.done
        assert what.worst <= recorded.score <= 1.0


def test_an_unknown_task_is_answered_by_the_nearest() -> None:
    with pytest.raises(UserError, match="maze-fo"):
        task("maze-of")
