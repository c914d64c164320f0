"""`reprohrl models`: list the shipped models, or check that each keeps its promises."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reprohrl.cli.status import returning

app = typer.Typer(no_args_is_help=True, help="List or verify the shipped models.", rich_markup_mode="rich")
Folder = Annotated[Path | None, typer.Option("--dir", help="Another folder of models.", show_default=False)]


@app.command(name="list", epilog="Example:  reprohrl models list")
@returning
def list_(folder: Folder = None) -> int:
    """Show each model with its kind, licence, spec and metrics."""
    from rich.table import Table

    from reprohrl.cli import console
    from reprohrl.policies.verify import list_models

    table = Table("model", "kind", "licence", "spec", "sha256", "metrics", show_lines=True)
    for entry in list_models(folder):
        metrics = "\n".join(f"{k} {v:.4g}" for k, v in entry.metrics.items())
        table.add_row(entry.name, entry.kind, entry.license, entry.spec_hash[:8], entry.sha256[:8], metrics)
    console.out().print(table)
    return 0


@app.command(epilog="Example:  reprohrl models verify")
@returning
def verify(folder: Folder = None) -> int:
    """Check hash, spec, normalisation, provenance and example output of every model."""
    from rich.markup import escape

    from reprohrl.cli import console
    from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
    from reprohrl.policies.verify import verify_models

    expected = {"navigator": NAVIGATOR_SPEC, "selector": SELECTOR_SPEC}
    checks = verify_models(folder, expected=expected)
    for check in checks:
        verdict = "[green]sound[/]" if check.ok else f"[red]refused[/]: {escape(check.problem)}"
        console.out().print(f"{check.name}: {verdict}")
    if not checks:
        console.out().print("no model is listed in the manifest")
    return 0 if checks and all(c.ok for c in checks) else 1
