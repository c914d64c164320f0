"""`reprohrl tune`: measure a link, and keep what was measured as a profile."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli.status import returning
from reprohrl.contracts.errors import UserError

if TYPE_CHECKING:
    from firmware_bridge.tuning.delays import Delay
    from firmware_bridge.tuning.recording import Recording
    from reprohrl.contracts.clock import Clock
    from reprohrl.contracts.link import LinkStatistics
    from sim.profiles.measured import Measured

app = typer.Typer(
    no_args_is_help=True, help="Measure a link, and keep it as a profile.", rich_markup_mode="rich"
)
EXAMPLES = (
    "Examples:  reprohrl tune latency --uri radio://0/80/2M/E7E7E7E7E7\n\n"
    "reprohrl tune latency --uri radio://0/80/2M/E7E7E7E7E7 --motion hand --out mine.json\n\n"
    "reprohrl fly --uri radio://0/80/2M/E7E7E7E7E7 --profile mine.json --goals sphere"
)
PINGS_S = 5.0


class Motion(StrEnum):
    none = "none"
    hand = "hand"
    fly = "fly"


@app.command(epilog="Example:  reprohrl tune profiles")
@returning
def profiles() -> int:
    """List the randomisation profiles, with every range and where it comes from."""
    from rich.markup import escape
    from rich.table import Table

    from reprohrl.cli import console
    from sim.profiles.catalogue import load_profile, names
    from sim.profiles.profile import QUANTITIES

    for name in names():
        profile = load_profile(name)
        table = Table("quantity", "low", "high", "unit", "source", title=f"{name}: {profile.about}")
        table.title_justify = "left"
        for quantity, (low, high, source) in profile.ranges.items():
            unit = QUANTITIES[quantity].unit
            table.add_row(quantity, f"{low:g}", f"{high:g}", unit, escape(source))
        console.out().print(table, soft_wrap=False)
    return 0


@app.command(epilog=EXAMPLES)
@returning
def latency(
    uri: Annotated[str, typer.Option(help="The drone: radio://, usb://, udp:// or tcp://.")],
    motion: Annotated[
        Motion, typer.Option(help="none: pings alone. hand: you turn the drone. fly: it takes off and turns.")
    ] = Motion.none,
    camera: Annotated[str, typer.Option(help="Its camera: HOST:PORT, link or none.")] = "",
    base: Annotated[
        str, typer.Option(help="Profile whose other ranges are kept: the drone's own.")
    ] = "crazyflie",
    out: Annotated[Path, typer.Option(help="Profile to write.")] = Path("link.json"),
    seconds: Annotated[float, typer.Option(min=6.0, max=60.0, help="How long to turn [s].")] = 12.0,
    force: Annotated[bool, typer.Option("--force", help="Fly although a check failed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")] = False,
) -> int:
    """Measure how late commands and frames are on a link, and write it as a profile.

    Pings give the way there and back; a turning drone gives the camera's delay, and when it flies that of
    its commands.
    """
    from reprohrl.cli import console
    from reprohrl.cli.crazyflie_parts import camera_address
    from reprohrl.contracts.clock import WallClock
    from sim.profiles.catalogue import load_profile
    from sim.profiles.measured import with_measured

    kept = load_profile(base)
    address = camera_address(uri, camera)
    if out.suffix != ".json":
        raise UserError(f"{out} is no profile", why="it has to end in .json", fix=f"--out {out.stem}.json")
    if dry_run:
        what = {
            Motion.none: "listen",
            Motion.hand: "ask you to turn it",
            Motion.fly: "take off, turn, and land",
        }
        console.out().print(f"would connect to {uri}, {what[motion]}, and write {out} from profile {base}")
        return 0
    clock = WallClock()
    found, lines = measure(uri, address, motion, seconds, clock, force=force)
    for line in lines:
        console.out().print(line)
    with_measured(kept, out.stem, found).write(out)
    console.out().print(f"Profile: {out.resolve()}")
    return 0


def measure(
    uri: str, address: str, motion: Motion, seconds: float, clock: Clock, *, force: bool = False,
    cache: Path | None = None,
) -> tuple[Measured, list[str]]:  # fmt: skip
    """Connect, measure and disconnect; return the numbers, and lines that tell them."""
    from reprohrl.cli import console
    from reprohrl.cli.crazyflie_parts import NONE, open_camera

    with ExitStack() as stack:
        status = stack.enter_context(console.err().status(f"connecting to {uri}"))
        drone = stack.enter_context(_drone(uri, motion, clock, cache, status.update))
        eye = None
        if motion is not Motion.none and address != NONE:
            eye = stack.enter_context(open_camera(drone, address, clock))
            eye.open()
        return record_and_judge(drone, eye, motion, seconds, clock, status.update, force=force)


def record_and_judge(
    drone: Any, eye: Any, motion: Motion, seconds: float, clock: Clock, say: Any, *, force: bool = False
) -> tuple[Measured, list[str]]:
    """Measure on a connected drone with an open camera whose stamps are those of arrival."""
    from firmware_bridge.tuning.recording import record

    say("counting pings")
    clock.sleep(PINGS_S)
    if motion is Motion.none:
        return judge(drone.uri, drone.link_statistics(), None, flown=False)
    flown = motion is Motion.fly
    if flown:
        if not force:
            from firmware_bridge.doctor.gate import require_ready

            require_ready(drone, eye, clock, override="--force", progress=say)
        say("taking off")
        drone.take_off(0.8)
        clock.sleep(1.0)
    say("turning" if flown else f"turn the drone left and right for {seconds:.0f} s, some 40 deg each way")
    try:
        recording = record(drone, eye, clock, seconds=seconds, fly=flown)
        statistics = drone.link_statistics()
    finally:
        if flown:
            drone.land()
    return judge(drone.uri, statistics, recording, flown=flown)


def judge(
    uri: str, link: LinkStatistics, recording: Recording | None, *, flown: bool
) -> tuple[Measured, list[str]]:
    """Turn a recording and the link's statistics into numbers, and into lines that tell them."""
    from firmware_bridge.tuning.delays import camera_delay, command_delay
    from firmware_bridge.tuning.stream import stream_numbers
    from sim.profiles.measured import Measured

    if link.ping_loss >= 1.0:
        raise UserError("no ping came back", fix="reprohrl doctor --uri ... says what is wrong with the link")
    when = datetime.now().strftime("%Y-%m-%d %H:%M")
    numbers: dict[str, Any] = {
        "round_trip_s": link.latency_median_s, "round_trip_p95_s": link.latency_p95_s, "loss": link.ping_loss
    }  # fmt: skip
    one_way = link.latency_median_s / 2
    lines = [
        f"Link: {1e3 * one_way:.0f} ms one way (there and back {1e3 * link.latency_median_s:.0f} ms, "
        f"95 % within {1e3 * link.latency_p95_s:.0f} ms), {100 * link.ping_loss:.1f} % of pings lost"
    ]
    if recording is not None:
        sent, yaw, seen = recording.arrays()
        if flown:
            lines.append(_tell_command(command_delay(sent, yaw), one_way))
        if recording.arrivals:
            delay = camera_delay(seen, yaw)
            # States are late as well, by the way down: the frames are later than that by what was seen.
            best, low, high = (max(0.0, v + one_way) for v in (delay.seconds, delay.low, delay.high))
            numbers["camera_s"] = (low, best, high)
            lines.append(
                f"Camera: {1e3 * best:.0f} ms from exposure to arrival "
                f"({1e3 * low:.0f} to {1e3 * high:.0f}), fit {100 * delay.fit:.0f} %"
            )
        stream = stream_numbers(recording.arrivals)
        if stream is not None:
            numbers |= {
                "fps": stream.fps, "drop": stream.drop, "freeze_s": stream.freeze_s,
                "freeze_every_s": stream.freeze_every_s,
            }  # fmt: skip
            lines.append(f"Stream: {stream.fps:.1f} frames/s, {100 * stream.drop:.0f} % missing")
    return Measured(uri=uri, when=when, **numbers), lines


def _tell_command(delay: Delay, one_way_s: float) -> str:
    there = delay.seconds - one_way_s
    return (
        f"Commands: {1e3 * delay.seconds:.0f} ms until the state shows them ({1e3 * delay.low:.0f} to "
        f"{1e3 * delay.high:.0f}), {1e3 * there:.0f} ms of them until they act, then a lag of "
        f"{1e3 * delay.lag_s:.0f} ms; fit {100 * delay.fit:.0f} %"
    )


def _drone(uri: str, motion: Motion, clock: Clock, cache: Path | None, say: Any) -> Any:
    if motion is Motion.fly:
        from firmware_bridge.drone import CrazyflieDrone

        return CrazyflieDrone(uri, clock=clock, cache=cache, progress=say)
    from firmware_bridge.observer import CrazyflieObserver

    return CrazyflieObserver(uri, clock=clock, cache=cache, progress=say)
