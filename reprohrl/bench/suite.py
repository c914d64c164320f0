"""What is measured: the tasks of a suite, how many episodes, and the cells they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from reprohrl.bench.methods import METHODS
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

SUITES: dict[str, tuple[str, ...]] = {
    "paper": ("S1", "C1", "MS-3", "MC-3"),
    "full": (
        "S1", "C1", "MS-2", "MS-3", "MS-4", "MC-2", "MC-3", "MC-4", "X2R", "XA", "XM", "XK-5", "XK-6",
    ),
}  # fmt: skip

TRUTH_RUNGS = ("R0", "R1")
"""Flown in the batched world, from truth boxes."""

FRAME_RUNGS = ("R2", "R3")
"""Flown by the whole pipeline, from rendered frames."""

RUNGS = (*TRUTH_RUNGS, *FRAME_RUNGS)
RAY, BULLET = "ray", "bullet"


@dataclass(frozen=True, slots=True)
class Cell:
    """One method, trained with one seed, on one task, at one rung.

    train_seed  0 for methods that are not trained
    renderer    of the frames at R2 and R3, "" at the truth rungs
    """

    method: str
    train_seed: int
    task: str
    rung: str
    renderer: str = ""

    @property
    def name(self) -> str:
        """The ledger's file, relative to the folder of cells."""
        look = f"-{self.renderer}" if self.renderer else ""
        return f"{self.rung}{look}/{self.task}/{self.method}-s{self.train_seed}.jsonl"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(d: dict[str, Any]) -> Cell:
        return Cell(**d)


@dataclass(frozen=True, slots=True)
class Request:
    """What a bench is asked to fill.

    train_seeds  by method; the first `frame_seeds` of them also fly from frames, which is slow
    train_on     the task every method is trained on; "" for each cell's own
    steps        decision steps of training by learned method
    truth_episodes, frame_episodes  test episodes per cell: seeds 0, 1, ... of the test split
    """

    suite: str
    methods: tuple[str, ...]
    tasks: tuple[str, ...]
    rungs: tuple[str, ...]
    train_seeds: dict[str, tuple[int, ...]]
    steps: dict[str, int]
    train_on: str = "MC-3"
    frame_seeds: int = 1
    truth_episodes: int = 1000
    frame_episodes: int = 100
    renderers: tuple[str, ...] = (RAY, BULLET)

    def cells(self) -> list[Cell]:
        """Return every cell, truth rungs first: what is quick to fly is known early."""
        found = []
        for rung in [r for r in RUNGS if r in self.rungs]:
            looks = self.renderers if rung == "R2" else (RAY,) if rung in FRAME_RUNGS else ("",)
            for look in looks:
                for task in self.tasks:
                    for method in self._flown_at(rung):
                        seeds = self.train_seeds[method]
                        seeds = seeds[: self.frame_seeds] if rung in FRAME_RUNGS else seeds
                        found += [Cell(method, s, task, rung, look) for s in seeds]
        return found

    def _flown_at(self, rung: str) -> list[str]:
        return [m for m in self.methods if rung in TRUTH_RUNGS or METHODS[m].frames]

    def episodes(self, cell: Cell) -> int:
        return self.truth_episodes if cell.rung in TRUTH_RUNGS else self.frame_episodes

    def joined(self, before: Request) -> Request:
        """Return this request with what `before` asked and this one does not."""
        methods = tuple(m for m in METHODS if m in {*self.methods, *before.methods})
        mine, theirs = self.train_seeds, before.train_seeds
        known = SUITES["full"]
        return replace(
            self,
            methods=methods,
            tasks=tuple(t for t in known if t in {*self.tasks, *before.tasks}),
            rungs=tuple(r for r in RUNGS if r in {*self.rungs, *before.rungs}),
            train_seeds={m: _union(mine.get(m, ()), theirs.get(m, ())) for m in methods},
            steps={**before.steps, **self.steps},
            frame_seeds=max(self.frame_seeds, before.frame_seeds),
            truth_episodes=max(self.truth_episodes, before.truth_episodes),
            frame_episodes=max(self.frame_episodes, before.frame_episodes),
            renderers=tuple(r for r in (RAY, BULLET) if r in {*self.renderers, *before.renderers}),
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(d: dict[str, Any]) -> Request:
        lists = {k: tuple(d[k]) for k in ("methods", "tasks", "rungs", "renderers")}
        seeds = {m: tuple(s) for m, s in d["train_seeds"].items()}
        return Request(**{**d, **lists, "train_seeds": seeds})


def _union(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*first, *second}))


def choose(kind: str, asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return `asked` in the order of `known`; all of `known` for nothing. Raises `UserError`."""
    for word in asked:
        if word not in known:
            raise UserError(
                f"unknown {kind} {word!r}",
                why=f"there are: {', '.join(known)}",
                fix=did_you_mean(word, list(known)) or f"--{kind}s {known[0]}",
            )
    return tuple(word for word in known if not asked or word in asked)


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read `0-4`, `0,2,5` or `3`. Raises `UserError`."""
    seeds: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            seeds += range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise UserError(f"{text!r} is no list of seeds", fix="write --seeds 0-4 or --seeds 0,2,5") from error
    if not seeds:
        raise UserError(f"{text!r} holds no seed", fix="write --seeds 0-4 or --seeds 0,2,5")
    return tuple(dict.fromkeys(seeds))
