"""`reprohrl calibrate`: measure the camera with a checkerboard, and print one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli.status import returning

if TYPE_CHECKING:
    from firmware_bridge.aideck.board_views import Views
    from firmware_bridge.aideck.checkerboard import Board, Fit

app = typer.Typer(no_args_is_help=True, help="Measure the camera.", rich_markup_mode="rich")
EXAMPLES = (
    "Examples:  reprohrl calibrate camera --stream 192.168.4.1 --keep runs/board\n\n"
    "reprohrl calibrate camera runs/board --columns 9 --rows 6 --square-mm 25"
)
CAMERA_PORT = 5000


@app.command(epilog=EXAMPLES)
@returning
def camera(
    images: Annotated[
        list[str] | None, typer.Argument(help="Image files, folders or patterns.", show_default=False)
    ] = None,
    stream: Annotated[str, typer.Option(help="A live AI-deck instead: address or address:port.")] = "",
    columns: Annotated[int, typer.Option(help="Inner corners along the board.")] = 9,
    rows: Annotated[int, typer.Option(help="Inner corners across the board.")] = 6,
    square_mm: Annotated[float, typer.Option(help="Side of a square.")] = 25.0,
    views: Annotated[int, typer.Option(min=8, max=200, help="Live: how many views to collect.")] = 20,
    seconds: Annotated[float, typer.Option(min=1.0, help="Live: how long to wait for them.")] = 180.0,
    keep: Annotated[
        Path | None, typer.Option(help="Live: folder for the images used.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="Whose camera it is, for the file.")] = "",
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("camera.json"),
    force: Annotated[bool, typer.Option("--force", help="Write it even when it is not good enough.")] = False,
) -> int:
    """Find a checkerboard in images or a live stream, and write the camera's intrinsics to a file."""
    from firmware_bridge.aideck import checkerboard
    from reprohrl.cli import console
    from reprohrl.contracts.errors import UserError

    if bool(images) == bool(stream):
        raise UserError(
            "one source is needed: images, or a stream" + (", not both" if stream else ""),
            fix="reprohrl calibrate camera 'photos/*.png', or reprohrl calibrate camera --stream 192.168.4.1",
        )
    board = checkerboard.Board(columns, rows, square_mm / 1000)
    found = (
        _live(stream, board, views, seconds, keep)
        if stream
        else _files(images or [], board)
    )  # fmt: skip
    fit = checkerboard.calibrate(found.found, board, found.width, found.height, camera=name)
    _report(fit, found)
    try:
        checkerboard.check(fit)
    except UserError as error:
        if not force:
            raise
        console.complain(error)
    fit.calibration.write(out)
    console.out().print(f"wrote {out}")
    return 0


@app.command(epilog="Example:  reprohrl calibrate board --square-mm 25 --out board.svg")
@returning
def board(
    columns: Annotated[int, typer.Option(help="Inner corners along the board.")] = 9,
    rows: Annotated[int, typer.Option(help="Inner corners across the board.")] = 6,
    square_mm: Annotated[float, typer.Option(help="Side of a square.")] = 25.0,
    out: Annotated[Path, typer.Option(help="The drawing to write.")] = Path("board.svg"),
) -> int:
    """Draw a checkerboard to print, true to scale (SVG)."""
    from firmware_bridge.aideck.board_sheet import board_svg
    from firmware_bridge.aideck.checkerboard import Board
    from reprohrl.cli import console
    from reprohrl.contracts.errors import UserError

    drawing = board_svg(Board(columns, rows, square_mm / 1000))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f".{out.name}.part")
        part.write_text(drawing)
        part.replace(out)
    except OSError as error:
        raise UserError(f"cannot write {out}", why=str(error), fix="choose another file") from error
    console.out().print(f"wrote {out}: print it at 100 %, measure a square, glue it on something flat")
    return 0


def _files(names: list[str], board: Board) -> Views:
    from firmware_bridge.aideck.board_views import from_files, image_files
    from reprohrl.cli import console

    return from_files(image_files(names), board, lambda text: console.err().print(text, markup=False))


def _live(stream: str, board: Board, count: int, seconds: float, keep: Path | None) -> Views:
    from firmware_bridge.aideck.board_views import from_camera
    from firmware_bridge.aideck.reader import AiDeckCamera
    from reprohrl.cli import console
    from reprohrl.contracts.clock import WallClock

    host, port = address(stream)
    say = console.err()
    say.print(f"show the board to the camera at {host}:{port}, whole and still; hold it in the middle first")
    with AiDeckCamera(host, port) as source:
        return from_camera(
            source, board, count=count, timeout_s=seconds, clock=WallClock(),
            say=lambda text: say.print(text, markup=False), keep=keep,
        )  # fmt: skip


def address(text: str) -> tuple[str, int]:
    """Return host and port of `host` or `host:port`. Raises `UserError` for anything else."""
    from reprohrl.contracts.errors import UserError

    host, _, port = text.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65536)) or "/" in text:
        raise UserError(
            f"{text!r} is no address of a camera",
            why="it is a name or number, and a port where it is not 5000",
            fix="--stream 192.168.4.1, or --stream 192.168.4.1:5000",
        )
    return host, int(port) if port else CAMERA_PORT


def _report(fit: Fit, found: Views) -> None:
    from reprohrl.cli import console
    from reprohrl.contracts.camera_model import AI_DECK

    c = fit.calibration
    say: Any = console.out().print
    if found.without:
        say(f"no whole board in {len(found.without)} images: {', '.join(found.without[:5])}")
    if fit.left_out:
        say(f"left out, as they do not fit: {', '.join(fit.left_out)}")
    say(
        f"{c.views} views of {c.width}x{c.height}, {c.rms_px:.2f} px between corners and model, "
        f"corners in {100 * fit.coverage:.0f} % of the image"
    )
    say(
        f"focal length {c.fx:.1f}, {c.fy:.1f} px (+- {fit.sd_focal_px:.1f}), "
        f"centre {c.cx:.1f}, {c.cy:.1f} px (+- {fit.sd_centre_px:.1f})"
    )
    say("distortion k1 k2 p1 p2 k3: " + " ".join(f"{v:.4f}" for v in c.distortion))
    say(
        f"horizontal field of view {math.degrees(c.hfov_rad):.1f} deg; "
        f"the simulator's camera has {math.degrees(AI_DECK.hfov_rad):.1f} deg"
    )
