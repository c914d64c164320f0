"""The configuration of the language_planner node."""

from __future__ import annotations

from dataclasses import dataclass

from reprohrl.language.models.settings import LanguageSettings
from ros_nodes.arguments import LANGUAGE_MODELS
from ros_nodes.parameter import StageConfig, parameter

READING = ("spring", "direct", "ilql")


@dataclass(frozen=True, slots=True)
class LanguagePlannerConfig(StageConfig):
    """What the language_planner node can be told."""

    planner: str = parameter("spring", "which planner that reads", choices=READING)
    lm: str = parameter("rules", "language model", choices=LANGUAGE_MODELS)
    lm_path: str = parameter("", "folder of an hf model, or of a trained tiny one")
    lm_endpoint: str = parameter("", "OpenAI-compatible server, e.g. http://127.0.0.1:8080/v1")
    lm_model: str = parameter("", "the model's name at that server")
    key_variable: str = parameter("OPENAI_API_KEY", "environment variable that holds the server's key")
    document: str = parameter("", "rules to study when configured: LaTeX, Markdown or text")
    dag: str = parameter("", "YAML file of spring's questions; the drone's when empty")
    policy: str = parameter("", "folder of a policy of reprohrl lmrl train, for ilql")
    timeout_s: float = parameter(20.0, "longest wait for one answer of the model", 0.1, 600.0, unit="s")
    think_s: float = parameter(60.0, "longest time for one decision", 0.1, 600.0, unit="s")
    answer_s: float = parameter(
        120.0, "wait for the operator's answer to a question", 1.0, 3600.0, unit="s", live=True
    )
    seed: int = parameter(0, "seed of the planner", 0, 2**31)


def settings_of(values: dict[str, object]) -> LanguageSettings:
    """Return what the planner is made of, from the node's parameters."""
    v = values
    return LanguageSettings(
        lm=str(v["lm"]), path=str(v["lm_path"]), endpoint=str(v["lm_endpoint"]), model=str(v["lm_model"]),
        key_variable=str(v["key_variable"]), document=str(v["document"]), dag=str(v["dag"]),
        policy=str(v["policy"]), timeout_s=float(v["timeout_s"]), think_s=float(v["think_s"]),  # type: ignore[arg-type]
        seed=int(v["seed"]),  # type: ignore[call-overload]
    )  # fmt: skip
