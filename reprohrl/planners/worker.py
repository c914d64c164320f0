"""Where thinking happens: in a thread beside the flight, or at once where it is quick and repeatable."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from weakref import WeakKeyDictionary

from reprohrl.language.models.model import LEAVING
from reprohrl.planners.thinker import Request, Thinker, Thought


class Thinking(StrEnum):
    """THREAD beside a drone that flies at wall speed. LOCKSTEP in simulated time: a decision waits for the
    thinker as long as the simulation ran ahead of the wall, so that thinking takes its time in both.
    INLINE within the decision, for thinkers that are quick: the only one that repeats to the bit."""

    THREAD = "thread"
    LOCKSTEP = "lockstep"
    INLINE = "inline"


@dataclass(slots=True, eq=False)
class Job:
    """One request under way. `began` on the wall clock."""

    request: Request
    began: float
    done: threading.Event = field(default_factory=threading.Event)
    thought: Thought | None = None
    error: str = ""
    seconds: float = 0.0


MOST_STUCK = 3
"""Threads that may hang in a thinker; no further request is made before one of them comes back."""


class Worker:
    """Runs one request at a time. A thread that hangs is left behind, a new one takes the next request."""

    def __init__(
        self, thinker: Thinker, thinking: Thinking, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._thinker, self._thinking, self._now = thinker, thinking, now
        self._job: Job | None = None
        self._stuck: list[Job] = []

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def stuck(self) -> int:
        """Threads that hang."""
        self._stuck = [job for job in self._stuck if not job.done.is_set()]
        return len(self._stuck)

    def ask(self, request: Request) -> bool:
        """Begin thinking. False when too many threads hang."""
        if self.stuck >= MOST_STUCK:
            return False
        self._job = job = Job(request, self._now())
        if self._thinking is Thinking.INLINE:
            self._run(job)
        else:
            thread = threading.Thread(target=self._run, args=(job,), daemon=True, name="planner thinking")
            _under_way[thread] = job
            thread.start()
        return True

    def poll(self, stamp: float) -> Job | None:
        """Return the finished job, once; None while it thinks. Waits for simulated time alone."""
        job = self._job
        if job is None:
            return None
        if self._thinking is Thinking.LOCKSTEP:
            ahead = (stamp - job.request.stamp) - (self._now() - job.began)
            job.done.wait(max(0.0, ahead))
        if not job.done.is_set():
            return None
        self._job = None
        return job

    def waited_s(self, stamp: float) -> float:
        """Return how long the job under way has taken, the longer of flight and wall time; 0 for none."""
        if self._job is None:
            return 0.0
        return max(stamp - self._job.request.stamp, self._now() - self._job.began)

    def leave(self) -> None:
        """Wait no longer for the job under way; its answer will be ignored."""
        if self._job is not None and not self._job.done.is_set():
            self._job.request.given_up.set()
            self._stuck.append(self._job)
        self._job = None

    def _run(self, job: Job) -> None:
        try:
            job.thought = self._thinker.think(job.request)
        except Exception as error:  # whatever goes wrong in there, the flight goes on
            job.error = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        finally:
            job.seconds = self._now() - job.began
            job.done.set()


_under_way: WeakKeyDictionary[threading.Thread, Job] = WeakKeyDictionary()
LEAVE_S = 15.0
"""Wall time a thought may take to stop: one pass of a small model over a long prompt on a busy machine."""



def _wait_for_thoughts() -> None:
    """Let threads come out of compiled code before the interpreter ends: it would be aborted under them."""
    LEAVING.set()
    threads = dict(_under_way)
    for job in threads.values():
        job.request.given_up.set()
    deadline = time.monotonic() + LEAVE_S
    for thread in threads:  # ended, not only done: what it leaves behind is compiled code's, too
        thread.join(max(0.0, deadline - time.monotonic()))


atexit.register(_wait_for_thoughts)
