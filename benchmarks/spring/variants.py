"""The four ways of deciding that are compared, with the same model on the same episodes."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.language.models.rules.model import RuleModel
from reprohrl.planners.spring.dag import Dag
from reprohrl.planners.spring.study import study
from reprohrl.planners.spring.thinker import SpringThinker


@dataclass(frozen=True, slots=True)
class Variant:
    """`document`: whole, removed (a fact of it) or none. `flat`: one list of questions for the graph."""

    name: str
    document: str = "whole"
    flat: bool = False


VARIANTS = (
    Variant("full SPRING"),
    Variant("flat list of questions", flat=True),
    Variant("a fact removed", document="removed"),
    Variant("no document", document="none"),
)


def thinker(variant: Variant, dag: Dag, document: str, removed: str) -> SpringThinker:
    """Study what the variant may read, and return what decides.

    `removed` is the sentence taken out of the document. Raises `ValueError` when it is not in there once.
    """
    if document.count(removed) != 1:
        raise ValueError(f"{removed!r} stands {document.count(removed)} times in the document, not once")
    text = {"whole": document, "removed": document.replace(removed, ""), "none": ""}[variant.document]
    model = RuleModel()
    notes = study(text, dag, model) if text else ""
    return SpringThinker(model, dag, notes, flat=variant.flat)
