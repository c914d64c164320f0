"""`reprohrl mission`: what a mission in words is understood as, without flying it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from reprohrl.cli import language, worded

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    'Examples:  reprohrl mission "first the ball, then whatever is behind the doorway, then come home"\n\n'
    'reprohrl mission "Besuche Kegel und Würfel in beliebiger Reihenfolge, halte Abstand von Personen"\n\n'
    'reprohrl mission --json "be home before the battery is at 30 %, visit the cube"'
)


def command(
    text: Annotated[str, typer.Argument(help="The mission, in English or German.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    lm: Annotated[
        str, typer.Option(help="Model for what the grammar cannot read: openai, hf or smollm2.")
    ] = "",
    lm_path: language.LmPath = "",
    lm_endpoint: language.LmEndpoint = "",
    lm_model: language.LmModel = "",
    lm_timeout: language.LmTimeout = 20.0,
) -> int:
    """Say what a mission in words means, what is unclear in it or impossible; exit 0 when it can be flown."""
    import json
    import os
    from dataclasses import asdict

    from reprohrl.cli import console
    from reprohrl.cli.stage import choose_one
    from reprohrl.language.free import FREE
    from reprohrl.language.models.settings import LanguageSettings
    from reprohrl.language.plain import mission_to_plain

    settings = None
    if lm:
        choose_one("lm", lm, FREE)
        settings = LanguageSettings(
            lm=lm, path=lm_path, endpoint=lm_endpoint or os.environ.get(language.ENDPOINT_VARIABLE, ""),
            model=lm_model, timeout_s=lm_timeout,
        )  # fmt: skip
    parsed = worded.read(text, settings)
    if as_json:
        remarks = {
            name: [asdict(r) for r in found]
            for name, found in (
                ("notes", parsed.notes), ("questions", parsed.questions), ("refusals", parsed.refusals),
            )
        }  # fmt: skip
        mission = mission_to_plain(parsed.mission) if parsed.mission is not None else None
        told = {
            "mission": mission, "understood": list(parsed.understood), **remarks,
            "language": parsed.language, "source": parsed.source,
        }  # fmt: skip
        console.out().print_json(json.dumps(told))
    else:
        worded.show(parsed)
    return 0 if parsed.ok else 1
