"""Maze: walk a double-T maze to its goal by saying directions.

Published rules (Abdulhai et al., LMRL-Gym, arXiv 2311.18232, and its environment): the map, the goal
at row 8, column 6, a random free cell to start from; reward 0 for the move that reaches the goal, -1
for any other, -4 for words that are no move; a move into a wall leaves the walker where it is. After
100 moves the next one is answered by "Failure" and -1 without being made, so the worst legal episode
scores -101. Fully observed, the text tells goal, own position and walls; partially observed, walls.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from reprohrl.lmrl.game import Turn

MAP = (
    "#############",
    "#     #     #",
    "### ##### ###",
    "### ##### ###",
    "### ##### ###",
    "###       ###",
    "###### ######",
    "###### ######",
    "###### ######",
    "#############",
)
Cell = tuple[int, int]
GOAL: Cell = (8, 6)
MOVES: dict[str, Cell] = {
    "move left\n": (0, -1),
    "move right\n": (0, 1),
    "move up\n": (-1, 0),
    "move down\n": (1, 0),
}
LIMIT = 100
SIDES: tuple[tuple[str, Cell], ...] = (
    ("to your right", (0, 1)),
    ("to your left", (0, -1)),
    ("above you", (-1, 0)),
    ("below you", (1, 0)),
)
FREE: tuple[Cell, ...] = tuple(
    (row, column) for row, line in enumerate(MAP) for column, sign in enumerate(line) if sign == " "
)
STARTS: tuple[Cell, ...] = tuple(cell for cell in FREE if cell != GOAL)


def moved(cell: Cell, action: str) -> Cell:
    """Return where `action` leads from `cell`: the same cell for a wall or for words that are no move."""
    down, right = MOVES.get(action, (0, 0))
    target = (cell[0] + down, cell[1] + right)
    return target if MAP[target[0]][target[1]] == " " else cell


def walls(cell: Cell) -> str:
    """Return the sentence about the walls around `cell`."""
    found = [words for words, (down, right) in SIDES if MAP[cell[0] + down][cell[1] + right] == "#"]
    if not found:
        return "There are no walls near you."
    return f"There {'is a wall' if len(found) == 1 else 'are walls'} {', '.join(found)}."


def _place(cell: Cell) -> str:
    """Return a cell with its digits apart, as the paper writes it: `8, 6` and `1, 1 0`."""
    return ", ".join(" ".join(str(n)) for n in cell)


def describe(cell: Cell, *, fully_observed: bool) -> str:
    """Return the observation at `cell`."""
    if not fully_observed:
        return f"{walls(cell)}\n"
    return (
        f"The goal is at position {_place(GOAL)}. Your current position is at position {_place(cell)}. "
        f"{walls(cell)}\n"
    )


def distances() -> dict[Cell, int]:
    """Return the number of moves from each free cell to the goal."""
    found = {GOAL: 0}
    queue = deque([GOAL])
    while queue:
        cell = queue.popleft()
        for action in MOVES:
            near = moved(cell, action)
            if near not in found:
                found[near] = found[cell] + 1
                queue.append(near)
    return found


class Maze:
    """The game. `fully_observed` chooses what its texts tell."""

    def __init__(self, *, fully_observed: bool = True) -> None:
        self.fully_observed = fully_observed
        self.cell = STARTS[0]
        self._moves = 0

    def reset(self, seed: int) -> str:
        return self.start(STARTS[int(np.random.default_rng(seed).integers(len(STARTS)))])

    def start(self, cell: Cell) -> str:
        """Begin at `cell`; return the first observation."""
        self.cell, self._moves = cell, 0
        return describe(cell, fully_observed=self.fully_observed)

    def step(self, action: str) -> Turn:
        if self._moves >= LIMIT:
            return Turn("Failure\n", -1.0, True)
        self.cell = moved(self.cell, action)
        if self.cell == GOAL:
            return Turn("Success\n", 0.0, True)
        self._moves += 1
        text = describe(self.cell, fully_observed=self.fully_observed)
        return Turn(text, -1.0 if action in MOVES else -4.0, False)
