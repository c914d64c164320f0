"""A link that ends, in whatever way, never keeps a thread waiting: cflib's own locks do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cflib")
from cflib.crazyflie import State
from cflib.crtp.crtpstack import CRTPPacket, CRTPPort

from firmware_bridge import drivers
from firmware_bridge.crazyflie import Crazyflie
from firmware_bridge.link import close_quietly
from firmware_bridge.virtual.server import VirtualCrazyflie
from tests.fakes.kinematic_body import KinematicBody

WAIT_S = 10.0


def request() -> Any:
    packet = CRTPPacket()
    packet.set_header(CRTPPort.PARAM, 1)
    packet.data = (1, 0)
    return packet


class Link:
    """A link that calls `sent` with each packet."""

    needs_resending = True

    def __init__(self, sent: Callable[[Any], None]) -> None:
        self.send_packet = sent

    def close(self) -> None:
        """Nothing to close."""


class ClosingLink(Link):
    """The link that another thread closes between two looks of a sender."""

    def __init__(self, cf: Crazyflie) -> None:
        super().__init__(lambda _packet: None)
        self._cf = cf

    @property
    def needs_resending(self) -> bool:  # type: ignore[override]
        self._cf.link = None
        raise AttributeError("'NoneType' object has no attribute 'needs_resending'")


class AnsweredMeanwhile(dict[Any, Any]):
    """Requests that wait for answers, one of which comes between two looks of cflib."""

    def __contains__(self, _key: object) -> bool:
        return True


def goes_through(work: Callable[[], None]) -> bool:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    return not thread.is_alive()


def test_a_link_closed_in_the_middle_of_sending_leaves_the_next_sender_free() -> None:
    cf = Crazyflie()
    cf.link = ClosingLink(cf)
    cf.send_packet(request(), expected_reply=(1, 0))
    assert goes_through(lambda: cf.send_packet(request()))


def test_an_answer_that_comes_as_its_request_is_sent_again_leaves_the_next_sender_free() -> None:
    cf, sent = Crazyflie(), []
    cf.link = Link(sent.append)
    cf._answer_patterns = AnsweredMeanwhile()
    cf.send_packet(request(), expected_reply=(1, 0), resend=True)
    assert goes_through(lambda: cf.send_packet(request()))
    assert len(sent) == 1


def test_an_error_of_the_callers_own_is_told_and_leaves_the_next_sender_free() -> None:
    cf, sent = Crazyflie(), []
    cf.link = Link(sent.append)
    cf.packet_sent.add_callback(lambda packet: {}[packet])
    with pytest.raises(KeyError):
        cf.send_packet(request())
    cf.packet_sent.callbacks.clear()
    assert goes_through(lambda: cf.send_packet(request()))


def test_a_link_that_fails_under_a_sender_while_others_ping_is_told_as_lost() -> None:
    cf, lost = Crazyflie(), threading.Event()
    cf.connection_lost.add_callback(lambda _uri, _message: lost.set())
    cf.state = State.CONNECTED
    pings = threading.Event()

    def send(packet: Any) -> None:
        if packet.port == CRTPPort.LINKCTRL:
            pings.set()
            return
        time.sleep(0.3)  # a ping is due meanwhile, and waits for the lock
        cf._link_error_cb("the other end has gone")

    cf.link = Link(send)
    cf.link_statistics.start()
    assert pings.wait(WAIT_S)
    assert goes_through(lambda: cf.send_packet(request()))
    assert lost.wait(WAIT_S), "nobody was told"


def test_closing_while_parameters_still_come_ends_every_thread(tmp_path: Path) -> None:
    drivers.install()
    before = set(threading.enumerate())
    with VirtualCrazyflie(KinematicBody()) as server:
        server.run()
        for _ in range(6):
            cf, tables = Crazyflie(rw_cache=str(tmp_path)), threading.Event()
            cf.connected.add_callback(lambda _uri, tables=tables: tables.set())
            cf.open_link(server.uri)
            assert tables.wait(WAIT_S), "no tables"
            close_quietly(cf, timeout_s=WAIT_S)
            assert not cf.is_connected()
        end = time.monotonic() + WAIT_S
        while (left := waited_for(before)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not left


def waited_for(before: set[threading.Thread]) -> list[str]:
    """Threads that came since and that Python would wait for at its end."""
    return [t.name for t in threading.enumerate() if t not in before and not t.daemon]
