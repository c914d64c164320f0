"""`Trace`: how a planner that reads came to its decision, question by question, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

TRACE_EVENT = "planner"
"""The kind of a flight log's event that carries a trace as its data."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `parents` name the steps whose answers it saw; `tokens` of both ways, `cost` [USD]."""

    name: str
    question: str
    parents: tuple[str, ...]
    answer: str
    seconds: float = 0.0
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Trace:
    """One decision, or one that failed.

    asked, stamp   stamps of the frames it was asked with and adopted at [s]
    seconds        wall time of the thinking
    option         what was chosen, in words; "" where nothing was
    fallback       why the fallback flies instead; "" where the decision is good
    """

    planner: str
    asked: float
    stamp: float
    seconds: float
    option: str
    reason: str
    steps: tuple[Step, ...] = ()
    fallback: str = ""

    @property
    def tokens(self) -> int:
        return sum(step.tokens for step in self.steps)

    @property
    def cost(self) -> float:
        """USD for all questions together, 0 where no price is known."""
        return sum(step.cost for step in self.steps)

    def sentence(self) -> str:
        """Return the decision in one line."""
        if self.fallback:
            return f"{self.planner}: {self.fallback}; the fallback flies"
        return f"{self.planner}: {self.option}" + (f" ({self.reason})" if self.reason else "")

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Trace:
        """Undo `to_dict`."""
        steps = tuple(Step(**{**s, "parents": tuple(s["parents"])}) for s in data.get("steps", ()))
        return Trace(**{**data, "steps": steps})


@runtime_checkable
class Explains(Protocol):
    """A planner that can say how it came to its decisions."""

    def traces(self) -> list[Trace]:
        """Return what is new since the last call."""
        ...

    def close(self) -> None:
        """The flight is over: wait for nothing, and note a thought that did not come in time."""
