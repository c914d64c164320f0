"""`reprohrl launch`: start a ROS node graph without the `launch` package."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import did_you_mean

SETTINGS: dict[str, Any] = {"context_settings": {"ignore_unknown_options": True}}
GRAPHS = ("multigoal", "sim", "crazyflie", "language", "swarm", "monitor", "replay")
EXAMPLES = (
    "Examples:  reprohrl launch multigoal\n\n"
    'reprohrl launch multigoal goals:="sphere,cone" task:=MC-3 seed:=7\n\n'
    "reprohrl launch crazyflie uri:=radio://0/80/2M/E7E7E7E7E7 goals:=cone\n\n"
    'reprohrl launch language mission:="visit the cube, then the cone" lm:=rules\n\n'
    "reprohrl launch swarm count:=2"
)


def command(
    graph: Annotated[str, typer.Argument(help=f"Which node graph: {', '.join(GRAPHS)}.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Launch arguments as in ROS: name:=value.", show_default=False)
    ] = None,
    show_args: Annotated[bool, typer.Option("--show-args", "-s", help="List the arguments.")] = False,
) -> int:
    """Start a ROS node graph and fly its mission, as `ros2 launch reprohrl <graph>.launch.py` does."""
    name = graph.removesuffix(".launch.py")
    if name not in GRAPHS:
        raise UserError(
            f"there is no launch description {graph!r}",
            why=f"there are: {', '.join(GRAPHS)}",
            fix=did_you_mean(name, GRAPHS) or "reprohrl launch multigoal",
        )
    values = parse_arguments(arguments or [])
    from ros_nodes import launcher

    if show_args:
        return int(launcher.show_arguments(name))
    return int(launcher.launch(name, values))


def parse_arguments(words: list[str]) -> dict[str, str]:
    """Read `name:=value` words. Raises `UserError` naming every word that is none."""
    bad = [w for w in words if ":=" not in w or w.startswith(":=")]
    if bad:
        guess = bad[0].lstrip("-").replace("=", ":=", 1)
        guess = guess if ":=" in guess else "--show-args"
        raise UserError(
            f"not a launch argument: {', '.join(bad)}",
            why="launch arguments are written name:=value",
            fix=f"reprohrl launch multigoal {guess}",
        )
    return dict(w.split(":=", 1) for w in words)
