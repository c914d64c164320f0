"""`Thinker`: what takes its time over a decision, away from the flight."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from reprohrl.planners.trace import Step


@dataclass(frozen=True, slots=True)
class Request:
    """Everything a thinker may know: words and nothing that moves on meanwhile.

    observation   what is seen, remembered and reached, in sentences
    before        the observation of the decision before, and what was chosen then; "" for the first
    candidates    the legal options in words; the answer is an index of these
    stamp         of the frame it was made of [s]
    timeout_s     wall time the thinker may take
    given_up      set when nobody waits for the thought any more: a thinker may look here between its steps
    """

    observation: str
    candidates: tuple[str, ...]
    stamp: float
    timeout_s: float
    before: str = ""
    chosen_before: str = ""
    given_up: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Thought:
    """`index` of the chosen candidate; anything else is no decision, and `reason` says why."""

    index: int
    reason: str
    steps: tuple[Step, ...] = ()


class Thinker(Protocol):
    """Chooses among candidates. Runs in a thread of its own, one request at a time."""

    name: str
    deterministic: bool

    def reset(self, *, seed: int = 0) -> None: ...

    def think(self, request: Request) -> Thought:
        """Return a thought within `request.timeout_s` or little more; may raise anything."""
        ...
