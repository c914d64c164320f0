"""`reprohrl inject`: make a topic of a running graph faulty, to see what the rest does about it."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from reprohrl.contracts.errors import UserError

SETTINGS: dict[str, Any] = {}
EXAMPLES = (
    "Examples:  reprohrl launch sim fault_injection:=true\n\n"
    "reprohrl inject camera/image_raw off --for 2 --domain 42    (as the launch printed)\n\n"
    "reprohrl inject state delayed --amount 0.3\n\n"
    "reprohrl inject state --end\n\n"
    "reprohrl inject --list"
)


def command(
    topic: Annotated[
        str | None, typer.Argument(help="A topic: camera/image_raw, state, command ...", show_default=False)
    ] = None,
    fault: Annotated[
        str | None,
        typer.Argument(help="off, stuck, garbage, wrong, slow, delayed or intermittent.", show_default=False),
    ] = None,
    amount: Annotated[
        float, typer.Option(help="Seconds (slow, delayed, intermittent) or factor (wrong); 0: the usual.")
    ] = 0.0,
    duration: Annotated[
        float, typer.Option("--for", min=0.0, help="Seconds it lasts; 0: until it is ended.")
    ] = 0.0,
    end: Annotated[bool, typer.Option("--end", help="Make the topic sound again.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show the faults that last, and all kinds.")] = False,
    drone: Annotated[str, typer.Option(help="Namespace of a drone of a swarm: drone1.")] = "",
    domain: Annotated[
        int | None,
        typer.Option(min=0, max=101, help="ROS_DOMAIN_ID, as the launch printed it.", show_default=False),
    ] = None,
) -> int:
    """Inject a fault into a topic; refused by a graph that was not launched with fault_injection:=true."""
    from reprohrl.cli import console
    from ros_nodes.environment import check
    from ros_nodes.faults import KINDS, make_fault

    if list_:
        for kind in KINDS.values():
            usual = f" (usually {kind.amount:g} {kind.unit})" if kind.unit else ""
            console.out().print(f"{kind.name:13} {kind.meaning}{usual}", markup=False)
    elif topic is None or (fault is None) == (not end):
        raise UserError(
            "what fault, of which topic?", why=f"there are: {', '.join(KINDS)}",
            fix="reprohrl inject camera/image_raw off, or reprohrl inject camera/image_raw --end",
        )  # fmt: skip
    wanted = make_fault(topic, fault, amount, duration) if topic is not None and fault is not None else None
    if domain is not None:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
    check()
    from ros_nodes.inject import connected

    with connected(drone) as injector:
        if list_:
            for one in injector.active():
                console.out().print(one.detail, markup=False)
            return 0
        refused = 0
        for answer in injector.ask(wanted, topic or ""):
            console.out().print(f"{answer.node}: {answer.message}", markup=False)
            refused += not answer.success
    return 1 if refused else 0
