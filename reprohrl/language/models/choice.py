"""Constrained decoding: whatever a model says, one of the given candidates comes out, or none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reprohrl.language.models.model import ANSWER_TOKENS, TIMEOUT_S, LanguageModel, Usage, rough_tokens

NONE = -1
NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Choice:
    """`index` into the candidates, `NONE` when nothing that was said is one of them.

    how      "scores", or "words" where the answer named it
    text     what the model wrote, the candidate itself where it was scored
    scores   a probability for each candidate; () where the model wrote
    reason   why there is no choice, "" where there is one
    """

    index: int
    how: str
    text: str
    scores: tuple[float, ...] = ()
    reason: str = ""
    usage: Usage = NOTHING
    seconds: float = 0.0


def choose(
    model: LanguageModel,
    prompt: str,
    candidates: Sequence[str],
    *,
    timeout_s: float = TIMEOUT_S,
    max_tokens: int = ANSWER_TOKENS,
) -> Choice:
    """Let the model choose one of the candidates; it may write freely, but only a candidate counts.

    Raises `LanguageModelError` as the model does, `ValueError` without candidates.
    """
    if not candidates:
        raise ValueError("there is nothing to choose from")
    if model.scores:
        raw = model.score(prompt, candidates, timeout_s=timeout_s)
        shares = softmax(raw)
        best = max(range(len(candidates)), key=lambda k: (shares[k], -k))
        usage = Usage(1, rough_tokens(prompt), sum(rough_tokens(c) for c in candidates))
        return Choice(best, "scores", candidates[best], shares, usage=usage)
    answer = model.generate(prompt, max_tokens=max_tokens, timeout_s=timeout_s)
    index = named(answer.text, candidates)
    reason = "" if index != NONE else f"the answer names none of the candidates: {shortened(answer.text)!r}"
    return Choice(index, "words", answer.text, (), reason, answer.usage, answer.seconds)


def named(text: str, candidates: Sequence[str]) -> int:
    """Return the index of the one candidate a text names as whole words, `NONE` for none or several.

    A candidate within a longer one that is named too ("place stone" in "place stone pickaxe") does not
    count. The whole text is tried first, then its last line that names any, for models that think aloud.
    A number in front ("2", "2. visit cone") counts where it is all there is or agrees with the words.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    for part in (text, *reversed(lines)):
        found = _mentions(part, candidates)
        if len(found) == 1:
            return found[0]
        if len(found) > 1 and part is not text:
            return NONE  # that line wavers: nothing before it counts more
    number = re.fullmatch(r"\W*(\d+)\W*", text.strip())
    if number and 1 <= int(number[1]) <= len(candidates):
        return int(number[1]) - 1
    return NONE


def _mentions(text: str, candidates: Sequence[str]) -> list[int]:
    words = plain(text)
    spans: list[tuple[int, int, int]] = []
    for k, candidate in enumerate(candidates):
        needle = plain(candidate)
        if not needle:
            continue
        spans += [(m.start(), m.end(), k) for m in re.finditer(rf"(?<!\w){re.escape(needle)}(?!\w)", words)]
    kept = {k for a, b, k in spans if not any(c <= a and b <= d and d - c > b - a for c, d, _ in spans)}
    negated = {k for a, _, k in spans if re.search(r"\b(not|don t|never|avoid) (to )?$", words[:a])}
    return sorted(kept - negated)


def plain(text: str) -> str:
    """Return the text in small letters, punctuation and runs of blanks as one blank each."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def softmax(values: Sequence[float]) -> tuple[float, ...]:
    """Return shares that sum to one; what is not a number gets none."""
    finite = [v for v in values if math.isfinite(v)]
    if not finite:
        return tuple(1.0 / len(values) for _ in values)
    top = max(finite)
    weights = [math.exp(v - top) if math.isfinite(v) else 0.0 for v in values]
    return tuple(w / sum(weights) for w in weights)


def shortened(text: str, length: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"
