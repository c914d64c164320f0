"""`KeyWatch`: keys of the terminal, for an operator with a hand on the keyboard."""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

_LOG = logging.getLogger(__name__)
_POLL_S = 0.05
HELP = "keys: SPACE cuts the motors, l lands"


class KeyWatch:
    """Calls `actions[key]` in a thread of its own for each key pressed, without waiting for Enter.

    Where the file is no terminal (a pipe, a service) there are no keys: `active` is False. Ctrl-C works on.
    """

    def __init__(self, actions: Mapping[str, Callable[[], object]], file: int | None = None) -> None:
        self._actions = dict(actions)
        self._file = file if file is not None else _stdin()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._before: list[Any] | None = None

    @property
    def active(self) -> bool:
        return self._before is not None

    def __enter__(self) -> Self:
        if self._file is not None and os.isatty(self._file):
            import termios
            import tty

            self._before = termios.tcgetattr(self._file)
            tty.setcbreak(self._file)
            self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        if self._before is not None and self._file is not None:
            import termios

            termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)
            self._before = None

    def _run(self) -> None:
        while not self._stop.is_set() and self._file is not None:
            if not select.select([self._file], [], [], _POLL_S)[0]:
                continue
            try:
                keys = os.read(self._file, 16).decode("utf-8", errors="ignore")
            except OSError:
                return
            for key in keys:
                action = self._actions.get(key)
                if action is not None:
                    self._act(key, action)

    def _act(self, key: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:
            _LOG.exception("key %r failed", key)


def _stdin() -> int | None:
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):  # closed, or replaced by something that is no file
        return None
