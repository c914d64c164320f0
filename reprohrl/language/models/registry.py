"""Language models by name, each built only when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean
from reprohrl.language.models.model import LanguageModel
from reprohrl.language.models.settings import LanguageSettings


def _rules(settings: LanguageSettings) -> LanguageModel:
    from reprohrl.language.models.rules.model import RuleModel

    return RuleModel()


def _openai(settings: LanguageSettings) -> LanguageModel:
    from reprohrl.language.models.openai import OpenAIModel

    return OpenAIModel(settings)


def _on_torch(name: str) -> Callable[[LanguageSettings], LanguageModel]:
    def build(settings: LanguageSettings) -> LanguageModel:
        # By name: torch's home is reprohrl.training, and only who asks for it needs it installed.
        module = importlib.import_module(f"reprohrl.training.language.{name}")
        model: LanguageModel = module.build(settings)
        return model

    return build


MODELS: Mapping[str, Callable[[LanguageSettings], LanguageModel]] = {
    "rules": _rules,
    "tiny": _on_torch("tiny"),
    "smollm2": _on_torch("smollm2"),
    "hf": _on_torch("hf"),
    "openai": _openai,
}


def check_model(name: str) -> None:
    """Raise `UserError` for an unknown model."""
    if name not in MODELS:
        raise UserError(
            f"unknown language model {name!r}",
            why=f"there are: {', '.join(MODELS)}",
            fix=did_you_mean(name, list(MODELS)) or "--lm rules",
        )


def make_model(settings: LanguageSettings | str) -> LanguageModel:
    """Build a model. Raises `UserError` for an unknown one, or for settings it cannot work with."""
    chosen = LanguageSettings(lm=settings) if isinstance(settings, str) else settings
    check_model(chosen.lm)
    return MODELS[chosen.lm](chosen)
