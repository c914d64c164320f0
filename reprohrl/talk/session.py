"""`Session`: what was said, what was understood, and the flight that came of it. One flight at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reprohrl.contracts.errors import ReprohrlError, UserError
from reprohrl.flight.result import Tick
from reprohrl.language.answering import answered
from reprohrl.language.parse import parse_mission
from reprohrl.language.parsed import Parsed, Remark
from reprohrl.talk.flight import Ended, Pilot, Reins
from reprohrl.talk.view import View

IDLE, PREPARING, FLYING, ENDED = "idle", "preparing", "flying", "ended"
Reader = Callable[[str], Parsed]


@dataclass(frozen=True, slots=True)
class Reading:
    """A mission as it was read. `number` names it in what the page asks for next."""

    number: int
    parsed: Parsed

    def to_dict(self) -> dict[str, Any]:
        p = self.parsed
        return {
            "id": self.number, "text": p.text, "ok": p.ok, "understood": list(p.understood),
            "notes": [_remark(r) for r in p.notes], "questions": [_remark(r) for r in p.questions],
            "refusals": [_remark(r) for r in p.refusals], "language": p.language, "source": p.source,
        }  # fmt: skip


def _remark(remark: Remark) -> dict[str, Any]:
    return {"text": remark.text, "start": remark.start, "end": remark.end, "choices": list(remark.choices)}


class Session:
    """Shared by the page's requests and the thread that flies; every method may be called from any thread."""

    def __init__(self, pilot: Pilot, read: Reader = parse_mission) -> None:
        self._pilot, self._read = pilot, read
        self._lock = threading.RLock()  # a signal may come to stop the flight wherever the server is
        self._reading: Reading | None = None
        self._readings = 0
        self._thread: threading.Thread | None = None
        self._reins = Reins()
        self._view = View()
        self._shown: dict[str, Any] = {}
        self._mission: tuple[str, ...] = ()
        self._phase, self._saying = IDLE, ""
        self._ended: Ended | None = None
        self.version = 0

    def read(self, text: str) -> dict[str, Any]:
        """Read a mission and keep it for `answer` and `fly`. Nothing is flown yet."""
        parsed = self._read(text)
        return self._keep(parsed)

    def answer(self, number: int, words: str) -> dict[str, Any]:
        """Answer the first question about a mission. Raises `UserError` when that mission is gone."""
        return self._keep(answered(self._reading_of(number).parsed, words))

    def fly(self, number: int) -> None:
        """Begin to fly the mission that was shown. Raises `UserError` when it cannot be."""
        reading = self._reading_of(number)
        mission = reading.parsed.demand()
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise UserError("a mission is being flown", fix="stop it first")
            self._mission, self._view, self._reins = reading.parsed.understood, View(), Reins()
            self._shown, self._ended, self._saying = {}, None, "getting ready"
            self._phase = PREPARING
            self.version += 1
            view, reins = self._view, self._reins

            def run() -> None:
                self._finish(self._flown(mission, view, reins))

            self._thread = threading.Thread(target=run, name="flight", daemon=True)
            self._thread.start()

    def stop(self, *, emergency: bool = False) -> bool:
        """Land, or in an emergency cut the motors now. Returns whether there was anything to stop."""
        reins, thread = self._reins, self._thread
        if thread is None or not thread.is_alive():
            return False
        reins.cut() if emergency else reins.stop()
        with self._lock:
            self._saying = reins.said
            self.version += 1
        return True

    @property
    def busy(self) -> bool:
        """Whether a drone may be in the air."""
        return self._thread is not None and self._thread.is_alive()

    def close(self, timeout_s: float = 60.0) -> bool:
        """Land and wait for it; tell whether the drone is down."""
        self.stop()
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def snapshot(self) -> dict[str, Any]:
        """Return everything the page shows of the flight."""
        with self._lock:
            ended = self._ended
            return {
                "version": self.version, "phase": self._phase, "saying": self._saying,
                "about": self._pilot.about, "mission": list(self._mission), "tick": self._shown,
                "lines": list(self._view.lines), "traces": list(self._view.traces),
                "ended": None if ended is None else
                {"success": ended.success, "reason": ended.reason, "report": ended.report},
            }  # fmt: skip

    def _flown(self, mission: Any, view: View, reins: Reins) -> Ended:
        def watch(tick: Tick) -> str | None:
            shown = view.tick(tick)
            with self._lock:
                self._shown, self._phase = shown, FLYING
                self._saying = reins.said
                self.version += 1
            return reins.said or None

        try:
            return self._pilot.fly(mission, watch, reins, self._say)
        except ReprohrlError as error:
            return Ended(False, str(error))
        except Exception as error:  # the page must hear of it, whatever went wrong
            return Ended(False, f"{type(error).__name__}: {error}")
        finally:
            reins.drop()

    def _say(self, words: str) -> None:
        with self._lock:
            self._saying = words
            self.version += 1

    def _finish(self, ended: Ended) -> None:
        with self._lock:
            self._ended, self._phase, self._saying = ended, ENDED, ""
            self.version += 1

    def _keep(self, parsed: Parsed) -> dict[str, Any]:
        with self._lock:
            self._readings += 1
            self._reading = Reading(self._readings, parsed)
            return self._reading.to_dict()

    def _reading_of(self, number: int) -> Reading:
        reading = self._reading
        if reading is None or reading.number != number:
            raise UserError("this mission was replaced by a newer one", fix="read it again")
        return reading
