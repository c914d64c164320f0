"""Texts as pages: where a word stands, line and column, and how far words stand apart.

A game's answer marks what stands right above it. One that reads words in a row has to learn for each distance
anew which of them that is; on a page it is always one line up in the same column.
"""

from __future__ import annotations

import torch
from torch import nn

COLUMNS = 16
"""Words further right share the last column."""

LINES_APART = 16
SCALE = 8.0
"""Learned attractions are held divided by this, so that they grow as fast as the other weights."""

ATTRACTION = 4.0
"""Of the words a head looks for when it is new, in units of log attention."""

WIDE = 2 * COLUMNS - 1


def places(words: torch.Tensor, end: int) -> torch.Tensor:
    """Return the place of each word (rows, positions): its line times COLUMNS, plus its column."""
    ends = (words == end).long()
    index = torch.arange(words.shape[1]).expand_as(words)
    begun = torch.where(ends.bool(), index + 1, torch.zeros_like(index)).cummax(dim=1).values
    begun = torch.cat((torch.zeros_like(begun[:, :1]), begun[:, :-1]), dim=1)
    return (ends.cumsum(dim=1) - ends) * COLUMNS + (index - begun).clamp(max=COLUMNS - 1)


def follow(at: torch.Tensor, words: torch.Tensor, end: int) -> torch.Tensor:
    """Return the places after `words` that stand `at`."""
    line, column = at // COLUMNS, at % COLUMNS
    return torch.where(
        words == end, (line + 1) * COLUMNS, line * COLUMNS + (column + 1).clamp(max=COLUMNS - 1)
    )


def apart(readers: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
    """Return a number for how many lines and columns `read` (rows, K) stand from `readers` (rows, Q)."""
    here, there = readers[:, :, None], read[:, None, :]
    up = (here // COLUMNS - there // COLUMNS).clamp(0, LINES_APART - 1)
    left = here % COLUMNS - there % COLUMNS + COLUMNS - 1
    return up * WIDE + left


def attractions(heads: int) -> torch.Tensor:
    """Return what new heads look for, (heads, distances) / SCALE.

    Of four heads one looks up the column of the word that comes next, one right above, one along its own
    line, and one anywhere.
    """
    found = torch.zeros(heads, LINES_APART, WIDE)
    same = COLUMNS - 1
    found[0::4, 1:, same - 1] = ATTRACTION / SCALE
    found[1::4, 1, same] = ATTRACTION / SCALE
    found[2::4, 0, :] = ATTRACTION / SCALE
    return found.reshape(heads, -1)


class Places(nn.Module):
    """A vector for each place: one of its line plus one of its column."""

    def __init__(self, lines: int, width: int) -> None:
        super().__init__()
        self.line, self.column = nn.Embedding(lines, width), nn.Embedding(COLUMNS, width)

    def forward(self, at: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.line(at // COLUMNS) + self.column(at % COLUMNS)
        return found
