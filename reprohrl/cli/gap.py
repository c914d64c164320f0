"""`reprohrl gap`: the same scenes on the plain simulator, on PyBullet and over CRTP, and what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from reprohrl.evaluation.gap import Gap
    from reprohrl.evaluation.spec import EpisodeResult, EpisodeSpec

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl gap --task MC-3 --episodes 20\n\n"
    "reprohrl gap --profile wire --ways fast,crtp     (CRTP and nothing else)\n\n"
    "reprohrl gap --profile crazyflie --json gap.json --resume"
)
WAYS = {
    "fast": "plain simulator",
    "bullet": "PyBullet",
    "crtp": "CRTP",
}


def command(
    task: Annotated[str, typer.Option(help="Task id; see reprohrl tasks list.")] = "MC-3",
    episodes: Annotated[int, typer.Option(min=1, help="How many, on each way.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The first scene seed.")] = 0,
    profile: Annotated[
        str, typer.Option(help="Drone, link and camera over CRTP: radio, wire, crazyflie or a JSON file.")
    ] = "radio",
    ways: Annotated[
        str, typer.Option(help="Which ways to fly, of fast, bullet, crtp: in this order.")
    ] = "fast,bullet,crtp",
    planner: Annotated[str, typer.Option(help="Goal selector: learned, rule or scripted.")] = "learned",
    navigator: Annotated[str, typer.Option(help="Low level: learned, routes or scripted.")] = "learned",
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all numbers to this file.")] = None,
    resume: Annotated[bool, typer.Option(help="Keep the episodes of an interrupted run.")] = False,
) -> int:
    """Fly the same seeds several ways and print each metric's gap, in pairs, with its interval.

    Over CRTP the bridge, stock cflib and the virtual firmware fly in simulated time, on PyBullet's physics.
    """
    from reprohrl.cli.stage import check_spec, spec_of
    from sim.profiles.catalogue import load_profile

    chosen = _ways(ways)
    spec = spec_of(task=task, rung="R2", planner=planner, navigator=navigator)
    check_spec(spec)
    load_profile(profile)
    flown = {way: _fly(way, spec, episodes, seed, profile, workers, json_file, resume) for way in chosen}
    from reprohrl.evaluation.gap import gaps

    reference, *others = (way for way in WAYS if way in chosen)
    compared = {way: gaps(flown[reference], flown[way]) for way in others}
    if len(others) == 2:
        compared["crtp against bullet"] = gaps(flown["bullet"], flown["crtp"])
    _print(spec, flown, compared, profile)
    if json_file is not None:
        _write(json_file, spec, flown, compared, profile)
    for way in chosen:
        _ledger_path(way, spec, profile, json_file).unlink(missing_ok=True)
    return 0


def _ways(text: str) -> list[str]:
    chosen = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    unknown = [word for word in chosen if word not in WAYS]
    if unknown or not chosen:
        raise UserError(f"unknown way {', '.join(unknown) or text!r}", why=f"there are: {', '.join(WAYS)}")
    return chosen


def _runner(way: str, profile: str) -> Callable[[EpisodeSpec], EpisodeResult]:
    if way == "crtp":
        from reprohrl.cli.crtp_stage import run_crtp_episode

        return partial(run_crtp_episode, profile=profile)
    from reprohrl.cli.stage import run_episode

    return run_episode


def _fly(
    way: str, spec: EpisodeSpec, count: int, first: int, profile: str, workers: int, json_file: Path | None,
    resume: bool,
) -> list[EpisodeResult]:  # fmt: skip
    """Fly what the ledger does not hold yet, with a progress bar."""
    from rich.progress import Progress

    from reprohrl.cli import console
    from reprohrl.evaluation.ledger import Ledger
    from reprohrl.evaluation.runner import episodes, run_all

    spec = replace(spec, world="fast" if way == "fast" else "bullet")
    path = _ledger_path(way, spec, profile, json_file)
    ledger = Ledger(path, _fingerprint(way, spec, profile), resume=resume)
    wanted = episodes(spec, count, first)
    todo = [s for s in wanted if s.seed not in ledger.done]
    with Progress(console=console.err(), transient=True) as progress:
        bar = progress.add_task(WAYS[way], total=count, completed=count - len(todo))
        try:
            for result in run_all(todo, _runner(way, profile), workers=min(workers, max(1, len(todo)))):
                ledger.add(result)
                progress.update(bar, advance=1)
        except KeyboardInterrupt:
            console.err().print(f"Stopped; the finished episodes are in {path}, go on with --resume")
            raise
    return [ledger.done[s.seed] for s in wanted]


def _ledger_path(way: str, spec: EpisodeSpec, profile: str, json_file: Path | None) -> Path:
    name = f"{spec.task}-{way}" + (f"-{Path(profile).stem}" if way == "crtp" else "")
    if json_file is not None:
        return json_file.with_name(f".{json_file.name}-{name}.part")
    return Path("runs/gap") / f"{name}-{spec.planner}-{spec.navigator}.part"


def _fingerprint(way: str, spec: EpisodeSpec, profile: str) -> str:
    from sim.profiles.catalogue import load_profile

    content = [way, spec.family(), _models(), load_profile(profile).to_dict()["ranges"]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _models() -> dict[str, str]:
    from reprohrl.policies.verify import list_models

    return {entry.name: entry.sha256[:12] for entry in list_models()}


def _print(
    spec: EpisodeSpec, flown: dict[str, list[EpisodeResult]], compared: dict[str, list[Gap]], profile: str
) -> None:
    from rich.table import Table

    from reprohrl.cli import console
    from reprohrl.evaluation.statistics import Rate

    out = console.out()
    for way, results in flown.items():
        rate = Rate(sum(r.success for r in results), len(results))
        name = WAYS[way] + (f", profile {profile}" if way == "crtp" else "")
        out.print(f"{spec.task}, {name}: {rate} of {rate.trials} episodes succeeded")
        for r in results:
            if not r.success:
                out.print(
                    f"  seed {r.seed}: {r.outcome} after {r.goals_reached} of {r.goals} goals ({r.ending})"
                )
    reference = next(way for way in WAYS if way in flown)
    for way, found in compared.items():
        first, second = ("bullet", "crtp") if way not in flown else (reference, way)
        table = Table("metric", WAYS[first], WAYS[second], "gap [95 %]", "pairs", title_justify="left")
        table.title = f"{WAYS[second]} against {WAYS[first]}"
        for gap in found:
            table.add_row(*_row(gap))
        out.print(table, soft_wrap=False)
    out.print(
        "Gaps are means of paired differences with bootstrap intervals, of shares with Newcombe's; "
        + _p(compared)
    )


def _p(compared: dict[str, list[Gap]]) -> str:
    told = [f"{way}: p = {found[0].p_value:.2g}" for way, found in compared.items()]
    return "success by McNemar's exact test, " + ", ".join(told) if told else "nothing to compare"


def _row(gap: Gap) -> tuple[str, ...]:
    d = gap.metric.digits
    low, high = gap.difference.low, gap.difference.high
    name = gap.metric.name + (f" [{gap.metric.unit}]" if gap.metric.unit else "")
    return (
        name.replace("[", "\\["), f"{gap.reference:.{d}f}", f"{gap.other:.{d}f}",
        f"{gap.difference.value:+.{d}f} \\[{low:+.{d}f}, {high:+.{d}f}]", str(gap.pairs),
    )  # fmt: skip


def _write(
    file: Path, spec: EpisodeSpec, flown: dict[str, list[EpisodeResult]], compared: dict[str, list[Gap]],
    profile: str,
) -> None:  # fmt: skip
    from reprohrl.cli import console
    from reprohrl.flight.log import versions
    from reprohrl.policies.manifest import replace_file

    content = {
        "task": spec.task, "planner": spec.planner, "navigator": spec.navigator, "profile": profile,
        "versions": versions() | _models(),
        "gaps": {way: [g.to_dict() for g in found] for way, found in compared.items()},
        "episodes": {way: [r.to_dict() for r in results] for way, results in flown.items()},
    }  # fmt: skip
    replace_file(file, (json.dumps(content, indent=2) + "\n").encode())
    console.err().print(f"wrote {file}")
