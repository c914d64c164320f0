"""One format for everything recorded: texts in turn, a reward for each action, one episode a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.lmrl.game import History


@dataclass(frozen=True, slots=True)
class Trajectory:
    """`texts` alternate observation, action, ..., observation: one more observation than actions.

    `done` is False where the episode was cut before the game ended.
    """

    texts: History
    rewards: tuple[float, ...]
    done: bool
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.texts) != 2 * len(self.rewards) + 1:
            raise UserError(
                f"a trajectory of {len(self.texts)} texts has {len(self.rewards)} rewards",
                why="texts alternate observation, action, ..., observation, and each action has one reward",
            )

    @property
    def actions(self) -> History:
        return self.texts[1::2]

    @property
    def observations(self) -> History:
        return self.texts[::2]

    @property
    def score(self) -> float:
        """The undiscounted return, as the paper reports it."""
        return float(sum(self.rewards))

    def to_json(self) -> str:
        return json.dumps(
            {"texts": self.texts, "rewards": self.rewards, "done": self.done, "seed": self.seed},
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(line: str) -> Trajectory:
        row = json.loads(line)
        return Trajectory(tuple(row["texts"]), tuple(row["rewards"]), bool(row["done"]), int(row["seed"]))


def write(path: Path, trajectories: Iterable[Trajectory]) -> None:
    """Write one episode a line; the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.writelines(t.to_json() + "\n" for t in trajectories)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def read(path: Path) -> list[Trajectory]:
    """Return the episodes of a file. Raises `UserError` with the line that holds none."""
    return list(_rows(path))


def _rows(path: Path) -> Iterator[Trajectory]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(f"{path} cannot be read", why=str(error)) from error
    for number, line in enumerate(lines, 1):
        try:
            yield Trajectory.from_json(line)
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}, line {number} holds no episode", why=str(error)) from error


def best(trajectories: Sequence[Trajectory], fraction: float) -> list[Trajectory]:
    """Return the `fraction` of episodes with the highest scores (ties: the first recorded)."""
    count = max(1, round(fraction * len(trajectories)))
    order = sorted(range(len(trajectories)), key=lambda i: -trajectories[i].score)
    return [trajectories[i] for i in sorted(order[:count])]
