"""What all nodes share: parameters, diagnostics, and a start and end that leave nothing behind."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from reprohrl.contracts.errors import UserError
from ros_nodes import qos
from ros_nodes.parameters import Parameter, declare

Message = TypeVar("Message")
SPIN_S = 0.1
HEARTBEAT_S = 1.0


class Stage(Node):
    """A node with declared parameters and a heartbeat on /diagnostics.

    A subclass names its `PARAMETERS` and subscribes with `listen`, which keeps bad messages from
    ending the node: they are counted, logged and dropped.
    """

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.values = declare(self, self.PARAMETERS)
        self.wall = Clock(clock_type=ClockType.STEADY_TIME)
        self.rejected = 0
        self.handled = 0
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_timer(HEARTBEAT_S, self._beat, clock=self.wall)

    def listen(
        self,
        kind: type[Message],
        topic: str,
        handle: Callable[[Message], None],
        profile: Any = qos.STAGES,
        *,
        raw: bool = False,
    ) -> None:
        """Subscribe; a message that `handle` refuses with ValueError is dropped with a warning.

        With `raw` it gets the serialised bytes.
        """

        def guarded(message: Message) -> None:
            try:
                handle(message)
                self.handled += 1
            except (ValueError, IndexError, OverflowError) as error:
                self.rejected += 1
                self.get_logger().warning(f"dropped a message on {topic}: {error}", throttle_duration_sec=1.0)

        self.create_subscription(kind, topic, guarded, profile, raw=raw)

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        """Call regularly in wall time, whatever the node's clock does."""
        self.create_timer(seconds, call, clock=self.wall)

    def now_s(self) -> float:
        """Seconds on the node's clock: simulated time with use_sim_time."""
        return float(self.get_clock().now().nanoseconds) * 1e-9

    def wall_s(self) -> float:
        """Seconds of a steady wall clock."""
        return float(self.wall.now().nanoseconds) * 1e-9

    def finish(self) -> None:
        """Called once after the last message, before the node is destroyed."""

    def _beat(self) -> None:
        level = DiagnosticStatus.WARN if self.rejected else DiagnosticStatus.OK
        status = DiagnosticStatus(level=level, name=self.get_fully_qualified_name(), message="running")
        status.values = [
            KeyValue(key="handled", value=str(self.handled)),
            KeyValue(key="rejected", value=str(self.rejected)),
        ]
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)


def run(make: Callable[[], Stage], *, args: Sequence[str] | None = None) -> int:
    """Spin one node until SIGINT or SIGTERM and return the exit code.

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
        while not stop.is_set():
            executor.spin_once(timeout_sec=SPIN_S)
        return 0
    except ExternalShutdownException:
        return 0
    except UserError as error:
        rclpy.logging.get_logger("reprohrl").fatal(str(error))
        return 2
    finally:
        if node is not None:
            node.finish()
            executor.remove_node(node)
            node.destroy_node()
        executor.shutdown(timeout_sec=1.0)
        rclpy.try_shutdown()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        sys.stdout.flush()
