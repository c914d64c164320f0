"""Missions in words: two hundred of them come out as meant, and none as another mission in silence."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reprohrl.contracts.errors import UserError
from reprohrl.language.lexicon import LANGUAGES, lexicon
from reprohrl.language.parse import MOST_CHARACTERS, parse_mission
from reprohrl.language.parsed import Parsed
from reprohrl.language.plain import mission_to_plain

CASES: list[dict[str, Any]] = [
    case
    for part in yaml.safe_load((Path(__file__).parent / "missions.yaml").read_text()).values()
    for case in part
]
WANTED = 0.95


def expected(case: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in case.items() if k != "text"}


def exact(case: dict[str, Any], parsed: Parsed) -> bool:
    want = expected(case)
    if "refuse" in want:
        return not parsed.ok and bool(parsed.refusals)
    if "ask" in want:
        return not parsed.ok
    return parsed.mission is not None and mission_to_plain(parsed.mission) == want


def test_there_are_two_hundred_missions_in_two_languages() -> None:
    texts = [case["text"] for case in CASES]
    assert len(set(texts)) == len(texts) >= 200
    languages = [parse_mission(t).language for t in texts]
    assert languages.count("de") >= 60 and languages.count("en") >= 60
    kinds = [k for c in CASES for k in expected(c)]
    for kind in ("avoid", "battery", "time", "repeat", "ask", "refuse"):
        assert kinds.count(kind) >= 5, kind


def test_missions_in_words_come_out_as_meant() -> None:
    wrong = [c["text"] for c in CASES if not exact(c, parse_mission(c["text"]))]
    assert len(wrong) <= (1 - WANTED) * len(CASES), wrong


def test_none_comes_out_as_another_mission() -> None:
    other = [c["text"] for c in CASES if (p := parse_mission(c["text"])).ok and not exact(c, p)]
    assert other == []


@pytest.mark.parametrize("case", [c for c in CASES if "refuse" in c], ids=lambda c: c["text"][:40])
def test_the_impossible_is_refused_with_a_reason_and_its_place(case: dict[str, Any]) -> None:
    parsed = parse_mission(case["text"])
    assert parsed.mission is None and parsed.refusals
    for remark in parsed.refusals:
        assert remark.text and 0 <= remark.start <= remark.end <= len(case["text"])
    with pytest.raises(UserError):
        parsed.demand()


def test_a_slip_of_the_pen_never_makes_another_mission_in_silence() -> None:
    """One letter left out, swapped or replaced: the same mission, a question, a refusal, or a note."""
    rng, different, tried = random.Random(7), [], 0
    for case in CASES:
        meant = parse_mission(case["text"])
        if not meant.ok:
            continue
        for _ in range(3):
            text = slip(case["text"], rng)
            parsed, tried = parse_mission(text), tried + 1
            if parsed.ok and parsed.mission != meant.mission:
                different.append((text, parsed))
    assert tried > 400
    assert len(different) <= 0.01 * tried, [t for t, _ in different]
    new_words = [t for t, p in different if not p.notes]
    assert len(new_words) <= 0.003 * tried, "a slip that makes another known word can only be shown back"


def slip(text: str, rng: random.Random) -> str:
    places = [i for i, c in enumerate(text[:-1]) if c.isalpha() and text[i + 1].isalpha()]
    i, letters = rng.choice(places), list(text)
    kind = rng.randrange(3)
    if kind == 0:
        del letters[i]
    elif kind == 1:
        letters[i], letters[i + 1] = letters[i + 1], letters[i]
    else:
        letters[i] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


@pytest.mark.parametrize("word", ["quietly", "Zebra", "xyzzy", "bananas", "Kartoffel"])
def test_no_word_is_left_aside(word: str) -> None:
    for case in CASES[:60]:
        if set(expected(case)) & {"ask", "refuse"}:
            continue
        middle = case["text"].index(" ") if " " in case["text"] else len(case["text"])
        parsed = parse_mission(f"{case['text'][:middle]} {word} {case['text'][middle:]}")
        assert not parsed.ok and any(word in parsed.text[r.start : r.end] for r in parsed.refusals)


words = st.sampled_from(sorted({w for name in LANGUAGES for p in lexicon(name).phrases for w in p}))
marks = st.sampled_from([",", ".", "%", "5", "30 %", "2 m", "-1", ";", "(", "ß", "\n", "🚁", "´"])


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(words, marks), max_size=14).map(" ".join))
def test_any_heap_of_words_gets_an_answer(text: str) -> None:
    for language in LANGUAGES:
        parsed = parse_mission(text, language=language)
        assert parsed.ok == (not parsed.questions and not parsed.refusals)
        assert parsed.ok == bool(parsed.understood)
        for remark in (*parsed.notes, *parsed.questions, *parsed.refusals):
            assert remark.text and 0 <= remark.start <= remark.end <= len(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    parsed = parse_mission(text)
    assert parsed.ok or parsed.questions or parsed.refusals


def test_what_is_too_long_is_not_read() -> None:
    parsed = parse_mission("cube, cone, " * MOST_CHARACTERS)
    assert not parsed.ok and str(MOST_CHARACTERS) in parsed.refusals[0].text


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("visit the spere", '"spere" is read as "sphere".'),
        ("visit the red cube", "Colours and sizes are not told apart"),
        ("stay away from people and visit the cube", "People are not told from other obstacles"),
        ("besuche die Kugl", "„Kugl“ wird als „kugel“ gelesen."),
    ],
)
def test_what_was_taken_for_granted_is_said(text: str, note: str) -> None:
    parsed = parse_mission(text)
    assert parsed.ok and any(note in n.text for n in parsed.notes)


def test_a_question_offers_what_could_be_meant() -> None:
    [question] = parse_mission("Visit the cune.").questions
    assert question.choices == ("cone", "cube") and "cune" in question.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Do not visit the cube before the cone.", "Say what comes first"),
        ("Finally visit the cone. Then visit the cube.", "contradictory"),
        ("Visit the cube, then hover.", "how many seconds"),
        ("Visit the cube at 30 % battery.", "return home, or land"),
        ("Visit all objects, then the cube.", "contradictory"),
        ("Land, then visit the cube.", "after the landing"),
        ("Visit the cube and the torus, then the cone twice.", "this alone"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_asked(text: str, told: str) -> None:
    parsed = parse_mission(text)
    assert not parsed.ok and told in " ".join(r.text for r in (*parsed.questions, *parsed.refusals))


@pytest.mark.parametrize(
    "text",
    [
        "Visit the cube next to the cone.",
        "Fly around the cube.",
        "Go to the cone with the cube to your left.",
        "Fly through the ring.",
        "Visit the cube in reverse.",
        "Flieg um den Würfel herum.",
        "Flieg durch den Ring.",
        "Visit the cone not before 30 seconds.",
        "Visit the cube, but never return home.",
    ],
)
def test_what_the_drone_cannot_do_is_not_taken_for_what_it_can(text: str) -> None:
    assert not parse_mission(text).ok
