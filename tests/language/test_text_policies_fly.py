"""A policy trained on games of words, as a planner: it reads in flight what it read in its games."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.language.render import render
from reprohrl.lmrl.games.drone_nav import DroneNav
from reprohrl.planners.asynchronous import Asynchronous
from reprohrl.planners.legal import legal
from reprohrl.planners.registry import make_planner
from reprohrl.planners.text_policy import PolicyThinker, game_text
from reprohrl.planners.worker import Thinking


class Listener:
    """Keeps what it is shown; prefers the last candidate."""

    def __init__(self) -> None:
        self.histories: list[tuple[str, ...]] = []

    def score(self, history: tuple[str, ...], candidates: list[str]) -> list[float]:
        self.histories.append(history)
        return [float(k) for k in range(len(candidates))]


def test_a_policy_reads_in_flight_what_it_reads_in_its_game() -> None:
    game = DroneNav()
    text = ""
    for step in (lambda: game.reset(3), lambda: game.step("hold").observation):
        text = step()
        assert game.features is not None and game.status is not None
        seen = render(game.features, game.status, rendering=PolicyThinker.rendering)
        assert game_text(seen, [c.phrase for c in legal(game.features, game.status)]) == text
    policy = Listener()
    planner = Asynchronous(
        PolicyThinker(policy),
        make_planner("rule"),
        thinking=Thinking.INLINE,
        rendering=PolicyThinker.rendering,
    )
    planner.decide(game.features, game.status)
    assert policy.histories == [(text,)]


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no policy"), ("{", "no policy"), ('{"task": "maze-fo"}', "plays maze-fo")]
)
def test_a_folder_without_a_policy_for_missions_is_refused(
    tmp_path: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(UserError, match=said):
        make_planner("ilql", LanguageSettings(policy=str(tmp_path)))


@pytest.mark.train
def test_a_trained_policy_flies(tmp_path: Path) -> None:
    """A policy of one step of training chooses legal options; that it is any good is the game's benchmark."""
    pytest.importorskip("torch")
    from reprohrl.cli.main import main
    from tests.contract.planners import flight, is_open

    words = ["lmrl", "train", "--task", "dronenav", "--algo", "bc", "--seeds", "0", "--workers", "1"]
    status = main([*words, "--data", "4", "--episodes", "1", "--set", "steps=2", "--out", str(tmp_path)])
    assert status == 0, "reprohrl lmrl train"
    (config,) = tmp_path.rglob("config.json")
    assert json.loads(config.read_text())["task"] == "dronenav"
    planner = make_planner("ilql", LanguageSettings(policy=str(config.parent)), thinking=Thinking.INLINE)
    chosen = set()
    for moment in flight(3, frames=30):
        option = planner.decide(moment.features, moment.status)
        assert not (wrong := is_open(option, moment)), wrong
        chosen |= {t.option for t in planner.traces()}  # type: ignore[attr-defined]
    assert chosen - {""}, "it decided by itself"
