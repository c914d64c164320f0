"""`reprohrl`: the table of verbs, and what happens to errors."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import reprohrl
from reprohrl.cli import (
    agreement,
    bench,
    calibrate,
    console,
    doctor,
    eval,
    export,
    fit_detector_noise,
    fly,
    foxglove,
    gap,
    inject,
    launch,
    lmrl,
    missing,
    mission,
    models,
    replay,
    report,
    safety,
    show,
    sweep,
    talk,
    tasks,
    train,
    tune,
    virtual_crazyflie,
)
from reprohrl.cli.status import returning
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130


class Verbs(TyperGroup):
    """Answers an unknown verb with the nearest one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, args)
        words = [*getattr(ctx, "_protected_args", []), *ctx.args]
        if words and words[0] not in self.commands:
            known = list(self.commands)
            raise UserError(
                f"there is no verb {words[0]!r}",
                why=f"there are: {', '.join(known)}",
                fix=did_you_mean(words[0], known) or "reprohrl --help",
            )
        return rest


app = typer.Typer(
    name="reprohrl",
    cls=Verbs,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"reprohrl {reprohrl.__version__}")
        raise typer.Exit


@app.callback(epilog="Start here: [bold]reprohrl doctor[/], then [bold]reprohrl fly --task MC-3 --seed 1[/].")
def _options(
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more (-vv: all).")] = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Fly nano-drones to goals: simulate, train, evaluate, launch the ROS graph, report."""
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


VERBS = (
    fly, mission, talk, launch, inject, foxglove, eval, bench, show, train, sweep, export, fit_detector_noise,
    report, replay, agreement, safety, doctor, virtual_crazyflie, gap,
)  # fmt: skip
for verb in VERBS:
    name = verb.__name__.rpartition(".")[2].replace("_", "-")
    app.command(name=name, epilog=verb.EXAMPLES, **verb.SETTINGS)(returning(verb.command))
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(lmrl.app, name="lmrl")
app.add_typer(models.app, name="models")
app.add_typer(tasks.app, name="tasks")
app.add_typer(tune.app, name="tune")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit status. Mistakes of the user are sentences, never tracebacks."""
    try:
        app(list(arguments) if arguments is not None else None, prog_name="reprohrl")
    except UserError as error:
        console.complain(error)
        return EXIT_USER_ERROR
    except ModuleNotFoundError as error:
        told = missing.explain(error)
        if told is None:
            raise
        console.complain(told)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        console.err().print("Stopped.")
        return EXIT_INTERRUPTED
    except SystemExit as leave:  # typer's own way out, with the verb's status or a wrong option's 2
        return leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
