"""Study a document once: keep what matters, ask the questions, remember every answer by its content.

Every answer is kept in one file for each document, model and set of questions, written whole or not at all:
an interrupted study goes on where it stopped, and the same document is never studied twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from reprohrl.language.models.model import TIMEOUT_S, LanguageModel
from reprohrl.planners.spring.dag import Dag
from reprohrl.planners.spring.document import paragraphs
from reprohrl.planners.spring.prompt import study_prompt

CACHE_VARIABLE = "REPROHRL_CACHE"
STUDY_TOKENS = 400
Progress = Callable[[str], None]


def study(
    text: str,
    dag: Dag,
    model: LanguageModel,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    timeout_s: float = TIMEOUT_S,
) -> str:
    """Return the notes of a document: each question with its answers, one item in a line.

    `cache` is a folder; None for `cache_dir()`. Raises `LanguageModelError` as the model does.
    """
    say = progress or (lambda _: None)
    pieces = paragraphs(text)
    memory = Memory(text, dag, model, cache)

    def ask(prompt: str) -> str:
        return memory.recall(
            prompt, lambda: model.generate(prompt, max_tokens=STUDY_TOKENS, timeout_s=timeout_s).text
        )

    kept = []
    for k, piece in enumerate(pieces, 1):
        say(f"reading paragraph {k} of {len(pieces)}")
        if any(is_yes(ask(study_prompt(piece, q, dag.role))) for q in dag.study.relevance):
            kept.append(piece)
    notes = []
    for n, question in enumerate(dag.study.questions, 1):
        say(f"question {n} of {len(dag.study.questions)} about {len(kept)} paragraphs")
        answers = [a for piece in kept if (a := ask(study_prompt(piece, question, dag.role)).strip())]
        if not answers:
            continue
        merged = (
            ask(study_prompt("\n".join(answers), dag.study.merge, dag.role))
            if len(answers) > 1
            else answers[0]
        )
        notes.append(f"{question}\n{merged.strip() or answers[0]}")
    return "\n".join(notes)


def is_yes(answer: str) -> bool:
    """Return whether an answer begins with a yes."""
    return answer.strip().lower().lstrip("\"'*").startswith("yes")


def cache_dir() -> Path:
    """Return the folder of what was studied: below `$REPROHRL_CACHE`, else in the user's cache."""
    chosen = os.environ.get(CACHE_VARIABLE)
    base = (
        Path(chosen)
        if chosen
        else Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "reprohrl"
    )
    return base / "study"


class Memory:
    """Answers by the hash of their prompts, in one file named after document, questions and model."""

    def __init__(self, text: str, dag: Dag, model: LanguageModel, cache: Path | None = None) -> None:
        identity = getattr(model, "identity", model.name)
        what = json.dumps(
            [text, dag.role, dag.study.relevance, dag.study.questions, dag.study.merge, identity]
        )
        self.path = (cache or cache_dir()) / f"{hashlib.sha256(what.encode()).hexdigest()[:24]}.json"
        self._answers = self._load()

    def recall(self, prompt: str, ask: Callable[[], str]) -> str:
        """Return the remembered answer, else ask and remember."""
        key = hashlib.sha256(prompt.encode()).hexdigest()
        if key not in self._answers:
            self._answers[key] = ask()
            self._save()
        return self._answers[key]

    def _load(self) -> dict[str, str]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # none yet, or not ours: study again
        if not isinstance(data, dict):
            return {}
        return {k: v for k, v in data.items() if isinstance(k, str) and isinstance(v, str)}

    def _save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_name(f".{os.getpid()}-{self.path.name}")
        try:
            half.write_text(json.dumps(self._answers, indent=0), encoding="utf-8")
            os.replace(half, self.path)
        finally:
            half.unlink(missing_ok=True)
