"""The main loop of a node's process: from rclpy's start to an end that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from reprohrl.contracts.errors import ReprohrlError, UserError
from ros_nodes.graces import grace_s
from ros_nodes.last_resort import LastResort

if TYPE_CHECKING:
    from ros_nodes.stage import Stage

SPIN_S = 0.1
LAST_WORDS_S = 0.3
"""Wall time a node that was shut down stays, for its answer to reach the manager."""

TURN_S = 20.0
"""Wall time one turn of a node's loop may take before the process counts as hung; beside its grace."""

START_S = 60.0
"""Wall time from the start of rclpy to the first turn."""

LEFT_S = 5.0
"""What a process that was told to end gets beside its node's grace."""

ECHO_S = 1.0
"""Signals within this time are one."""

AGAIN_S = 1.0
"""The turns of a loop are told to the kernel no more often than this."""

OBSERVER_NICE = 5

NodeType = TypeVar("NodeType", bound="Stage")


class Process:
    """The one node of a process and what spins it. A process that hangs is ended by the kernel."""

    def __init__(self, last_resort: LastResort) -> None:
        self.executor = SingleThreadedExecutor()
        self._node: Stage | None = None
        self._last_resort = last_resort
        self._grace_s = 0.0
        self._allowed = float("-inf")

    def own(self, node: NodeType) -> NodeType:
        """Spin `node` from now on, and take it down at the end."""
        self._node, self._grace_s = node, grace_s(node.get_name())
        node.allow = self._last_resort.allow
        self.executor.add_node(node)
        return node

    def turn(self) -> None:
        """Wait for something to do for `SPIN_S`, and do it. A turn may be a transition, or a report."""
        now = time.monotonic()
        if now - self._allowed > AGAIN_S:
            self._allowed = now
            self._last_resort.allow(self._grace_s + TURN_S)
        self.executor.spin_once(timeout_sec=SPIN_S)

    def hurry(self) -> None:
        """The process was told to end."""
        self._last_resort.end_within(self._grace_s + LEFT_S)

    def end(self) -> None:
        self.hurry()
        if self._node is not None:
            self._node.bring_down()
            self.executor.remove_node(self._node)
            self._node.destroy_node()
        self.executor.shutdown(timeout_sec=1.0)


@contextmanager
def process(on_signal: Callable[[], object], args: Sequence[str] | None = None) -> Iterator[Process]:
    """Start rclpy; leaving by any door ends the node and rclpy. SIGINT and SIGTERM only call `on_signal`.

    Signals that come together are one: a terminal and a launcher may both send it, and the kernel sends
    one for each thread of a launcher that dies. Nothing raises in the middle of a callback, and nothing
    is left half destroyed.
    """
    last_resort = LastResort()
    last_resort.arm(START_S)
    one: Process | None = None

    heeded = float("-inf")

    def told(*_: object) -> None:
        nonlocal heeded
        now = time.monotonic()
        if now - heeded > ECHO_S:
            heeded = now
            on_signal()
        if one is not None:
            one.hurry()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    rclpy.init(args=list(args) if args is not None else None, signal_handler_options=SignalHandlerOptions.NO)
    one = Process(last_resort)
    try:
        yield one
    finally:
        one.end()
        rclpy.try_shutdown()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        sys.stdout.flush()


def let_flight_go_first() -> None:
    """Lower this process's priority, so that observers wait for what flies the drone, not it for them.

    Linux may weigh whole sessions instead of processes; then the session's value counts, which is
    ours to change where the launcher gave the process a session of its own.
    """
    with suppress(OSError):
        os.nice(OBSERVER_NICE)
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(OBSERVER_NICE))


def run(make: Callable[[], Stage], *, args: Sequence[str] | None = None) -> int:
    """Spin one node until SIGINT, SIGTERM or its shutdown transition, and return the exit code."""
    stop = threading.Event()
    with process(stop.set, args) as one:
        try:
            node = one.own(make())
            if node.values["autostart"] and not node.bring_up():
                return 2
            until = float("inf")
            while not stop.is_set() and node.wall_s() < until:
                one.turn()
                if node.finalized and until == float("inf"):
                    until = node.wall_s() + LAST_WORDS_S
            return 0
        except ExternalShutdownException:
            return 0
        except UserError as error:
            rclpy.logging.get_logger("reprohrl").fatal(str(error))
            return 2
        except ReprohrlError as error:
            rclpy.logging.get_logger("reprohrl").fatal(str(error))
            return 1
