"""A process whose main loop hangs ends itself: by the kernel, whatever holds it, and not without a trace."""

from __future__ import annotations

import faulthandler
import signal

SIGNAL = signal.SIGALRM


class LastResort:
    """Has the kernel end this process unless `allow` is called again in time; the main thread's own.

    The alarm needs no thread, no lock of the interpreter and no working code of ours. It writes where every
    thread stands to stderr and ends the process by SIGALRM, which is what the launcher then tells.
    Until `arm` nothing of it does anything: a test may call what a process calls.
    """

    def __init__(self) -> None:
        self._armed = self._ending = False

    def arm(self, seconds: float) -> None:
        """Watch over this process from now on."""
        signal.signal(SIGNAL, signal.SIG_DFL)
        faulthandler.register(SIGNAL, all_threads=True, chain=True)
        self._armed = True
        self.allow(seconds)

    def allow(self, seconds: float) -> None:
        """Give the process so long [s] until the next call. While it ends, no more is given."""
        if self._armed and not self._ending:
            signal.setitimer(signal.ITIMER_REAL, seconds)

    def end_within(self, seconds: float) -> None:
        """The end has begun, and may take so long [s], the interpreter's own end included."""
        self.allow(seconds)
        self._ending = True
