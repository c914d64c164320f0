"""All ledgers of a bench folder, put together by task, rung and method."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reprohrl.bench import ledger
from reprohrl.bench.suite import BULLET, RAY, Cell, Request
from reprohrl.contracts.errors import UserError
from reprohrl.evaluation.spec import EpisodeResult

REQUEST, CELLS, FAILURES = "request.json", "cells", "failures.csv"
Runs = list[list[EpisodeResult]]


@dataclass(slots=True)
class Group:
    """One method in one task at one rung: the same episodes by every training seed that flew them all.

    runs[s][e] is train_seeds[s] at episodes[e]. `complete` is False when no seed flew all that was asked.
    """

    method: str
    task: str
    rung: str
    renderer: str
    train_seeds: list[int] = field(default_factory=list)
    episodes: list[int] = field(default_factory=list)
    runs: Runs = field(default_factory=list)
    complete: bool = True
    fingerprints: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        """The column of the tables: `R1`, or `R2` on the ray-caster, `R2-bullet` on Bullet's renderer."""
        return f"{self.rung}-{self.renderer}" if self.renderer == BULLET else self.rung

    def flat(self) -> list[EpisodeResult]:
        return [result for run in self.runs for result in run]

    def only(self, view: bool) -> Runs:
        """The runs of those episodes alone whose first goal was in view at the start (or was not)."""
        columns = list(zip(*self.runs, strict=True))
        kept = [c for c in columns if (2 * sum(r.goal_in_view for r in c) >= len(c)) is view]
        return [list(run) for run in zip(*kept, strict=True)]


@dataclass(slots=True)
class Missing:
    """A cell that is not whole: `done` of `wanted` episodes."""

    cell: Cell
    done: int
    wanted: int


@dataclass(slots=True)
class Results:
    """What a bench folder holds. `groups` is in the order of the request."""

    request: Request
    groups: list[Group]
    missing: list[Missing]

    def group(self, method: str, task: str, where: str) -> Group | None:
        wanted = (method, task, where)
        return next((g for g in self.groups if (g.method, g.task, g.where) == wanted), None)

    def at(self, task: str, where: str) -> list[Group]:
        return [g for g in self.groups if g.task == task and g.where == where]

    def at_rung(self, where: str) -> list[Group]:
        return [g for g in self.groups if g.where == where]


def load(folder: Path) -> Results:
    """Read a bench folder. Raises `UserError` when nothing was asked of it yet."""
    try:
        content = json.loads((folder / REQUEST).read_text())
        request = Request.from_dict(content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{folder} holds no bench", why=f"{folder / REQUEST}: {error}", fix="reprohrl bench --suite paper"
        ) from error
    records = {cell: ledger.read(folder / CELLS / cell.name) for cell in request.cells()}
    missing = [
        Missing(cell, _done(record, request.episodes(cell)), request.episodes(cell))
        for cell, record in records.items()
        if _done(record, request.episodes(cell)) < request.episodes(cell)
    ]
    groups = []
    for parts in _by_group(request.cells()):
        wanted = request.episodes(parts[0])
        found = [(cell, r) for cell in parts if (r := records[cell]) is not None and r.episodes]
        group = _group(found, wanted)
        if group is not None:
            groups.append(group)
    return Results(request, groups, missing)


def _done(record: ledger.Record | None, wanted: int) -> int:
    return sum(seed < wanted for seed in record.episodes) if record is not None else 0


def _by_group(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """Yield the cells that differ in the training seed alone."""
    parts: dict[tuple[str, ...], list[Cell]] = {}
    for cell in cells:
        parts.setdefault((cell.rung, cell.renderer or RAY, cell.task, cell.method), []).append(cell)
    yield from parts.values()


def _group(found: list[tuple[Cell, ledger.Record]], wanted: int) -> Group | None:
    """Pool whole training seeds; where none is whole, the episodes that all of them flew."""
    whole = [(cell, record) for cell, record in found if _done(record, wanted) >= wanted]
    used = whole or found
    if not used:
        return None
    shared = set(range(wanted)).intersection(*(record.episodes for _, record in used))
    if not shared:
        return None
    cell, episodes = used[0][0], sorted(shared)
    return Group(
        cell.method, cell.task, cell.rung, cell.renderer,
        train_seeds=[c.train_seed for c, _ in used],
        episodes=episodes,
        runs=[[record.episodes[e] for e in episodes] for _, record in used],
        complete=bool(whole),
        fingerprints={record.fingerprint.get("code", "") for _, record in used},
    )  # fmt: skip
