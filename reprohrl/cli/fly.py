"""`reprohrl fly`: a mission in this process, without ROS: in simulation, on a Crazyflie, or beside one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli import language, worded
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.mission import Mission

if TYPE_CHECKING:
    from reprohrl.cli.crazyflie_flight import CrazyflieFlight, Mode
    from reprohrl.evaluation.spec import EpisodeSpec
    from reprohrl.flight.result import FlightResult, Tick
    from reprohrl.flight.shadow import Shadow
    from reprohrl.language.models.settings import LanguageSettings

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl fly --task MC-3 --seed 7\n\n"
    'reprohrl fly --goals "sphere,cone,cube"\n\n'
    'reprohrl fly --mission "the cone, then the cube, stay away from the ball, be home in 2 minutes"\n\n'
    "reprohrl fly --planner scripted --navigator scripted --renderer bullet --color\n\n"
    "reprohrl fly --planner spring --lm rules --document site-rules.md\n\n"
    'reprohrl fly --uri radio://0/80/2M/E7E7E7E7E7 --goals "sphere,cone" --shadow\n\n'
    "reprohrl fly --uri udp://127.0.0.1:19850     (reprohrl virtual-crazyflie runs there)"
)
CRAZYFLIE = "On a Crazyflie"
SHADOW_FILE = "shadow.json"


def command(
    task: Annotated[str, typer.Option(help="Task id; see reprohrl tasks list.")] = "MC-3",
    seed: Annotated[int, typer.Option(min=0, help="Scene seed.")] = 0,
    goals: Annotated[str, typer.Option(help="Goals in order instead of the task's own.")] = "",
    planner: Annotated[
        str, typer.Option(help="Goal selector: learned, rule, scripted, spring, direct or ilql.")
    ] = "learned",
    navigator: Annotated[str, typer.Option(help="Low level: learned, routes or scripted.")] = "learned",
    rung: Annotated[
        str, typer.Option(help="Perception: R0 truth, R1 errors, R2 detector, R3 worse camera.")
    ] = "R2",
    color: Annotated[bool, typer.Option("--color/--grey", help="Colour or grey camera.")] = False,
    renderer: Annotated[str, typer.Option(help="Frames: ray, or bullet's own renderer.")] = "ray",
    world: Annotated[str, typer.Option(help="Physics: bullet, or the compiled fast world.")] = "bullet",
    split: Annotated[str, typer.Option(help="Seeds of the test or the train split.")] = "test",
    out: Annotated[Path | None, typer.Option(help="Run folder; runs/<stamp> by default.")] = None,
    realtime: Annotated[bool, typer.Option(help="At wall speed instead of as fast as it goes.")] = False,
    video: Annotated[bool, typer.Option(help="Encode flight.mp4.")] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Move nothing: say what would be flown, or with --uri sent.")
    ] = False,
    uri: Annotated[
        str,
        typer.Option(help="Fly this drone: radio://, usb://, udp:// or tcp://.", rich_help_panel=CRAZYFLIE),
    ] = "",
    shadow: Annotated[
        bool,
        typer.Option(
            "--shadow", help="Send nothing; compare with the scripted baseline.", rich_help_panel=CRAZYFLIE
        ),
    ] = False,
    camera: Annotated[
        str, typer.Option(help="Its camera: HOST:PORT, or link for tcp://.", rich_help_panel=CRAZYFLIE)
    ] = "",
    calibration: Annotated[
        str, typer.Option(help="File of reprohrl calibrate camera.", rich_help_panel=CRAZYFLIE)
    ] = "",
    profile: Annotated[
        str, typer.Option(help="Profile of reprohrl tune: the camera's delay.", rich_help_panel=CRAZYFLIE)
    ] = "",
    fence_half: Annotated[
        float,
        typer.Option(min=0.5, help="Fence: metres from where it stands.", rich_help_panel=CRAZYFLIE),
    ] = 3.0,
    fence_top: Annotated[
        float, typer.Option(min=0.5, help="Fence: greatest height [m].", rich_help_panel=CRAZYFLIE)
    ] = 2.0,
    time_limit: Annotated[
        float | None, typer.Option(min=1.0, help="End after so many seconds.", rich_help_panel=CRAZYFLIE)
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Fly although a check failed.", rich_help_panel=CRAZYFLIE)
    ] = False,
    mission: worded.Words = "",
    yes: worded.Yes = False,
    lm: language.Lm = "tiny",
    lm_path: language.LmPath = "",
    lm_endpoint: language.LmEndpoint = "",
    lm_model: language.LmModel = "",
    lm_timeout: language.LmTimeout = 20.0,
    lm_price: language.LmPrice = "",
    document: language.Document = "",
    dag: language.Dag = "",
    policy: language.Policy = "",
) -> int:
    """Fly a mission in simulation, or with --uri on a Crazyflie, and write its report; exit 0 on success."""
    from reprohrl.cli import console, outcome
    from reprohrl.cli.stage import check_spec, spec_of
    from reprohrl.reporting.run import new_run_dir, write_run

    reading = language.settings_of(
        planner, lm=lm, path=lm_path, endpoint=lm_endpoint, model=lm_model, timeout=lm_timeout,
        price=lm_price, document=document, dag=dag, policy=policy,
    )  # fmt: skip
    asked = _asked(mission, goals, yes, reading)
    if uri:
        from reprohrl.cli.crazyflie_flight import CrazyflieFlight, mission_for

        return _crazyflie(
            CrazyflieFlight(
                uri, asked or mission_for(uri, goals, task, seed, split), planner, navigator,
                _mode(shadow, dry_run), camera, calibration, profile, fence_half, fence_top,
                time_limit_s=time_limit, force=force, language=reading,
            ),
            out, video,
        )  # fmt: skip
    if shadow:
        raise UserError("--shadow needs a drone", fix="--uri radio://0/80/2M/E7E7E7E7E7")
    spec = spec_of(
        task=task, rung=rung, seed=seed, colour=color, planner=planner, navigator=navigator,
        renderer=renderer, world=world, split=split, goals=Mission.parse(goals).goals if goals else (),
        language=reading, orders=worded.orders_of(asked) if asked is not None else "",
    )  # fmt: skip
    check_spec(spec)
    folder = out or new_run_dir()
    if dry_run:
        return _describe(spec, folder)
    with console.err().status("building the world") as status:
        result = _fly(spec, status, realtime)
        summary = write_run(result.log, folder, video=video, progress=status.update)
    outcome.show(summary, folder)
    return 0 if summary["success"] else 1


def _asked(words: str, goals: str, yes: bool, reading: LanguageSettings | None) -> Mission | None:
    """Return the confirmed mission in words; None where none is given."""
    if not words:
        return None
    if goals:
        raise UserError("--mission and --goals are given both", why="each says what to do", fix="--mission")
    return worded.confirmed(words, yes=yes, language=reading)


def _fly(spec: EpisodeSpec, status: Any, realtime: bool) -> FlightResult:
    """Fly with a live line of what the drone is doing."""
    from reprohrl.cli.stage import open_stage
    from reprohrl.flight.runner import FlightOptions, fly

    with open_stage(spec, realtime=realtime, say=status.update) as stage:
        names = ", ".join(stage.pipeline.mission.mission.names)
        start = stage.clock.now()

        def tell(tick: Tick) -> str | None:
            if tick.step is not None:
                s = tick.step
                reached = f"{s.status.index}/{len(s.status.mission.goals)}"
                status.update(f"{names}: {reached} reached, {s.option}, {tick.now - start:.1f} s")
            return None

        return fly(
            stage.drone, stage.camera, stage.pipeline, stage.supervisor, stage.clock, (tell,),
            options=FlightOptions(seed=spec.seed), truth=stage.truth.row, header=stage.header,
        )  # fmt: skip


def _describe(spec: EpisodeSpec, folder: Path) -> int:
    """Say what a simulated flight would be."""
    from reprohrl.cli import console
    from reprohrl.cli.stage import scene_of
    from reprohrl.policies.verify import list_models

    scene = scene_of(spec)
    say = console.out().print
    say(f"would fly {spec.task}, seed {spec.seed}: {', '.join(Mission(scene.goals).names)}")
    say(f"  in {spec.world} physics, rung {spec.rung}, planner {spec.planner}, navigator {spec.navigator}")
    say("  with " + ", ".join(f"{entry.name} {entry.sha256[:8]}" for entry in list_models()))
    say(f"  and write {folder}")
    return 0


def _mode(shadow: bool, dry_run: bool) -> Mode:
    from reprohrl.cli.crazyflie_flight import Mode

    if shadow and dry_run:
        raise UserError("--shadow and --dry-run are given both", why="neither sends anything", fix="--shadow")
    return Mode.SHADOW if shadow else Mode.DRY_RUN if dry_run else Mode.FLY


def _crazyflie(what: CrazyflieFlight, out: Path | None, video: bool) -> int:
    """Fly on or beside a Crazyflie, and write the report; with a shadow its comparison, too."""
    from rich.markup import escape

    from reprohrl.cli import console, outcome
    from reprohrl.cli.crazyflie_flight import Mode, run
    from reprohrl.cli.stage import check_names
    from reprohrl.reporting.run import new_run_dir, write_run

    check_names(what.planner, what.navigator, what.language)
    folder = out or new_run_dir()
    names = ", ".join(what.mission.names)
    with console.err().status(f"connecting to {what.uri}") as status:

        def say(line: str) -> None:
            console.err().print(escape(line))

        def observe(tick: Tick) -> None:
            if tick.step is not None:
                s = tick.step
                status.update(f"{names}: {s.status.index}/{len(s.status.mission.goals)} reached, {s.option}")

        result, shadow = run(what, say, lambda line: console.out().print(escape(line)), observe)
        status.update("writing the report")
        summary = write_run(result.log, folder, video=video, progress=status.update)
    if shadow is not None:
        _tell_shadow(shadow, folder)
    if what.mode is Mode.FLY:
        outcome.show(summary, folder)
        return 0 if summary["success"] else 1
    console.out().print(f"{what.mode.value}: {escape(result.reason)}. Nothing was sent to the drone.")
    console.out().print(f"Report: {escape(str((folder / 'report.html').resolve()))}")
    return 0 if result.log.rows else 1


def _tell_shadow(shadow: Shadow, folder: Path) -> None:
    """Print how the policies and the baseline compare, and keep every row."""
    import json

    from reprohrl.cli import console
    from reprohrl.policies.manifest import replace_file

    replace_file(folder / SHADOW_FILE, (json.dumps(shadow.to_dict(), indent=1) + "\n").encode())
    found = shadow.summary()
    say = console.out().print
    say(f"{found['ticks']} frames beside the scripted baseline:")
    apart = ", ".join(f"{k} {v:.2f}" for k, v in found["mean_difference"].items() if v is not None)
    say(f"  commands apart on average: {apart or 'none to compare'}")
    for key, words in (
        ("same_direction", "go the same way"), ("same_turn", "turn the same way"),
        ("same_option", "chose the same option"), ("shaped_by_supervisor", "were shaped by the supervisor"),
    ):  # fmt: skip
        if found[key] is not None:
            say(f"  {100 * found[key]:.0f} % {words}")
    say(f"  every row: {folder / SHADOW_FILE}")
