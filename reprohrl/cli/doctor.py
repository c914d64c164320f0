"""`reprohrl doctor`: what works on this machine and on a drone, what does not, and what to do about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from reprohrl.preflight.finding import Finding

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl doctor\n\n"
    "reprohrl doctor --uri radio://0/80/2M/E7E7E7E7E7\n\n"
    "reprohrl doctor --uri tcp://192.168.4.1:5000 --json"
)


def command(
    uri: Annotated[
        str, typer.Option(help="Look at this drone, too: radio://, usb://, udp:// or tcp://.")
    ] = "",
    camera: Annotated[
        str, typer.Option(help="Its camera: HOST:PORT, link or none; by default what goes with the uri.")
    ] = "",
    seconds: Annotated[float, typer.Option(min=1.0, max=60.0, help="How long to listen to the drone.")] = 3.0,
    timeout: Annotated[
        float, typer.Option(min=1.0, max=300.0, help="How long to try to connect [s].")
    ] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    checklist: Annotated[
        bool, typer.Option("--checklist", help="Print what is checked, as a Markdown table, and stop.")
    ] = False,
    strict: Annotated[bool, typer.Option(help="Exit with 1 when anything at all is to be noted.")] = False,
) -> int:
    """Check this machine, and with --uri a drone: link, firmware, decks, battery, estimator, camera.

    Nothing is sent that moves, arms or changes the drone. Exit status 1 when a check failed.
    """
    from reprohrl.cli.checks import machine
    from reprohrl.preflight.checklist import checklist_markdown
    from reprohrl.preflight.finding import State, worst

    if checklist:
        typer.echo(checklist_markdown(), nl=False)
        return 0
    findings = machine(uri)
    if uri:
        findings += look_at(uri, camera, seconds, timeout, quiet=as_json)
    bad = worst(findings)
    if as_json:
        content = {"ready": bad is not State.FAILED, "uri": uri, "findings": [f.to_dict() for f in findings]}
        typer.echo(json.dumps(content, indent=2))
    else:
        show(findings)
        _conclude(bad, bool(uri))
    return 1 if bad is State.FAILED or (strict and bad is State.NOTE) else 0


def look_at(uri: str, camera: str, seconds: float, timeout_s: float, *, quiet: bool) -> list[Finding]:
    """Connect, listen and judge; a failed connection is a finding as well."""
    from contextlib import ExitStack

    from reprohrl.cli import console
    from reprohrl.cli.crazyflie_parts import LINK, NONE, camera_address, open_camera
    from reprohrl.contracts.clock import WallClock
    from reprohrl.contracts.errors import LinkError
    from reprohrl.preflight.finding import Finding, State

    address = camera_address(uri, camera)
    from firmware_bridge.doctor.gate import look
    from firmware_bridge.observer import CrazyflieObserver

    clock = WallClock()
    began = clock.now()
    with console.err().status(f"connecting to {uri}") as status, ExitStack() as stack:
        say = (lambda _: None) if quiet else status.update
        try:
            drone = CrazyflieObserver(uri, connect_timeout_s=timeout_s, progress=say)
            stack.enter_context(drone)
            connected = Finding("Connection", State.OK, f"{uri} in {clock.now() - began:.1f} s")
            eye = None if address == NONE else stack.enter_context(open_camera(drone, address))
            where = uri if address == LINK else address
            found = look(drone, eye, clock, camera_address=where, seconds=seconds, progress=say)
        except LinkError as error:
            said = "; ".join(part for part in (error.what, error.why) if part)
            return [Finding("Connection", State.FAILED, said, error.fix)]
    return [connected, *found]


def show(findings: list[Finding]) -> None:
    """Print each finding with its state, and below it what to do."""
    from rich.markup import escape

    from reprohrl.cli import console
    from reprohrl.preflight.finding import State

    signs = {State.OK: "[green]ok[/]     ", State.NOTE: "[yellow]note[/]   ", State.FAILED: "[red]failed[/] "}
    for finding in findings:
        console.out().print(f"{signs[finding.state]} [bold]{finding.name}[/]: {escape(finding.evidence)}")
        if finding.fix:
            console.out().print(f"          {escape(finding.fix)}")


def _conclude(worst: Any, with_drone: bool) -> None:
    from reprohrl.cli import console
    from reprohrl.preflight.finding import State

    ready = "The drone may fly; read the notes." if with_drone else (
        "Ready to fly in simulation; the notes name what is optional."
    )  # fmt: skip
    words = {State.OK: "All is well.", State.NOTE: ready, State.FAILED: "Not ready to fly; mend what failed."}
    console.out().print(words[worst])
