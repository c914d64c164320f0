"""`LanguageModel`: what every model can do, what its answers cost, and how it fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from reprohrl.contracts.errors import UserError

ANSWER_TOKENS = 128
TIMEOUT_S = 20.0

LEAVING = threading.Event()
"""Set when the program ends: models that compute in this process stop at the next word."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of a model. `cost` [USD] is 0 where no price is known."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.answer_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            self.cost + other.cost,
        )

    def __str__(self) -> str:
        money = f", {self.cost:.4f} USD" if self.cost else ""
        return f"{self.calls} calls, {self.prompt_tokens} + {self.answer_tokens} tokens{money}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, what this one answer took, and its wall time [s]."""

    text: str
    usage: Usage
    seconds: float


class Trouble(StrEnum):
    """Why a model gave no answer."""

    TIME_OUT = "time-out"
    RATE_LIMIT = "rate limit"
    UNREACHABLE = "unreachable"
    SERVER = "server error"
    MALFORMED = "malformed answer"
    REFUSAL = "refusal"
    REJECTED = "rejected request"
    UNSUPPORTED = "not supported"


class LanguageModelError(UserError):
    """A model gave no answer; `trouble` says of which kind."""

    def __init__(self, trouble: Trouble, what: str, *, why: str = "", fix: str = "") -> None:
        self.trouble = trouble
        super().__init__(what, why=why, fix=fix)


@runtime_checkable
class LanguageModel(Protocol):
    """Reads a prompt; writes an answer, or says how likely each of some given answers is.

    Both raise `LanguageModelError`, and come back within `timeout_s` of wall time or little more.
    """

    name: str
    scores: bool  # whether `score` works; an endpoint that only chats cannot
    deterministic: bool  # the same prompt gets the same answer

    @property
    def usage(self) -> Usage:
        """Everything asked of this model so far."""
        ...

    def generate(
        self, prompt: str, *, max_tokens: int = ANSWER_TOKENS, timeout_s: float = TIMEOUT_S
    ) -> Answer: ...

    def score(
        self, prompt: str, candidates: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> tuple[float, ...]:
        """Return the log-probability of each candidate as the answer to the prompt."""
        ...


@runtime_checkable
class Trainable(LanguageModel, Protocol):
    """A model that learns from pairs of prompt and answer."""

    def train_step(self, pairs: Sequence[tuple[str, str]]) -> float:
        """Take one step of the optimiser on a batch; return the mean loss per answer token [nat]."""
        ...


def rough_tokens(text: str) -> int:
    """Return about how many tokens a text has where nobody counts them: one for four characters."""
    return (len(text) + 3) // 4
