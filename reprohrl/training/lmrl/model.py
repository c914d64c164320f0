"""A small decoder-only transformer over words, and the value heads that read its last layer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from reprohrl.training.lmrl import page

SUPPORT = 0.02
"""Values are learned for words that were recorded: they choose among those that the cloned policy says
at least this often, compared with its likeliest. The paper ranks a list of legal moves in the Maze."""

Cache = list[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values of each layer, (rows, heads, positions, width of a head)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the network. `positions` is the longest text it can read, in words.

    `end` is the number of the line's end for one that reads texts as pages, -1 for one that reads a row.
    """

    words: int
    positions: int
    width: int = 64
    layers: int = 2
    heads: int = 4
    end: int = -1


class Block(nn.Module):
    """Attention and a two-layer network, each beside a skip (pre-norm, as in GPT-2)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before, self.between = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.mix, self.out = nn.Linear(shape.width, 3 * shape.width), nn.Linear(shape.width, shape.width)
        self.think = nn.Sequential(
            nn.Linear(shape.width, 4 * shape.width), nn.GELU(), nn.Linear(4 * shape.width, shape.width)
        )
        self.attraction = nn.Parameter(page.attractions(shape.heads)) if shape.end >= 0 else None

    def forward(
        self,
        x: torch.Tensor,
        seen: torch.Tensor | None,
        past: tuple[torch.Tensor, torch.Tensor] | None,
        apart: torch.Tensor | None,
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Take (rows, positions, width); `seen` (rows, 1, positions, all positions) or None for causal.

        `apart` (rows, positions, all positions) is how far words of a page stand from each other.
        """
        rows, length, width = x.shape
        query, key, value = (
            part.view(rows, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.mix(self.before(x)).split(width, dim=2)
        )
        if past is not None:
            key, value = torch.cat((past[0], key), dim=2), torch.cat((past[1], value), dim=2)
        if self.attraction is not None:
            hidden = torch.ones(length, length, dtype=torch.bool).triu(1) if seen is None else ~seen
            drawn = (page.SCALE * self.attraction)[:, apart].transpose(0, 1)
            seen = drawn.masked_fill(hidden, -torch.inf)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=seen, is_causal=seen is None
        )
        x = x + self.out(mixed.transpose(1, 2).reshape(rows, length, width))
        return x + self.think(self.between(x)), (key, value)


class Reader(nn.Module):
    """Words in, one vector for each position out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.word = nn.Embedding(shape.words, shape.width)
        self.place = (
            page.Places(shape.positions, shape.width)
            if shape.end >= 0
            else nn.Embedding(shape.positions, shape.width)
        )
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.after = nn.LayerNorm(shape.width)
        for table in (self.word, *(m for m in self.place.modules() if isinstance(m, nn.Embedding))):
            nn.init.normal_(table.weight, std=0.5)

    def places(self, words: torch.Tensor) -> torch.Tensor:
        """Return where the words of texts (rows, positions) stand, as numbers."""
        if self.shape.end >= 0:
            return page.places(words, self.shape.end)
        return torch.arange(words.shape[1]).expand_as(words)

    def follow(self, at: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Return where the word after each of `words` stands, which stand `at`; all (rows,)."""
        return page.follow(at, words, self.shape.end) if self.shape.end >= 0 else at + 1

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Read (rows, positions) word numbers; each position sees itself and what stands before it."""
        return self.extend(words, self.places(words), None, None)[0]

    def extend(
        self, words: torch.Tensor, places: torch.Tensor, seen: torch.Tensor | None, past: Cache | None
    ) -> tuple[torch.Tensor, Cache]:
        """Read further words after those of `past`; return their vectors and the longer cache.

        `places` (rows, all positions) are those of the words of `past` and of the new ones.
        """
        own = places[:, -words.shape[1] :]
        apart = page.apart(own, places) if self.shape.end >= 0 else None
        x = self.word(words) + self.place(own)
        cache = []
        for i, block in enumerate(self.blocks):
            x, kept = block(x, seen, past[i] if past is not None else None, apart)
            cache.append(kept)
        return self.after(x), cache


class Speaker(nn.Module):
    """The language model: a score for each next word."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.reader = Reader(shape)
        self.next_word = nn.Linear(shape.width, shape.words)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Return (rows, positions, words) scores."""
        scores: torch.Tensor = self.next_word(self.reader(words))
        return scores


def supported(scores: torch.Tensor) -> torch.Tensor:
    """Return log p of words from a speaker's `scores` (N, words); -inf for those it hardly ever says."""
    log_p = torch.log_softmax(scores, dim=1)
    unlikely = log_p < log_p.max(dim=1, keepdim=True).values + math.log(SUPPORT)
    return log_p.masked_fill(unlikely, -torch.inf)


def head(shape: Shape, outputs: int) -> nn.Sequential:
    """Return a two-layer network that says 0 until it is trained."""
    last = nn.Linear(2 * shape.width, outputs)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(shape.width, 2 * shape.width), nn.ReLU(), last)


class Units(nn.Module):
    """Makes values of numbers near 0: `middle` + `spread` times the number; kept with the weights."""

    def __init__(self, middle: float, spread: float) -> None:
        super().__init__()
        self.middle: torch.Tensor
        self.spread: torch.Tensor
        self.register_buffer("middle", torch.tensor(middle))
        self.register_buffer("spread", torch.tensor(spread))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.middle + self.spread * x


class Valuer(nn.Module):
    """Two values of each next word, on a reader of its own.

    Untrained, both say `middle`; `spread` is how far values lie apart.
    """

    def __init__(self, shape: Shape, middle: float = 0.0, spread: float = 1.0) -> None:
        super().__init__()
        self.reader = Reader(shape)
        self.q1, self.q2 = (nn.Sequential(*head(shape, shape.words), Units(middle, spread)) for _ in range(2))

    def least(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the smaller value of each word (N, words)."""
        return torch.minimum(self.q1(hidden), self.q2(hidden))


class Critic(nn.Module):
    """One value of each state, on a reader of its own: its errors leave the speaker alone."""

    def __init__(self, shape: Shape, middle: float = 0.0, spread: float = 1.0) -> None:
        super().__init__()
        self.reader = Reader(shape)
        self.value = nn.Sequential(*head(shape, 1), Units(middle, spread))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the values (N,) of states that the reader holds as `hidden` (N, width)."""
        found: torch.Tensor = self.value(hidden)[:, 0]
        return found
