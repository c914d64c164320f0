"""All planners by name, each built only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.planner import Planner
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl.language.models.registry import check_model, make_model
from reprohrl.language.models.settings import LanguageSettings
from reprohrl.planners.asynchronous import Asynchronous, Patience
from reprohrl.planners.thinker import Thinker
from reprohrl.planners.worker import Thinking
from reprohrl.policies import registry as plain

Progress = Callable[[str], None]


def _spring(settings: LanguageSettings, say: Progress) -> Thinker:
    from reprohrl.planners.spring.dag import load_dag
    from reprohrl.planners.spring.document import read_document
    from reprohrl.planners.spring.study import study
    from reprohrl.planners.spring.thinker import SpringThinker

    dag = load_dag(settings.dag or "drone")
    text = read_document(settings.document) if settings.document else ""
    say(f"loading the language model {settings.lm}")
    model = make_model(settings)
    notes = study(text, dag, model, progress=say, timeout_s=settings.timeout_s) if text else ""
    return SpringThinker(model, dag, notes, answer_s=settings.timeout_s)


def _direct(settings: LanguageSettings, say: Progress) -> Thinker:
    from reprohrl.planners.direct import DirectThinker
    from reprohrl.planners.spring.document import paragraphs, read_document

    text = "\n".join(paragraphs(read_document(settings.document))) if settings.document else ""
    say(f"loading the language model {settings.lm}")
    return DirectThinker(make_model(settings), text, answer_s=settings.timeout_s)


def _ilql(settings: LanguageSettings, say: Progress) -> Thinker:
    from reprohrl.planners.text_policy import PolicyThinker, load_text_policy

    if not settings.policy:
        raise UserError(
            "the ilql planner needs a trained policy",
            fix="--policy runs/lmrl/drone_nav/ilql/seed0 (train one: reprohrl lmrl train)",
        )
    return PolicyThinker(load_text_policy(Path(settings.policy)))


READING: Mapping[str, Callable[[LanguageSettings, Progress], Thinker]] = {
    "spring": _spring,
    "direct": _direct,
    "ilql": _ilql,
}
"""Planners that read: each is a thinker beside the flight, with the learned selector to fall back on."""

AGAIN_S = {"ilql": 1.0}
"""Flight time [s] between decisions where it is not the usual one: the policy's games decide each second."""

PLANNERS: tuple[str, ...] = (*plain.PLANNERS, *READING)
FALLBACK = "learned"


def make_planner(
    name: str = "learned",
    settings: LanguageSettings | None = None,
    *,
    thinking: Thinking = Thinking.THREAD,
    progress: Progress | None = None,
) -> Planner:
    """Build the planner `name`; one that reads studies its document first and says so to `progress`.

    Raises `UserError` for an unknown name or settings it cannot work with, `ModelError` for a bad file.
    """
    check_planner(name)
    if name not in READING:
        return plain.make_planner(name)
    chosen = settings or LanguageSettings()
    thinker = READING[name](chosen, progress or (lambda _: None))
    again_s = AGAIN_S.get(name, Patience().again_s)
    patience = replace(Patience(), think_s=chosen.think_s, again_s=again_s)
    return Asynchronous(
        thinker, plain.make_planner(FALLBACK), patience=patience, thinking=thinking,
        rendering=getattr(thinker, "rendering", None),
    )  # fmt: skip


def check_planner(name: str, settings: LanguageSettings | None = None) -> None:
    """Raise `UserError` for an unknown planner, or for settings with an unknown model."""
    if name not in PLANNERS:
        raise UserError(
            f"unknown planner {name!r}",
            why=f"there are: {', '.join(PLANNERS)}",
            fix=did_you_mean(name, PLANNERS) or "use one of them",
        )
    if name in ("spring", "direct"):
        check_model((settings or LanguageSettings()).lm)


def thinking_in(settings: LanguageSettings | None, *, lockstep: bool) -> Thinking:
    """Return how a flight thinks: at wall speed beside it, or in step with simulated time."""
    if not lockstep:
        return Thinking.THREAD
    return Thinking.INLINE if settings is not None and settings.lm == "rules" else Thinking.LOCKSTEP
