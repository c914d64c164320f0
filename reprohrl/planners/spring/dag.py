"""A graph of questions, read from YAML and checked: each question names those whose answers it sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

SHIPPED = ("drone", "crafter")
_KEYS = ("name", "role", "questions", "final", "study")


@dataclass(frozen=True, slots=True)
class Question:
    """`after` names the questions whose answers this one sees, and no others."""

    name: str
    ask: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyQuestions:
    """What is asked of each paragraph of a document, of the relevant ones, and of their answers.

    A paragraph is kept when one of `relevance` is answered with yes.
    """

    relevance: tuple[str, ...]
    questions: tuple[str, ...]
    merge: str


@dataclass(frozen=True, slots=True)
class Dag:
    """`questions` stand in topological order: parents first, else as in the file."""

    name: str
    role: str
    questions: tuple[Question, ...]
    final: str
    study: StudyQuestions

    def ancestors(self, name: str) -> set[str]:
        """Return the names of all questions the answer of `name` rests on."""
        by_name = {q.name: q for q in self.questions}
        found: set[str] = set()
        todo = list(by_name[name].after)
        while todo:
            parent = todo.pop()
            if parent not in found:
                found.add(parent)
                todo += by_name[parent].after
        return found


def load_dag(source: str | Path = "drone") -> Dag:
    """Read a shipped graph by name, or a file. Raises `UserError` that names all that is wrong with it."""
    if str(source) in SHIPPED:
        text = (files("reprohrl.planners.spring") / f"{source}.yaml").read_text(encoding="utf-8")
    else:
        try:
            text = Path(source).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                f"the question file {source} cannot be read", why=str(error),
                fix=f"--dag with a YAML file, or one of: {', '.join(SHIPPED)}",
            ) from error  # fmt: skip
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UserError(f"{source} is no YAML", why=" ".join(str(error).split())) from error
    return dag_of(data, str(source))


def dag_of(data: Any, source: str = "the graph") -> Dag:
    """Check the content of a graph file. Raises `UserError` that names all that is wrong with it."""
    problems: list[str] = []
    if not isinstance(data, Mapping):
        raise UserError(f"{source} holds no graph", why="it is no mapping", fix=f"give: {', '.join(_KEYS)}")
    for key in data:
        if key not in _KEYS:
            problems.append(f"unknown entry {key!r}, {did_you_mean(str(key), _KEYS) or 'there is no such'}")
    questions = _questions(data.get("questions"), problems)
    names = [q.name for q in questions]
    final = str(data.get("final", ""))
    if final not in names:
        problems.append(f"final is {final!r}, which is no question")
    for q in questions:
        for parent in q.after:
            if parent not in names:
                hint = did_you_mean(parent, names) or ""
                problems.append(f"{q.name} comes after {parent!r}, which is no question {hint}".strip())
    ordered = _ordered(questions, problems) if not problems else ()
    study = _study(data.get("study"), problems)
    dag = Dag(str(data.get("name", source)), str(data.get("role", "")).strip(), ordered, final, study)
    if not problems:
        idle = [n for n in names if n != final and n not in dag.ancestors(final)]
        problems += [f"the answer of {n} is never used" for n in idle]
    if problems:
        raise UserError(f"{source} is no graph of questions", why="; ".join(problems), fix="mend the file")
    return dag


def _questions(data: Any, problems: list[str]) -> list[Question]:
    if not isinstance(data, Mapping) or not data:
        problems.append("questions is no mapping of names to questions")
        return []
    found = []
    for name, entry in data.items():
        if (
            not isinstance(entry, Mapping)
            or not isinstance(entry.get("ask"), str)
            or not entry["ask"].strip()
        ):
            problems.append(f"{name} has no question: give it `ask`")
            continue
        extra = sorted(set(entry) - {"ask", "after"})
        if extra:
            problems.append(f"{name} has unknown entries: {', '.join(map(str, extra))}")
        after = entry.get("after") or []
        if not isinstance(after, list):
            problems.append(f"{name}: after is no list")
            continue
        found.append(Question(str(name), " ".join(entry["ask"].split()), tuple(map(str, after))))
    return found


def _study(data: Any, problems: list[str]) -> StudyQuestions:
    data = data if isinstance(data, Mapping) else {}
    relevance, questions = data.get("relevance"), data.get("questions")
    for name, value in (("relevance", relevance), ("questions", questions)):
        if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
            problems.append(f"study.{name} is no list of questions")
    if problems:
        return StudyQuestions((), (), "")
    merge = str(data.get("merge", "Remove duplicate items."))
    return StudyQuestions(tuple(relevance or ()), tuple(questions or ()), merge)


def _ordered(questions: list[Question], problems: list[str]) -> tuple[Question, ...]:
    """Sort parents first; among the free ones the file's order decides, so it is always the same."""
    done: list[Question] = []
    left = list(questions)
    while left:
        names = {q.name for q in done}
        free = next((q for q in left if set(q.after) <= names), None)
        if free is None:
            problems.append(f"these wait for each other in a circle: {', '.join(q.name for q in left)}")
            return ()
        done.append(free)
        left.remove(free)
    return tuple(done)
