"""The options of planners that read: the same in every verb that flies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reprohrl.language.models.settings import LanguageSettings

PANEL = "A planner that reads"
ENDPOINT_VARIABLE = "OPENAI_BASE_URL"

Lm = Annotated[
    str, typer.Option(help="Language model: tiny, smollm2, hf, openai or rules.", rich_help_panel=PANEL)
]
LmPath = Annotated[str, typer.Option(help="Folder of an hf model.", rich_help_panel=PANEL)]
LmEndpoint = Annotated[
    str,
    typer.Option(
        help=f"OpenAI-compatible server, e.g. http://127.0.0.1:8080/v1; ${ENDPOINT_VARIABLE} by default.",
        rich_help_panel=PANEL,
    ),
]
LmModel = Annotated[str, typer.Option(help="The model's name at that server.", rich_help_panel=PANEL)]
LmTimeout = Annotated[
    float, typer.Option(min=0.1, help="Longest wait for one answer [s].", rich_help_panel=PANEL)
]
LmPrice = Annotated[
    str,
    typer.Option(
        help="USD for a million tokens asked, answered: 0.15,0.6. For the report.", rich_help_panel=PANEL
    ),
]
Document = Annotated[
    str, typer.Option(help="Rules to study before the flight: LaTeX, Markdown, text.", rich_help_panel=PANEL)
]
Dag = Annotated[
    str, typer.Option(help="YAML file of spring's questions; the drone's by default.", rich_help_panel=PANEL)
]
Policy = Annotated[
    str, typer.Option(help="Folder of a policy of reprohrl lmrl train, for ilql.", rich_help_panel=PANEL)
]


def settings_of(
    planner: str, *, lm: str = "tiny", path: str = "", endpoint: str = "", model: str = "",
    timeout: float = 20.0, price: str = "", document: str = "", dag: str = "", policy: str = "",
) -> LanguageSettings | None:  # fmt: skip
    """Return what the planner is made of; None for one that does not read.

    Raises `UserError` for an option that this planner does not have: it would be ignored silently.
    """
    from reprohrl.contracts.errors import UserError
    from reprohrl.language.models.settings import LanguageSettings
    from reprohrl.planners.registry import READING

    files = {"--document": document, "--dag": dag, "--policy": policy, "--lm-endpoint": endpoint}
    if planner not in READING:
        given = [name for name, value in files.items() if value]
        if given:
            raise UserError(
                f"{given[0]} is given, but the planner {planner} does not read",
                fix=f"choose one that does: --planner {' or '.join(READING)}",
            )
        return None
    price_in, price_out = _prices(price)
    for name, value in files.items():
        if value and name in ("--document", "--dag") and value not in ("drone", "crafter"):
            _must_exist(name, value)
    return LanguageSettings(
        lm=lm, path=path, endpoint=endpoint or os.environ.get(ENDPOINT_VARIABLE, ""), model=model,
        document=document, dag=dag, policy=policy, timeout_s=timeout,
        price_in=price_in, price_out=price_out,
    )  # fmt: skip


def _prices(text: str) -> tuple[float, float]:
    """Return the two prices of "0.15,0.6"; raises `UserError` for anything else."""
    from reprohrl.contracts.errors import UserError

    if not text:
        return 0.0, 0.0
    try:
        asked, answered = (float(part) for part in text.split(","))
        if not (0.0 <= asked < 1e6 and 0.0 <= answered < 1e6):
            raise ValueError("a price is not below zero, and a number")
    except ValueError as error:
        raise UserError(
            f"--lm-price {text!r} is no pair of prices", why=str(error), fix="e.g. 0.15,0.6"
        ) from error
    return asked, answered


def _must_exist(name: str, value: str) -> None:
    from reprohrl.contracts.errors import UserError

    if not Path(value).is_file():
        raise UserError(f"{name} {value}: there is no such file", fix="name one that exists")
