"""The flight-test page shows the checks and the failsafes of the code, and commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from reprohrl.cli.main import app, main
from reprohrl.preflight.checklist import checklist, checklist_markdown
from reprohrl.preflight.drone import JUDGES
from reprohrl.safety.table import markdown, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "flight-test.md"
WHOLE = "\n".join(
    [
        PAGE.read_text(),
        *((DOCS / "guide" / f"{name}.md").read_text() for name in ("doctor", "fly", "tune", "gap")),
    ]
)


def test_the_page_shows_the_checks_of_the_code() -> None:
    assert checklist_markdown() in PAGE.read_text(), "run: reprohrl doctor --checklist, and paste it"


def test_the_page_shows_the_failsafes_of_the_code() -> None:
    assert markdown(table()) in PAGE.read_text(), "run: reprohrl safety --markdown, and paste it"


def test_every_judge_of_a_drone_is_on_the_checklist() -> None:
    named = {check.name.lower() for check in checklist()}
    assert {judge.__name__ for judge in JUDGES} <= named


def test_the_doctor_prints_the_checklist_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--checklist"]) == 0
    assert capsys.readouterr().out == checklist_markdown()


def test_every_command_on_the_pages_has_options_that_exist() -> None:
    import typer

    group = typer.main.get_command(app)
    lines = re.findall(r"^reprohrl [^\\\n]+(?:\\\n[^\\\n]*)*", WHOLE, re.MULTILINE)
    assert len(lines) > 25
    for line in lines:
        words = shlex.split(line.replace("\\\n", " ").split("#")[0])
        command = group.commands[words[1]]  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {})
        if inner:
            command = inner[words[2]]
        known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
        assert [w for w in words if w.startswith("--") and w not in known] == [], line


def test_the_page_says_what_was_not_tried() -> None:
    assert "No flight of a real Crazyflie has been made" in PAGE.read_text()
    assert "## What was not tried on hardware" in PAGE.read_text()
