"""The main loop of a node's process: from rclpy's start to an end that leaves nothing behind."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from reprohrl.contracts.errors import ReprohrlError, UserError

if TYPE_CHECKING:
    from ros_nodes.stage import Stage

SPIN_S = 0.1
LAST_WORDS_S = 0.3
"""Wall time a node that was shut down stays, for its answer to reach the manager."""


def run(make: Callable[[], Stage], *, args: Sequence[str] | None = None) -> int:
    """Spin one node until SIGINT, SIGTERM or its shutdown transition, and return the exit code.

    A second signal, which a terminal and a launcher may both send, is taken as the first: nothing
    raises in the middle of a callback, and nothing is left half destroyed.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rclpy.init(args=list(args) if args is not None else None, signal_handler_options=SignalHandlerOptions.NO)
    node: Stage | None = None
    executor = SingleThreadedExecutor()
    try:
        node = make()
        executor.add_node(node)
        if node.values["autostart"] and not node.bring_up():
            return 2
        until = float("inf")
        while not stop.is_set() and node.wall_s() < until:
            executor.spin_once(timeout_sec=SPIN_S)
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
    finally:
        if node is not None:
            node.bring_down()
            executor.remove_node(node)
            node.destroy_node()
        executor.shutdown(timeout_sec=1.0)
        rclpy.try_shutdown()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        sys.stdout.flush()
