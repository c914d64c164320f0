"""Say in words how the layout of a policy file differs from the one the code expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from reprohrl.contracts.policy_spec import Entry, PolicySpec


def differences(found: PolicySpec, expected: PolicySpec) -> list[str]:
    """Return one sentence per difference, all of them; empty when the specs are equal."""
    return [
        *_plain(found, expected),
        *_entries("observation", found.observation, expected.observation),
        *_entries("action", found.action, expected.action),
    ]


def _plain(found: PolicySpec, expected: PolicySpec) -> Iterator[str]:
    for name in ("name", "version", "rate_hz"):
        if (a := getattr(found, name)) != (b := getattr(expected, name)):
            yield f"{name} is {a!r}, expected {b!r}"
    if found.vocabulary != expected.vocabulary:
        yield f"vocabulary is {', '.join(found.vocabulary)}; expected {', '.join(expected.vocabulary)}"


def _entries(kind: str, found: tuple[Entry, ...], expected: tuple[Entry, ...]) -> Iterator[str]:
    have, want = {e.name: e for e in found}, {e.name: e for e in expected}
    for name in want.keys() - have.keys():
        yield f"{kind} entry {name!r} is missing"
    for name in have.keys() - want.keys():
        yield f"{kind} entry {name!r} is not expected"
    for name in (e.name for e in expected if e.name in have):
        a, b = asdict(have[name]), asdict(want[name])
        for key in a:
            if a[key] != b[key]:
                yield f"{kind} entry {name!r} has {key} {a[key]}, expected {b[key]}"
    if have == want and [e.name for e in found] != [e.name for e in expected]:
        yield f"{kind} entries are in the order {', '.join(e.name for e in found)}"
