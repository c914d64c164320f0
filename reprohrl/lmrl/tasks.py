"""The tasks by name: their game, their recorded data, and what a policy needs to know about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl.lmrl.game import Game
from reprohrl.lmrl.trajectory import Trajectory


class Recorder(Protocol):
    """Makes a data set. The same seed gives the same episodes."""

    def __call__(self, *, seed: int, episodes: int) -> Iterator[Trajectory]: ...


@dataclass(frozen=True, slots=True)
class Task:
    """A game and its data set.

    `turns`: how many turns a policy reads (1: the newest observation); `most_words`: the longest action;
    `worst`, `best`: returns that score 0 and 100; `keep`: the share filtered cloning keeps;
    `settings`: where its training differs from the defaults, by algorithm ("" for all).
    """

    name: str
    about: str
    make: Callable[[], Game]
    record: Recorder
    episodes: int
    turns: int
    most_words: int
    worst: float
    best: float
    keep: float = 0.1
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)


def _maze(fully_observed: bool, turns: int) -> dict[str, Any]:
    def make() -> Game:
        from reprohrl.lmrl.games.maze import Maze

        return Maze(fully_observed=fully_observed)

    def record(*, seed: int, episodes: int) -> Iterator[Trajectory]:
        from reprohrl.lmrl.players import maze

        return maze.record(seed=seed, episodes=episodes, fully_observed=fully_observed)

    settings: dict[str, dict[str, Any]] = {
        "": {"rows": 256, "layers": 1, "width": 32},
        **{a: {"steps": 300, "rate": 0.01} for a in ("bc", "filtered-bc")},
        "mc": {"steps": 400, "rate": 0.01, "beta": 2.0, "conservatism": 0.0},
        "ilql": {"steps": 1500, "rate": 0.003, "conservatism": 0.0},
    }
    if turns > 1:
        settings = {
            "": {"rows": 48, "width": 32, "rate": 0.003, "conservatism": 0.0},
            **{a: {"steps": 250} for a in ("bc", "filtered-bc")},
            "mc": {"steps": 600, "beta": 2.0},
            "ilql": {"steps": 1200},
        }
    return {
        "make": make, "record": record, "episodes": 1240, "turns": turns, "most_words": 4,
        "worst": -101.0, "keep": 0.3, "settings": settings,
    }  # fmt: skip


def _wordle() -> Game:
    from reprohrl.lmrl.games.wordle import Wordle

    return Wordle()


def _wordle_record(*, seed: int, episodes: int) -> Iterator[Trajectory]:
    from reprohrl.lmrl.players import wordle

    return wordle.record(seed=seed, episodes=episodes)


def _text_nav(fully_observed: bool, turns: int) -> dict[str, Any]:
    def make() -> Game:
        from reprohrl.lmrl.games.text_nav import TextNav

        return TextNav(fully_observed=fully_observed)

    def record(*, seed: int, episodes: int) -> Iterator[Trajectory]:
        from reprohrl.lmrl.players import text_nav

        return text_nav.record(seed=seed, episodes=episodes, fully_observed=fully_observed)

    return {
        "make": make, "record": record, "episodes": 1000, "turns": turns, "most_words": 8, "worst": 0.0,
        "best": 1.0, "settings": {
            "": {"rows": 96 if turns == 1 else 24, "width": 32},
            "bc": {"steps": 500}, "filtered-bc": {"steps": 500}, "mc": {"steps": 600}, "ilql": {"steps": 800},
        },
    }  # fmt: skip


def _endgames() -> Game:
    from reprohrl.lmrl.games.endgames import Endgames

    return Endgames()


def _endgames_record(*, seed: int, episodes: int) -> Iterator[Trajectory]:
    from reprohrl.lmrl.players import endgames

    return endgames.record(seed=seed, episodes=episodes)


def _drone_nav() -> Game:
    from reprohrl.lmrl.games.drone_nav import DroneNav

    return DroneNav()


def _drone_nav_record(*, seed: int, episodes: int) -> Iterator[Trajectory]:
    from reprohrl.lmrl.players import drone_nav

    return drone_nav.record(seed=seed, episodes=episodes)


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(name="maze-fo", about="double-T maze, position told", best=-6.84, **_maze(True, 1)),
        Task(name="maze-po", about="double-T maze, walls alone told", best=-25.75, **_maze(False, 4)),
        Task(
            name="maze-po-now", about="the same, without what was said before", best=-25.75,
            **_maze(False, 1),
        ),
        Task(
            name="wordle", about="a word of five letters in six guesses", make=_wordle,
            record=_wordle_record, episodes=30_000, turns=6, most_words=6, worst=-6.0, best=-2.0,
            settings={
                "": {"tau": 0.7, "rows": 32, "beta": 4.0, "rate": 0.003, "page": 1},
                "bc": {"steps": 8000}, "filtered-bc": {"steps": 8000}, "mc": {"steps": 2500},
                "ilql": {"steps": 2500},
            },
        ),
        Task(name="text-nav", about="put the food away, room told", **_text_nav(True, 1)),
        Task(name="text-nav-po", about="put the food away, room not told", **_text_nav(False, 4)),
        Task(
            name="endgames", about="mate a bare king, black plays any legal move", make=_endgames,
            record=_endgames_record, episodes=1500, turns=1, most_words=7, worst=-1.0, best=1.0, keep=0.5,
            settings={
                "": {"rows": 64, "beta": 8.0, "width": 32},
                "bc": {"steps": 1500}, "filtered-bc": {"steps": 1500}, "mc": {"steps": 1500},
                "ilql": {"steps": 1500},
            },
        ),
        Task(
            name="dronenav", about="our missions (MC-2) in words, an option a second", make=_drone_nav,
            record=_drone_nav_record, episodes=600, turns=1, most_words=8, worst=-80.0, best=-14.0,
            settings={
                "": {"rows": 64, "width": 32, "rate": 0.003},
                "bc": {"steps": 500}, "filtered-bc": {"steps": 500}, "mc": {"steps": 500, "beta": 2.0},
                "ilql": {"steps": 600}, "ppo": {"steps": 8, "passes": 2}, "online-filtered-bc": {"steps": 8},
            },
        ),
    )
}  # fmt: skip


def task(name: str) -> Task:
    """Return a task. Raises `UserError` for a name that is none."""
    try:
        return TASKS[name]
    except KeyError:
        raise UserError(
            f"there is no task {name!r}", why=f"there are: {', '.join(TASKS)}",
            fix=did_you_mean(name, list(TASKS)) or "reprohrl lmrl list",
        ) from None  # fmt: skip
