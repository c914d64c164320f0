"""`reprohrl safety`: the failsafe table, from the code."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

SETTINGS: dict[str, Any] = {}
EXAMPLES = "Examples:  reprohrl safety\n\nreprohrl safety --markdown > table.md\n\nreprohrl safety --json"


def command(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Print what is done about what, by whom and after how long."""
    from reprohrl.safety.table import markdown, table

    rows = table()
    if as_json:
        typer.echo(json.dumps([row.to_dict() for row in rows], indent=2))
    elif as_markdown:
        typer.echo(markdown(rows), nl=False)
    else:
        from rich.table import Table

        from reprohrl.cli import console

        shown = Table("layer", "condition", "reaction", "after", "then", title="Failsafes")
        for row in rows:
            after = f"{row.after_s:g} s" if row.after_s else "at once"
            shown.add_row(row.layer, row.condition, row.reaction, after, row.recovery)
        console.out().print(shown)
    return 0
