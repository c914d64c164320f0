"""cflib's `Crazyflie` without the ways in which its threads come to wait for each other for ever."""

from __future__ import annotations

import threading
from typing import Any

from cflib.crazyflie import Crazyflie as StockCrazyflie


class Crazyflie(StockCrazyflie):  # type: ignore[misc]
    """As cflib 0.1.34's, but a link that ends lets go of everybody who is sending.

    * cflib leaves its sending lock taken when sending raises: when the link is closed in between, or when an
      answer comes just as its request is sent again. All who send later wait for ever, setpoints included.
    * It tells of a link's failure in the thread that was sending, with that lock taken, and joins the thread
      that pings there, which waits for the lock: `connection_lost` is then never called.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._sending = threading.Lock()
        super().__init__(*args, **kwargs)

    def send_packet(
        self, pk: Any, expected_reply: tuple[int, ...] = (), resend: bool = False, timeout: float = 0.2
    ) -> None:
        with self._sending:  # so cflib's lock, where it is left taken, was taken here
            try:
                super().send_packet(pk, expected_reply, resend, timeout)
            except (AttributeError, KeyError):
                if self.link is not None and not resend:
                    raise
            finally:
                if self._send_lock.locked():
                    self._send_lock.release()

    def _link_error_cb(self, errmsg: str) -> None:
        tell = super()._link_error_cb
        threading.Thread(target=tell, args=(errmsg,), name="crazyflie-link-error", daemon=True).start()
