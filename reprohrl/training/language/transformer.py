"""A small decoder-only transformer: word numbers in, next-word logits and hidden states out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """`context` words at most; `width` is split among `heads`."""

    words: int = 1024
    context: int = 256
    width: int = 64
    layers: int = 2
    heads: int = 4


class Block(nn.Module):
    """Attention to earlier words, then a small network, each after a normalisation and added on."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.mix = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.before_network = nn.LayerNorm(shape.width)
        self.network = nn.Sequential(
            nn.Linear(shape.width, 4 * shape.width), nn.GELU(), nn.Linear(4 * shape.width, shape.width)
        )

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        q, k, v = self.mix(self.before_attention(x)).split(width, dim=2)

        def parted(t: Tensor) -> Tensor:
            return t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(parted(q), parted(k), parted(v), is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.network(self.before_network(x))


class TinyTransformer(nn.Module):
    """(B, T) int64 word numbers -> (B, T, width) hidden states; `logits` shares the words' embedding."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.words = nn.Embedding(shape.words, shape.width)
        self.places = nn.Embedding(shape.context, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.last = nn.LayerNorm(shape.width)
        for embedding in (self.words, self.places):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, numbers: Tensor) -> Tensor:
        places = torch.arange(numbers.shape[1], device=numbers.device)
        x = self.words(numbers) + self.places(places)
        for block in self.blocks:
            x = block(x)
        hidden: Tensor = self.last(x)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """Return (..., words) logits of hidden states (..., width)."""
        return hidden @ self.words.weight.T
