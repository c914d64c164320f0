"""What a report is made of, whatever it is written as. Text may hold **bold** and `code`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of a list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Command:
    """What to type, as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` of as many cells as `head`; columns after the first `left` hold numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    left: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """An SVG picture. `name` is its file beside the Markdown."""

    name: str
    svg: str
    caption: str
    legend: Sequence[tuple[str, str]] = ()  # (colour, words)


@dataclass(frozen=True, slots=True)
class Details:
    """Folded away until it is asked for."""

    summary: str
    blocks: Sequence[Block]


Block = Text | Listing | Command | Table | Figure | Details


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(slots=True)
class Document:
    title: str
    subtitle: str
    tiles: list[tuple[str, str]] = field(default_factory=list)  # (number, what it is)
    sections: list[Section] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        return [block for s in self.sections for block in _flat(s.blocks) if isinstance(block, Figure)]


def _flat(blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    for block in blocks:
        found += _flat(block.blocks) if isinstance(block, Details) else [block]
    return found
