"""Missions in words on the command line: shown back, and confirmed before anything flies."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.contracts.mission import Mission
    from reprohrl.language.models.settings import LanguageSettings
    from reprohrl.language.parsed import Parsed, Remark

PANEL = "A mission in words"
Words = Annotated[
    str,
    typer.Option("--mission", help="In English or German, instead of --goals.", rich_help_panel=PANEL),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Fly it as it is understood, unasked.", rich_help_panel=PANEL)
]


def read(text: str, language: LanguageSettings | None = None) -> Parsed:
    """Read a mission: by the grammar, else by the language model where there is one that can."""
    from reprohrl.language.free import FREE, read_mission
    from reprohrl.language.models.registry import make_model

    model = make_model(language) if language is not None and language.lm in FREE else None
    return read_mission(text, model)


def show(parsed: Parsed) -> None:
    """Print what was understood, what was taken for granted, and what is asked or refused, with its place."""
    from rich.markup import escape

    from reprohrl.cli import console

    say = console.out().print
    for line in parsed.understood:
        say(escape(line))
    for remark in parsed.notes:
        say(f"[dim]{escape(_placed(parsed, remark))}[/]")
    for remark in parsed.questions:
        say(f"[yellow]{escape(_placed(parsed, remark))}[/]")
        if remark.choices:
            say(f"  {escape(' / '.join(remark.choices))}")
    for remark in parsed.refusals:
        say(f"[red]{escape(_placed(parsed, remark))}[/]")


def confirmed(text: str, *, yes: bool, language: LanguageSettings | None = None) -> Mission:
    """Show the mission back and return it once it is confirmed.

    Raises `UserError` for one that is not clear, where the answer is no, and where nobody can answer.
    """
    from reprohrl.cli import console

    parsed = read(text, language)
    show(parsed)
    mission = parsed.demand()
    if yes:
        return mission
    if not sys.stdin.isatty():
        raise UserError(
            "nobody is there to confirm the mission", why="this is no terminal",
            fix="read it above, then add --yes",
        )  # fmt: skip
    if not typer.confirm("Fly this mission?", err=True):
        raise UserError("the mission is not flown", why="it was not confirmed", fix="say it in other words")
    console.err().print("Flying it.")
    return mission


def orders_of(mission: Mission) -> str:
    """Return the mission as an episode carries it."""
    import json

    from reprohrl.language.plain import mission_to_plain

    return json.dumps(mission_to_plain(mission))


def _placed(parsed: Parsed, remark: Remark) -> str:
    """Return a remark behind the words it is about."""
    place = parsed.text[remark.start : remark.end]
    return f'"{place}": {remark.text}' if place and place != parsed.text else remark.text
