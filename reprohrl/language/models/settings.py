"""`LanguageSettings`: which model reads what; one source for the command line, the launch file and tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """What a planner that reads is made of.

    lm            rules, tiny, smollm2, hf or openai
    path          folder of an `hf` model, or a trained `tiny` one; "" for its default
    endpoint      base address of an OpenAI-compatible server, e.g. http://127.0.0.1:8080/v1
    model         the model's name at that endpoint
    key_variable  environment variable that holds the endpoint's key; the key itself is in no setting
    document      file that SPRING studies, LaTeX, Markdown or text; "" for none
    dag           YAML file of its questions; "" for the shipped drone version
    policy        file of a text policy trained by `reprohrl lmrl train`
    timeout_s     longest wait for one answer of a model [s]
    think_s       longest time for one decision, all questions together [s]
    price_in, price_out   USD for a million tokens of prompts and of answers, for the report
    """

    lm: str = "tiny"
    path: str = ""
    endpoint: str = ""
    model: str = ""
    key_variable: str = "OPENAI_API_KEY"
    document: str = ""
    dag: str = ""
    policy: str = ""
    timeout_s: float = 20.0
    think_s: float = 60.0
    price_in: float = 0.0
    price_out: float = 0.0
    seed: int = 0

    def __str__(self) -> str:
        """Return the model in words, for logs and reports."""
        return f"{self.lm} {self.model}".strip()
