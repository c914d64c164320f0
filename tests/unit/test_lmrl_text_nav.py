"""Text-Nav keeps the rules of the paper's repository: house, objects, quest, commands told, limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("textworld", reason="Text-Nav needs the extra lmrl")

from reprohrl.lmrl.games.text_nav import LIMIT, OBJECTIVE, PASSAGES, REDUNDANT, ROOMS, TextNav
from reprohrl.lmrl.players import text_nav as walkers


@pytest.fixture(scope="module")
def game() -> Iterator[TextNav]:
    game = TextNav()
    yield game
    game.close()


def said(game: TextNav, commands: str) -> list[float]:
    """Say commands from the living room on, parted by commas; return their rewards."""
    game.start("living room")
    return [game.step(f"{command.strip()}\n").reward for command in commands.split(",")]


def test_shutting_the_stale_food_into_the_fridge_gives_1_and_ends_the_game(game: TextNav) -> None:
    way = "take stale food from table, go west, go west, open fridge, insert stale food into fridge"
    assert said(game, way) == [0.0] * 5
    turn = game.step("close fridge\n")
    assert (turn.reward, turn.done) == (1.0, True)


def test_eating_the_stale_food_ends_the_game_for_nothing(game: TextNav) -> None:
    assert said(game, "take stale food from table") == [0.0]
    turn = game.step("eat stale food\n")
    assert (turn.reward, turn.done) == (0.0, True)


def test_fresh_food_in_the_fridge_is_worth_nothing(game: TextNav) -> None:
    way = "take fresh food from table, go west, go west, open fridge, insert fresh food into fridge"
    assert said(game, f"{way}, close fridge") == [0.0] * 6


def test_the_house_has_eight_rooms_and_its_passages_lead_both_ways(game: TextNav) -> None:
    assert len(ROOMS) == 8
    for here, way, there, back in PASSAGES:
        game.start(here)
        game.step(f"go {way}\n")
        assert game.room == there
        game.step(f"go {back}\n")
        assert game.room == here


def test_words_that_are_no_command_change_nothing_and_15_commands_end_the_game(game: TextNav) -> None:
    before = game.start("garden")
    turns = [game.step("dance\n") for _ in range(LIMIT)]
    assert OBJECTIVE in before and game.room == "garden"
    assert [t.done for t in turns] == [False] * 14 + [True] and sum(t.reward for t in turns) == 0.0


def test_the_text_lists_the_commands_and_tells_room_and_load_only_where_all_is_observed(
    game: TextNav,
) -> None:
    text = game.start("garden")
    assert "Room: garden." in text and "You are carrying nothing." in text
    assert text.endswith("Admissible commands: go south\n")
    assert not any(word in command for command in game.admissible for word in REDUNDANT)
    half = TextNav(fully_observed=False)
    hidden = half.start("garden")
    half.close()
    assert "Room:" not in hidden and "carrying" not in hidden and "go south" in hidden


def test_each_walker_knows_half_of_the_rooms_and_walks_are_reproducible() -> None:
    assert sorted((*walkers.INNER, *walkers.OUTER)) == sorted(ROOMS)
    walks = list(walkers.record(seed=0, episodes=3))
    assert walks == list(walkers.record(seed=0, episodes=3))
    assert all(len(w.actions) <= LIMIT and w.score in (0.0, 1.0) for w in walks)
