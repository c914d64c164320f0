"""What all nodes share: the lifecycle of a managed node, parameters, heartbeat and diagnostics."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import ChangeState
from rclpy._rclpy_pybind11 import RCLError
from rclpy.clock import Clock as WallClock
from rclpy.clock_type import ClockType
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import DurabilityPolicy, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from reprohrl.contracts.errors import UserError
from reprohrl_msgs.msg import Heartbeat
from ros_nodes import qos
from ros_nodes.drain import Polled, drain
from ros_nodes.entities import Entities
from ros_nodes.fault_injection import FaultInjection
from ros_nodes.health import Health
from ros_nodes.parameter import StageConfig
from ros_nodes.parameters import declare
from ros_nodes.process_handle import place
from ros_nodes.running import run

Message = TypeVar("Message")
HEARTBEAT_S = 0.25
DIAGNOSTICS_S = 1.0
TRANSITION_S = 180.0
"""Wall time after which a process whose transition does not end ends itself; the manager is sooner."""

__all__ = ["HEARTBEAT_S", "Stage", "run"]


class Stage(LifecycleNode):
    """A managed node: born unconfigured, brought up and down by transitions.

    A subclass names its `CONFIG` and overrides hooks: `configure` makes whatever costs time (models,
    publishers, subscriptions), `activate` starts it, `conclude` and `deactivate` stop it, `cleanup`
    forgets it.
    What `configure` made of ROS is destroyed by this class. A `UserError` in a hook fails the transition,
    any other exception is an error that leads back to unconfigured; both travel in the heartbeat.

    Handlers and timers run only while the node is active, so an inactive node hears and says nothing.
    """

    CONFIG: ClassVar[type[StageConfig]] = StageConfig

    def __init__(self, name: str, **kwargs: Any) -> None:
        self._clocks: list[Any] = []
        self._clock_lock = threading.Lock()
        super().__init__(name, **kwargs)
        self.values = declare(self, self.CONFIG, unconfigured=self._is_unconfigured)
        self.wall = WallClock(clock_type=ClockType.STEADY_TIME)
        self.active = False
        self.health = Health(self.wall_s, self.now_s)
        self.trouble = ""
        self.allow: Callable[[float], None] = lambda seconds: None
        self.session = uuid4().hex[:12]
        self._lifecycle = State.PRIMARY_STATE_UNCONFIGURED
        self._early: list[tuple[Callable[[Any], None], deque[Any]]] = []
        self._polled = Polled()
        self._heartbeats = self.create_publisher(Heartbeat, "heartbeat", qos.STAGES)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self.create_timer(HEARTBEAT_S, self.beat, clock=self.wall)
        self.create_timer(DIAGNOSTICS_S, self._diagnose_self, clock=self.wall)
        self._faults = FaultInjection(
            self, enabled=bool(self.values["fault_injection"]), faults=str(self.values["faults"]),
            now_s=self.wall_s,
        )  # fmt: skip
        self._keep_alive_when_asked_wrongly()
        self._entities = Entities(self)

    # What a stage overrides.

    def configure(self) -> None:
        """Load what costs time; create publishers, subscriptions, services and timers."""

    def activate(self) -> None:
        """Start what has to be started, threads for instance."""

    def conclude(self) -> None:
        """Do what is left to do while active, right before `deactivate`."""

    def deactivate(self) -> None:
        """Stop what `activate` started. A flying drone lands."""

    def cleanup(self) -> None:
        """Forget what `configure` loaded."""

    # What a stage calls.

    def listen(
        self,
        kind: type[Message],
        topic: str,
        handle: Callable[[Message], None],
        profile: Any = qos.STAGES,
        *,
        raw: bool = False,
        polled: bool = False,
    ) -> None:
        """Subscribe; a message that `handle` refuses with ValueError is dropped with a warning.

        With `raw` it gets the serialised bytes. Latched state that comes before the activation waits for
        it. `polled` messages wait for `hear`.
        """
        meter = self.health.topic(topic)
        early: deque[Any] | None = None
        if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL:
            early = deque(maxlen=max(1, profile.depth))
            self._early.append((lambda message: guarded(message), early))

        def guarded(message: Message) -> None:
            if not self.active:
                if early is not None:
                    early.append(message)
                return
            self.health.heard(meter, message)
            try:
                handle(message)
            except (ValueError, IndexError, OverflowError) as error:
                meter.rejected += 1
                self.get_logger().warning(f"dropped a message on {topic}: {error}", throttle_duration_sec=1.0)

        # Each event watched costs every turn of the executor: only where messages may get lost at all.
        lossy = profile.reliability == ReliabilityPolicy.BEST_EFFORT

        def lost(info: Any) -> None:
            meter.lost += int(info.total_count_change)

        self.create_subscription(
            kind, topic, guarded, profile, raw=raw, callback_group=self._polled if polled else None,
            event_callbacks=SubscriptionEventCallbacks(
                message_lost=lost if lossy else None, use_default_callbacks=False
            ),
        )  # fmt: skip

    def hear(self) -> None:
        """Handle what polled subscriptions got."""
        drain(one for one in self.subscriptions if one.callback_group is self._polled)

    def create_publisher(self, msg_type: Any, topic: str, qos_profile: Any, **kwargs: Any) -> Any:
        """As rclpy's; where faults may be injected, what is published can be made faulty."""
        kwargs.setdefault("event_callbacks", PublisherEventCallbacks(use_default_callbacks=False))
        publisher = super().create_publisher(msg_type, topic, qos_profile, **kwargs)
        faults: FaultInjection | None = getattr(self, "_faults", None)  # rclpy's own ones come before
        if faults is not None:
            faults.hook(publisher, topic)
        return publisher

    def create_subscription(self, msg_type: Any, topic: str, callback: Any, *args: Any, **kwargs: Any) -> Any:
        """As rclpy's; but simulated time is read when it is asked for, and wakes nobody."""
        if msg_type is not Clock:
            return super().create_subscription(msg_type, topic, callback, *args, **kwargs)
        kwargs["callback_group"] = Polled()
        self._clocks.append(super().create_subscription(msg_type, topic, callback, *args, **kwargs))
        return self._clocks[-1]

    def get_clock(self) -> Any:
        """As rclpy's; it says the newest simulated time that has come in."""
        if self._clocks and self._clock_lock.acquire(blocking=False):
            try:
                drain(self._clocks)
            finally:
                self._clock_lock.release()
        return super().get_clock()

    def every(self, seconds: float, call: Callable[[], None], *, always: bool = False) -> None:
        """Call regularly in wall time, whatever the node's clock does; `always`: also while inactive."""
        self.create_timer(seconds, call if always else self.while_active(call), clock=self.wall)

    def while_active(self, call: Callable[[], None]) -> Callable[[], None]:
        """Return a callback that does nothing while the node is not active."""
        return lambda: call() if self.active else None

    def now_s(self) -> float:
        """Seconds on the node's clock: simulated time with use_sim_time."""
        return float(self.get_clock().now().nanoseconds) * 1e-9

    def wall_s(self) -> float:
        """Seconds of a steady wall clock."""
        return float(self.wall.now().nanoseconds) * 1e-9

    # The transitions.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition(self.configure, State.PRIMARY_STATE_INACTIVE, undo=self._forget_all)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        done = self._transition(self.activate, State.PRIMARY_STATE_ACTIVE)
        if done == TransitionCallbackReturn.SUCCESS:
            self.active = True
            for handle, early in self._early:
                while early:
                    handle(early.popleft())
        return done

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition(self._stop, State.PRIMARY_STATE_INACTIVE)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition(self._forget_all, State.PRIMARY_STATE_UNCONFIGURED)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._transition(self._release_all, State.PRIMARY_STATE_FINALIZED)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything: the node is unconfigured again, and may be brought up anew."""
        trouble = self.trouble
        try:
            self._release_all()
        except Exception as error:  # what cannot be let go cannot be brought up again
            self._lifecycle, self.trouble = State.PRIMARY_STATE_FINALIZED, f"{trouble}; then {error}"
            done = TransitionCallbackReturn.FAILURE
        else:
            self._lifecycle, self.trouble = State.PRIMARY_STATE_UNCONFIGURED, trouble
            done = TransitionCallbackReturn.SUCCESS
        self.beat()
        return done

    def bring_up(self) -> bool:
        """Configure and activate without a manager; tell whether both succeeded."""
        success = TransitionCallbackReturn.SUCCESS
        return self.trigger_configure() == success and self.trigger_activate() == success

    def bring_down(self) -> None:
        """Deactivate, clean up and shut down, from whatever state."""
        if self._lifecycle not in (State.PRIMARY_STATE_FINALIZED, State.PRIMARY_STATE_UNKNOWN):
            self.trigger_shutdown()

    @property
    def state_id(self) -> int:
        """As in lifecycle_msgs/State."""
        return self._lifecycle

    def _is_unconfigured(self) -> bool:
        return self._lifecycle == State.PRIMARY_STATE_UNCONFIGURED

    @property
    def finalized(self) -> bool:
        return self._lifecycle == State.PRIMARY_STATE_FINALIZED

    def _transition(
        self, work: Callable[[], None], reached: int, undo: Callable[[], None] | None = None
    ) -> TransitionCallbackReturn:
        self.allow(TRANSITION_S)
        try:
            work()
        except UserError as error:
            return self._transition_failed(str(error), TransitionCallbackReturn.FAILURE, undo)
        except Exception as error:  # a transition must end in a state, whatever happened
            self.active = False
            trouble = f"{type(error).__name__}: {error}"
            return self._transition_failed(trouble, TransitionCallbackReturn.ERROR, undo)
        self._lifecycle, self.trouble = reached, ""
        self.beat()
        return TransitionCallbackReturn.SUCCESS

    def _transition_failed(
        self, trouble: str, how: TransitionCallbackReturn, undo: Callable[[], None] | None
    ) -> TransitionCallbackReturn:
        self.trouble = trouble
        self.get_logger().error(trouble)
        if undo is not None:
            undo()
        self.beat()
        return how

    def _release_all(self) -> None:
        try:
            if self._lifecycle == State.PRIMARY_STATE_ACTIVE:
                self._stop()
        finally:
            self._forget_all()

    def _stop(self) -> None:
        try:
            self.conclude()
        finally:
            self.active = False
            self.deactivate()

    def _forget_all(self) -> None:
        try:
            self.cleanup()
        finally:
            self._early.clear()
            self._faults.drop()
            self.health.reset()
            self._entities.destroy_new()

    def _keep_alive_when_asked_wrongly(self) -> None:
        """rclpy lets a transition that is not due end the process; here the answer is no."""
        change = self._service_change_state
        answer = change.callback

        def careful(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
            try:
                return answer(request, response)
            except RCLError:
                response.success = False
                wanted = request.transition.label or request.transition.id
                self.get_logger().warning(f"transition {wanted} is not due in state {self._lifecycle}")
                return response

        change.callback = careful

    # What it tells.

    def beat(self) -> None:
        """Say that the node lives, and how."""
        name, state = self.get_name(), self._lifecycle
        beat = Heartbeat(
            node=name, session=self.session, place=place(), pid=os.getpid(), state=state, trouble=self.trouble
        )  # fmt: skip
        beat.header.stamp = self.get_clock().now().to_msg()
        self._heartbeats.publish(beat)

    def _diagnose_self(self) -> None:
        name = self.get_fully_qualified_name()
        status = self.health.status(name, active=self.active, trouble=self.trouble)
        array = DiagnosticArray(status=[status])
        array.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(array)
