"""A model behind any endpoint that speaks the OpenAI protocol: llama.cpp, vLLM, Ollama, or a cloud.

Standard library only. The key comes from the environment when a request is made; it is in no setting, log or
error. Every request has one deadline for everything: connecting, retries, waiting and a trickling answer.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from reprohrl.contracts.errors import UserError
from reprohrl.language.models.http import Reply, post
from reprohrl.language.models.model import (
    ANSWER_TOKENS,
    TIMEOUT_S,
    Answer,
    LanguageModelError,
    Trouble,
    Usage,
    rough_tokens,
)
from reprohrl.language.models.settings import LanguageSettings

RETRIES = 4
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
_NEWER = "max_completion_tokens"
_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses after which the same request may succeed."""


class OpenAIModel:
    """Chats with one model; cannot score. A request goes out again on a busy or failing server."""

    name = "openai"
    scores = False
    deterministic = False

    def __init__(
        self, settings: LanguageSettings, *, sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._address = checked_address(settings.endpoint)
        self._model = settings.model or "default"
        self._key_variable = settings.key_variable
        self._prices = settings.price_in / 1e6, settings.price_out / 1e6
        self._sleep, self._now = sleep, now
        self._jitter = random.Random(settings.seed)
        self._usage = Usage()
        self.retries = 0
        self._newer = False

    @property
    def usage(self) -> Usage:
        return self._usage

    def score(
        self, prompt: str, candidates: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> tuple[float, ...]:
        raise LanguageModelError(
            Trouble.UNSUPPORTED, "a chat endpoint cannot score answers", fix="let it write: `generate`"
        )

    def generate(
        self, prompt: str, *, max_tokens: int = ANSWER_TOKENS, timeout_s: float = TIMEOUT_S
    ) -> Answer:
        began = self._now()
        body = {"model": self._model, "messages": [{"role": "user", "content": prompt}]}
        try:
            reply = self._ask(self._limited(body, max_tokens), began + timeout_s)
        except LanguageModelError as error:
            if error.trouble is not Trouble.REJECTED or self._newer or _NEWER not in str(error):
                raise
            self._newer = True  # a model that reasons: it names the limit otherwise, and takes no temperature
            reply = self._ask(self._limited(body, max_tokens), began + timeout_s)
        text, usage = self._read(reply, prompt)
        return Answer(text, usage, self._now() - began)

    def _limited(self, body: dict[str, Any], max_tokens: int) -> bytes:
        limit = {_NEWER: max_tokens} if self._newer else {"max_tokens": max_tokens, "temperature": 0.0}
        return json.dumps({**body, **limit}).encode()

    def _ask(self, body: bytes, deadline: float) -> Reply:
        """Post until a good answer comes, the trouble is final, or the time is over."""
        wait_s, trouble = FIRST_WAIT_S, None
        for attempt in range(RETRIES + 1):
            left = deadline - self._now()
            if left <= 0:
                break
            try:
                reply = post(f"{self._address}/chat/completions", body, self._headers(), left, now=self._now)
                trouble = self._trouble(reply)
                if trouble is None:
                    return reply
                if reply.status not in _LATER:
                    raise trouble
                pause = max(_asked_wait(reply), wait_s * self._jitter.uniform(0.75, 1.25))
            except LanguageModelError as error:
                if error.trouble not in (Trouble.UNREACHABLE, Trouble.RATE_LIMIT, Trouble.SERVER):
                    raise
                trouble, pause = error, wait_s * self._jitter.uniform(0.75, 1.25)
            if attempt == RETRIES or self._now() + pause >= deadline:
                break
            self.retries += 1
            self._sleep(pause)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        raise trouble or LanguageModelError(
            Trouble.TIME_OUT, f"no time was left to ask {self._address}", fix="give a longer time-out"
        )

    def _headers(self) -> dict[str, str]:
        key = os.environ.get(self._key_variable, "")
        given = {"Content-Type": "application/json", "Accept": "application/json"}
        return given | ({"Authorization": f"Bearer {key}"} if key else {})

    def _trouble(self, reply: Reply) -> LanguageModelError | None:
        if 200 <= reply.status < 300:
            return None
        said = self._hide_key(_message(reply.body))
        why = f"HTTP {reply.status}" + (f": {said}" if said else "")
        if reply.status == 429:
            return LanguageModelError(Trouble.RATE_LIMIT, f"{self._address} is asked too often", why=why)
        if reply.status in _LATER:
            return LanguageModelError(Trouble.SERVER, f"{self._address} fails", why=why)
        if reply.status in (401, 403):
            fix = f"put a valid key into the environment variable {self._key_variable}"
            return LanguageModelError(Trouble.REJECTED, f"{self._address} lets us not in", why=why, fix=fix)
        fix = "check the address and the model's name"
        return LanguageModelError(Trouble.REJECTED, f"{self._address} rejects the request", why=why, fix=fix)

    def _read(self, reply: Reply, prompt: str) -> tuple[str, Usage]:
        """Return the answer's words and what they took. Usage counts a refused answer, too."""
        try:
            data = json.loads(reply.body)
            choice = data["choices"][0]
            message = choice["message"]
            text = message.get("content")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            head = self._hide_key(reply.body[:80].decode(errors="replace"))
            raise LanguageModelError(
                Trouble.MALFORMED,
                f"{self._address} answers nonsense",
                why=f"{type(error).__name__}: {head!r}",
            ) from error
        usage = self._count(data.get("usage"), prompt, text if isinstance(text, str) else "")
        self._usage += usage
        refusal = message.get("refusal")
        if refusal or choice.get("finish_reason") == "content_filter":
            raise LanguageModelError(
                Trouble.REFUSAL, "the model refuses to answer", why=str(refusal or "filtered")
            )
        if not isinstance(text, str) or not text.strip():
            raise LanguageModelError(Trouble.MALFORMED, f"{self._address} answers with nothing")
        return _without_thoughts(text), usage

    def _count(self, told: Any, prompt: str, text: str) -> Usage:
        told = told if isinstance(told, dict) else {}
        asked, answered = told.get("prompt_tokens"), told.get("completion_tokens")
        asked = asked if isinstance(asked, int) and asked >= 0 else rough_tokens(prompt)
        answered = answered if isinstance(answered, int) and answered >= 0 else rough_tokens(text)
        return Usage(1, asked, answered, asked * self._prices[0] + answered * self._prices[1])

    def _hide_key(self, text: str) -> str:
        key = os.environ.get(self._key_variable, "")
        return text.replace(key, "…") if key else text


def checked_address(endpoint: str) -> str:
    """Return the base address without a final slash. Raises `UserError` for what is none."""
    if not endpoint:
        raise UserError(
            "the openai model needs an endpoint", fix="--lm-endpoint http://127.0.0.1:8080/v1 --lm-model NAME"
        )
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{endpoint!r} is no address of an endpoint", fix="e.g. http://127.0.0.1:8080/v1")
    if parts.username or parts.password:
        raise UserError("the endpoint's address holds a password", fix="put the key into the environment")
    return endpoint.rstrip("/")


def _asked_wait(reply: Reply) -> float:
    """Return the seconds the server asks to wait, 0 where it does not."""
    try:
        return max(0.0, float(reply.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0


def _message(body: bytes) -> str:
    try:
        error = json.loads(body).get("error", "")
        return str(error.get("message", "") if isinstance(error, dict) else error)[:200]
    except (ValueError, AttributeError):
        return body[:80].decode(errors="replace").strip()


def _without_thoughts(text: str) -> str:
    """Return what follows a reasoning model's thoughts."""
    return re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL).strip()
