"""`reprohrl tasks`: list the benchmark's cells, or draw some of a cell's scenes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reprohrl.cli.status import returning

if TYPE_CHECKING:
    from sim.scene import Scene

app = typer.Typer(
    no_args_is_help=True, help="List the benchmark's tasks, or draw their scenes.", rich_markup_mode="rich"
)
EXAMPLES = (
    "Examples:  reprohrl tasks preview X2R\n\n"
    "reprohrl tasks preview XM --seed 40 --count 12 --split train --color --out runs/xm"
)
TOP_PX, TOP_COLUMNS, HEADINGS = 420, 3, 4


@app.command(name="list", epilog="Example:  reprohrl tasks list")
@returning
def list_() -> int:
    """Show each task with what is in its scenes, and the training mixtures."""
    from rich.table import Table

    from reprohrl.cli import console
    from sim.tasks import CURRICULA, TASKS, TEST_SEEDS, VALIDATION_SEEDS, parse_task

    table = Table("task", "goals", "obstacles", "rooms", "mission")
    for task in TASKS:
        spec = parse_task(task)
        low, high = spec.obstacles
        obstacles = (str(low) if low == high else f"{low} to {high}") + (" a room" if spec.rooms > 1 else "")
        table.add_row(task, str(spec.goals), obstacles, str(spec.rooms), spec.about)
    console.out().print(table)
    console.out().print(
        f"test seeds {TEST_SEEDS.start} to {TEST_SEEDS[-1]} of the split test; "
        f"validation seeds {VALIDATION_SEEDS.start} to {VALIDATION_SEEDS[-1]} of either split"
    )
    for name, stages in CURRICULA.items():
        parts = [
            f"from {100 * s.since:.0f} %: " + ", ".join(f"{t} {100 * v:.0f} %" for t, v in s.tasks.items())
            for s in stages
        ]
        console.out().print(f"curriculum {name}: {'; '.join(parts)}")
    return 0


@app.command(epilog=EXAMPLES)
@returning
def preview(
    task: Annotated[str, typer.Argument(help="Task id; see [bold]reprohrl tasks list[/].")],
    seed: Annotated[int, typer.Option(min=0, help="The first scene seed.")] = 0,
    count: Annotated[int, typer.Option(min=1, max=60, help="How many scenes.")] = 6,
    split: Annotated[str, typer.Option(help="Seeds of the test or the train split.")] = "test",
    color: Annotated[bool, typer.Option("--color/--grey", help="Colour or grey camera.")] = False,
    renderer: Annotated[str, typer.Option(help="Frames: ray, or bullet's own renderer.")] = "ray",
    out: Annotated[Path | None, typer.Option(help="Folder; runs/tasks.", show_default=False)] = None,
) -> int:
    """Draw scenes from above, and what the camera sees at the start in four headings, as PNG files."""
    from rich.progress import Progress

    from reprohrl.cli import console
    from reprohrl.cli.stage import choose
    from reprohrl.reporting.sheet import sheet, write_png
    from sim.tasks import check_task, make_scene

    name = check_task(task)
    choose("split", split)
    choose("renderer", renderer)
    scenes = [make_scene(name, s, "train" if split == "train" else "test") for s in range(seed, seed + count)]
    tops, views = [], []
    with Progress(console=console.err(), transient=True) as progress:
        bar = progress.add_task(f"drawing {count} scenes of {name}", total=count)
        for scene in scenes:
            tops.append(_top(scene))
            views += _camera(scene, grey=not color, renderer=renderer)
            progress.advance(bar)
    captions = [_caption(scene) for scene in scenes]
    folder = out or Path("runs/tasks")
    stem = f"{name}-{split}-{seed}"
    for kind, picture in (
        ("top", sheet(tops, captions, TOP_COLUMNS)),
        ("camera", sheet(views, _headings(captions), HEADINGS)),
    ):
        path = folder / f"{stem}-{kind}.png"
        write_png(picture, path)
        console.out().print(f"wrote {path}")
    return 0


def _caption(scene: Scene) -> str:
    from reprohrl.contracts.mission import Mission

    words = zip(scene.goals, Mission(scene.goals).names, strict=True)
    names = [name if scene.goal_object(goal) else f"{name} (absent)" for goal, name in words]
    return f"{scene.task} seed {scene.seed}: {', '.join(names)}"


def _headings(captions: Sequence[str]) -> list[str]:
    """Return a caption for each view: the scene's, then how far the drone has turned."""
    turns = [f"turned left by {360 * k // HEADINGS} deg" for k in range(1, HEADINGS)]
    return [text for caption in captions for text in (caption, *turns)]


def _top(scene: Scene) -> Any:
    from reprohrl.reporting.topview import TopView

    view = TopView(scene.to_dict(), TOP_PX)
    return view.cropped(view.frame([(*scene.start.position, scene.start.yaw)], goal=scene.goals[0]))


def _camera(scene: Scene, *, grey: bool, renderer: str) -> list[Any]:
    """Return RGB frames with truth boxes, from the hover point in `HEADINGS` headings."""
    import math

    import numpy as np

    from reprohrl.contracts.detection import Detections
    from reprohrl.reporting.overlay import draw_boxes
    from sim.simulation import SimulationConfig, make_renderer

    camera = make_renderer(scene, SimulationConfig(look=renderer, grey=grey, seed=scene.seed))
    frames = []
    for k in range(HEADINGS):
        yaw = scene.start.yaw + 2 * math.pi * k / HEADINGS
        seen = camera.render(scene.start.position, (0.0, 0.0, yaw))
        pixels = seen.pixels if seen.pixels.ndim == 3 else np.repeat(seen.pixels[..., None], 3, axis=2)
        picture = np.ascontiguousarray(pixels)
        draw_boxes(picture, Detections(0.0, seen.boxes), goal=scene.goals[0])
        frames.append(picture)
    close = getattr(camera, "close", None)
    if close is not None:
        close()
    return frames
