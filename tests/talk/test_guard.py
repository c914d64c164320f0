"""Foreign pages, and names that only pretend to be this machine, are refused."""

from __future__ import annotations

import pytest

from reprohrl.contracts.errors import UserError
from reprohrl.talk.guard import Guard, is_loopback


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8080", None),
        ("localhost:8080", "http://localhost:8080"),
        ("LOCALHOST:8080", "http://localhost:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("drone.lan:8080", "http://drone.lan:8080"),
    ],
)
def test_our_own_page_may_talk(host: str, origin: str | None) -> None:
    assert Guard(["drone.lan"]).trouble(host, origin) == ""


@pytest.mark.parametrize(
    ("host", "origin", "words"),
    [
        ("evil.example:8080", "http://evil.example:8080", "not served here"),  # DNS rebinding
        ("127.0.0.1.evil.example", None, "not served here"),
        ("", None, "not served here"),
        ("127.0.0.1:8080", "http://evil.example", "may not talk"),
        ("127.0.0.1:8080", "http://127.0.0.1:9999", "may not talk"),  # another server on this machine
        ("127.0.0.1:8080", "http://localhost:8080", "may not talk"),
        ("127.0.0.1:8080", "null", "may not talk"),  # a sandboxed frame
        ("127.0.0.1:8080", "file://127.0.0.1:8080", "may not talk"),
        ("127.0.0.1:8080", "", "may not talk"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080@evil.example", "may not talk"),
    ],
)
def test_whoever_else_asks_is_refused(host: str, origin: str | None, words: str) -> None:
    assert words in Guard().trouble(host, origin)


def test_only_the_loopback_is_this_machine() -> None:
    assert all(is_loopback(h) for h in ("127.0.0.1", "127.1.2.3", "localhost", "::1"))
    assert not any(is_loopback(h) for h in ("0.0.0.0", "::", "192.168.1.7", "drone.lan", ""))


def test_an_address_that_others_reach_has_to_be_meant() -> None:
    pytest.importorskip("uvicorn")
    from reprohrl.talk.serving import check_address

    with pytest.raises(UserError, match="others could fly the drone at 0\\.0\\.0\\.0"):
        check_address("0.0.0.0", expose=False)
    check_address("0.0.0.0", expose=True)
    check_address("127.0.0.1", expose=False)
