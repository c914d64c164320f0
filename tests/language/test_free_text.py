"""A mission read by a model: checked like any other, and shown; whatever else it says is not flown."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reprohrl.contracts.errors import ReprohrlError
from reprohrl.language.free import first_json, read_mission, read_with_model
from reprohrl.language.plain import mission_to_plain


@dataclass
class Said:
    text: str


class Model:
    """Answers with what it was given, and keeps what it was asked."""

    name = "parrot"

    def __init__(self, answer: str) -> None:
        self.answer, self.prompts = answer, []  # type: ignore[var-annotated]

    def generate(self, prompt: str, *, max_tokens: int = 128, timeout_s: float = 20.0) -> Said:
        self.prompts.append(prompt)
        if self.answer == "hang":
            raise ReprohrlError(f"no answer within {timeout_s:g} s")
        return Said(self.answer)


ODD = "Swing by the ring whenever you feel like it"


def test_the_grammar_comes_first_and_the_model_is_not_even_asked() -> None:
    model = Model("{}")
    assert read_mission("Visit the cube.", model).source == "grammar" and model.prompts == []


def test_free_text_goes_to_the_model_and_its_mission_is_checked_and_shown() -> None:
    model = Model('Sure! {"steps": ["torus", "return"], "avoid": {"obstacle": 1.0}} Have fun.')
    parsed = read_mission(ODD, model)
    assert parsed.mission is not None and parsed.source == "parrot"
    assert mission_to_plain(parsed.mission) == {"steps": ["torus", "return"], "avoid": {"obstacle": 1.0}}
    assert parsed.understood[0] == "1. visit the torus" and "check it" in parsed.notes[0].text
    assert ODD in model.prompts[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("I cannot help with that.", "did not answer with a mission"),
        ("", "did not answer with a mission"),
        ('{"steps": ["unicorn"]}', "cannot be flown"),
        ('{"steps": ["cube"], "avoid": {"cube": 1}}', "cannot be flown"),
        ('{"steps": ["cube"], "battery": {"at": 130}}', "130 %"),
        ('{"steps": ["cube"], "shell": "rm -rf /"}', "cannot be flown"),
        ('{"steps": ["cube"', "did not answer with a mission"),
        ("[1, 2]", "did not answer with a mission"),
        ('{"steps": ' + "[" * 2000 + "]" * 2000 + "}", "did not answer with a mission"),
        ("hang", "did not answer: no answer within"),
    ],
)
def test_any_other_answer_is_a_refusal(answer: str, said: str) -> None:
    parsed = read_with_model(ODD, Model(answer))
    assert not parsed.ok and said in parsed.refusals[0].text


def test_a_model_may_ask_back() -> None:
    parsed = read_with_model(ODD, Model('{"question": "Which ring?"}'))
    assert not parsed.ok and parsed.questions[0].text == "Which ring?"


def test_the_first_object_of_an_answer_counts() -> None:
    assert first_json('{bad} {"a": 1} {"b": 2}') == {"a": 1}
    with pytest.raises(ValueError):
        first_json("none")
