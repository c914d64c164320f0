"""The main loop of a node's process: from rclpy's start to an end that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from reprohrl.contracts.errors import ReprohrlError, UserError

if TYPE_CHECKING:
    from ros_nodes.stage import Stage

SPIN_S = 0.1
LAST_WORDS_S = 0.3
"""Wall time a node that was shut down stays, for its answer to reach the manager."""


OBSERVER_NICE = 5

NodeType = TypeVar("NodeType", bound="Stage")


class Process:
    """The one node of a process and what spins it."""

    def __init__(self) -> None:
        self.executor = SingleThreadedExecutor()
        self._node: Stage | None = None

    def own(self, node: NodeType) -> NodeType:
        """Spin `node` from now on, and take it down at the end."""
        self._node = node
        self.executor.add_node(node)
        return node

    def end(self) -> None:
        if self._node is not None:
            self._node.bring_down()
            self.executor.remove_node(self._node)
            self._node.destroy_node()
        self.executor.shutdown(timeout_sec=1.0)


@contextmanager
def process(on_signal: Callable[[], object], args: Sequence[str] | None = None) -> Iterator[Process]:
    """Start rclpy; leaving by any door ends the node and rclpy. SIGINT and SIGTERM only call `on_signal`.

    A second signal, which a terminal and a launcher may both send, is taken as the first: nothing
    raises in the middle of a callback, and nothing is left half destroyed.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: on_signal())
    rclpy.init(args=list(args) if args is not None else None, signal_handler_options=SignalHandlerOptions.NO)
    one = Process()
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
                one.executor.spin_once(timeout_sec=SPIN_S)
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
