"""One POST with one deadline for everything, however slowly the answer trickles in."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from reprohrl.language.models.model import LanguageModelError, Trouble

MOST_BYTES = 4_000_000
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """Headers have small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    now: Callable[[], float] = time.monotonic,
) -> Reply:
    """Send `body` and return the answer. Redirects are not followed: a key goes nowhere else.

    Raises `LanguageModelError`: unreachable, time-out, or malformed for an answer that breaks HTTP.
    """
    parts = urlsplit(address)
    deadline = now() + timeout_s
    place = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=timeout_s, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    late = threading.Event()
    watch: threading.Timer | None = None
    try:
        connection.connect()
        line = connection.sock
        watch = threading.Timer(max(0.001, deadline - now()), _hang_up, (line, late))
        watch.daemon = True
        watch.start()
        connection.request("POST", parts.path or "/", body, dict(headers))
        line.settimeout(max(0.001, deadline - now()))
        response = connection.getresponse()
        found = {k.lower(): v for k, v in response.getheaders()}
        return Reply(response.status, found, _read(response, line, deadline, now, place))
    except TimeoutError as error:
        raise _too_late(place, timeout_s) from error
    except (http.client.HTTPException, ValueError) as error:
        if late.is_set():
            raise _too_late(place, timeout_s) from error
        why = f"{type(error).__name__}: {str(error)[:80]}"
        raise LanguageModelError(Trouble.MALFORMED, f"{place} does not speak HTTP", why=why) from error
    except OSError as error:
        if late.is_set():
            raise _too_late(place, timeout_s) from error
        raise LanguageModelError(
            Trouble.UNREACHABLE, f"{place} cannot be reached", why=str(error), fix="is the server running?"
        ) from error
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()


def _hang_up(line: socket.socket, late: threading.Event) -> None:
    """End a request from outside: a server that sends its headers byte by byte resets every time-out."""
    late.set()
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _too_late(place: str, timeout_s: float) -> LanguageModelError:
    return LanguageModelError(Trouble.TIME_OUT, f"{place} did not answer within {timeout_s:.1f} s")


def _read(
    response: http.client.HTTPResponse,
    line: socket.socket,
    deadline: float,
    now: Callable[[], float],
    place: str,
) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        left = deadline - now()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = response.read1(_CHUNK)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > MOST_BYTES:
            raise LanguageModelError(Trouble.MALFORMED, f"{place} answers more than {MOST_BYTES} bytes")
        parts.append(part)
