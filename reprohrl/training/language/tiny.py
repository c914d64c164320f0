"""`tiny`: a language model of our own that is trained on the spot, and small enough for any test.

Without a file of weights it practises first, for some seconds: it imitates the rule reader's answers on
scenes drawn at random. The result is kept in the cache. It is a stand-in that every part of the stack can be
tried with; it does not understand what it reads.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.model import (
    ANSWER_TOKENS,
    TIMEOUT_S,
    Answer,
    LanguageModelError,
    Trouble,
    Usage,
)
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.training.language.practice import PRACTICE, Practice, practise
from reprohrl.training.language.transformer import Shape, TinyTransformer
from reprohrl.training.language.words import END, PAD, Words

CACHE_VARIABLE = "REPROHRL_CACHE"
LEARNING_RATE = 3e-3
MOST_WORDS = 40
"""Longest answer it writes: what is longer goes round in circles."""

_IGNORED = -100


class TinyModel:
    """Scores, writes word by word, and learns. Deterministic: it always writes the likeliest word."""

    name = "tiny"
    scores = True
    deterministic = True

    def __init__(self, shape: Shape | None = None, *, seed: int = 0) -> None:
        self.shape = shape or Shape()
        torch.manual_seed(seed)
        self.net = TinyTransformer(self.shape)
        self.words = Words(self.shape.words)
        self._optimiser = torch.optim.AdamW(self.net.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
        self._usage = Usage()

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def identity(self) -> str:
        """Return a hash of the weights: notes studied by other weights are not this model's."""
        sha = hashlib.sha256()
        for tensor in self.net.state_dict().values():
            sha.update(tensor.numpy().tobytes())
        return f"tiny-{sha.hexdigest()[:16]}"

    @torch.no_grad()
    def score(
        self, prompt: str, candidates: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> tuple[float, ...]:
        rows = [self._row(prompt, c) for c in candidates]
        numbers, targets = _padded(rows)
        self.net.eval()
        logits = self.net.logits(self.net(numbers))
        losses = functional.cross_entropy(
            logits.transpose(1, 2), targets, ignore_index=_IGNORED, reduction="none"
        )
        self._usage += Usage(1, len(rows[0][0]) - rows[0][1], sum(len(n) - k for n, k in rows))
        return tuple(-float(v) for v in losses.sum(dim=1))

    @torch.no_grad()
    def generate(
        self, prompt: str, *, max_tokens: int = ANSWER_TOKENS, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        began = time.monotonic()
        self.net.eval()
        context = self.shape.context
        numbers = self.words.encode(prompt)
        written: list[int] = []
        for _ in range(min(max_tokens, MOST_WORDS)):
            if time.monotonic() - began > timeout_s:
                raise LanguageModelError(
                    Trouble.TIME_OUT, f"the answer was not written within {timeout_s:g} s"
                )
            seen = torch.tensor([[*numbers, *written][-context:]])
            word = int(self.net.logits(self.net(seen)[:, -1]).argmax())
            if word == END:
                break
            written.append(word)
        usage = Usage(1, len(numbers), len(written))
        self._usage += usage
        return Answer(self.words.decode(written), usage, time.monotonic() - began)

    def train_step(self, pairs: Sequence[tuple[str, str]]) -> float:
        """Take one step on pairs of prompt and answer; return the mean loss per answer word [nat]."""
        numbers, targets = _padded([self._row(p, a) for p, a in pairs])
        self.net.train()
        logits = self.net.logits(self.net(numbers))
        loss = functional.cross_entropy(logits.transpose(1, 2), targets, ignore_index=_IGNORED)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self._optimiser.step()
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write weights and vocabulary, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            content = {
                "shape": asdict(self.shape),
                "words": list(self.words.numbers),
                "net": self.net.state_dict(),
            }
            torch.save(content, half)
            os.replace(half, path)
        finally:
            half.unlink(missing_ok=True)

    @staticmethod
    def load(path: Path) -> TinyModel:
        """Read what `save` wrote. Raises `UserError` for anything else; nothing in a file is executed."""
        try:
            content: dict[str, Any] = torch.load(path, weights_only=True)
            model = TinyModel(Shape(**content["shape"]))
            model.words = Words(model.shape.words, content["words"])
            model.net.load_state_dict(content["net"])
        except Exception as error:  # torch raises nearly anything for a broken file
            raise UserError(
                f"{path} holds no tiny model", why=f"{type(error).__name__}: {str(error)[:120]}",
                fix="leave --lm-path out: it is trained on the spot",
            ) from error  # fmt: skip
        return model

    def _row(self, prompt: str, answer: str) -> tuple[list[int], int]:
        """Return the numbers of prompt, answer and end, the last of them, and how many are the prompt's."""
        tail = [*self.words.encode(answer)[: self.shape.context // 2], END]
        head = self.words.encode(prompt)[-(self.shape.context - len(tail)) :]
        return [*head, *tail], len(head)


def _padded(rows: Sequence[tuple[list[int], int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (B, T) inputs and targets; only words of the answers count."""
    longest = max(len(numbers) for numbers, _ in rows) - 1
    inputs = torch.full((len(rows), longest), PAD)
    targets = torch.full((len(rows), longest), _IGNORED)
    for k, (numbers, head) in enumerate(rows):
        inputs[k, : len(numbers) - 1] = torch.tensor(numbers[:-1])
        begin = max(head - 1, 0)
        targets[k, begin : len(numbers) - 1] = torch.tensor(numbers[begin + 1 :])
    return inputs, targets


def build(settings: LanguageSettings, practice: Practice = PRACTICE) -> TinyModel:
    """Load the model of `settings.path`; without one, the practised one of the cache, or practise now."""
    if settings.path:
        return TinyModel.load(Path(settings.path))
    file = _cached(settings.seed, practice)
    if file.is_file():
        try:
            return TinyModel.load(file)
        except UserError:
            file.unlink(missing_ok=True)  # not whole, or of another version: practise again
    model = TinyModel(seed=settings.seed)
    practise(model, practice, seed=settings.seed)
    model.save(file)
    return model


def _cached(seed: int, practice: Practice) -> Path:
    base = Path(
        os.environ.get(CACHE_VARIABLE) or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "reprohrl"
    )
    what = f"{Shape()} {practice} {torch.__version__}"
    return base.expanduser() / "tiny" / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}-{seed}.pt"
