"""`reprohrl talk`: a web page on this machine: a mission in words, what became of it, and a stop button."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli import language

if TYPE_CHECKING:
    from reprohrl.language.models.settings import LanguageSettings
    from reprohrl.language.parsed import Parsed
    from reprohrl.talk.flight import Pilot

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl talk\n\n"
    "reprohrl talk --planner spring --lm rules --document site-rules.md\n\n"
    "reprohrl talk --task X2R --seed 4 --port 9000\n\n"
    "reprohrl talk --uri radio://0/80/2M/E7E7E7E7E7     (a real drone; preflight checks come first)"
)


def command(
    task: Annotated[
        str, typer.Option(help="Task whose scene is flown in; its objects are the mission's.")
    ] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Scene seed.")] = 0,
    planner: Annotated[
        str, typer.Option(help="Goal selector: learned, rule, scripted, spring, direct or ilql.")
    ] = "learned",
    navigator: Annotated[str, typer.Option(help="Low level: learned, routes or scripted.")] = "learned",
    rung: Annotated[
        str, typer.Option(help="Perception: R0 truth, R1 errors, R2 detector, R3 worse camera.")
    ] = "R2",
    color: Annotated[bool, typer.Option("--color/--grey", help="Colour or grey camera.")] = False,
    world: Annotated[str, typer.Option(help="Physics: bullet, or the compiled fast world.")] = "fast",
    realtime: Annotated[
        bool, typer.Option("--realtime/--no-realtime", help="At wall speed, or as fast as it goes.")
    ] = True,
    uri: Annotated[str, typer.Option(help="Fly this drone: radio://, usb://, udp:// or tcp://.")] = "",
    camera: Annotated[str, typer.Option(help="Its camera: HOST:PORT, or link for tcp://.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0: any.")] = 8080,
    expose: Annotated[
        bool, typer.Option("--expose", help="Listen on an address that others reach; they can fly the drone.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option(help="A name others call this machine by, with --expose.")
    ] = None,
    lm: language.Lm = "rules",
    lm_path: language.LmPath = "",
    lm_endpoint: language.LmEndpoint = "",
    lm_model: language.LmModel = "",
    lm_timeout: language.LmTimeout = 20.0,
    document: language.Document = "",
    dag: language.Dag = "",
    policy: language.Policy = "",
) -> int:
    """Serve the page until Ctrl-C; a drone that flies then is landed first."""
    from reprohrl.cli.talk_pilots import CrazyfliePilot, SimulationPilot
    from reprohrl.talk.serving import check_address, serve

    check_address(host, expose=expose)
    reading = language.settings_of(
        planner, lm=lm, path=lm_path, endpoint=lm_endpoint, model=lm_model, timeout=lm_timeout,
        document=document, dag=dag, policy=policy,
    )  # fmt: skip
    pilot: Pilot
    if uri:
        pilot = CrazyfliePilot(uri, camera, planner, navigator, reading)
    else:
        from reprohrl.cli.stage import check_spec, spec_of

        spec = spec_of(
            task=task, rung=rung, seed=seed, colour=color, planner=planner, navigator=navigator, world=world,
            language=reading,
        )  # fmt: skip
        check_spec(spec)
        pilot = SimulationPilot(spec, realtime=realtime)
    return serve(pilot, _reader(reading), host=host, port=port, names=(host, *(name or [])), say=_say)


def _reader(reading: LanguageSettings | None) -> Callable[[str], Parsed]:
    """Return what reads missions: the grammar, and for free text the model, where there is one."""
    from reprohrl.language.free import read_mission
    from reprohrl.language.models.registry import make_model

    if reading is None or reading.lm == "rules":  # the rule reader knows no missions
        return read_mission
    model = make_model(reading)
    return lambda text: read_mission(text, model)


def _say(line: str) -> None:
    from rich.markup import escape

    from reprohrl.cli import console

    console.out().print(escape(line))
