"""Where the training verbs train."""

from __future__ import annotations

from enum import StrEnum


class Runner(StrEnum):
    local = "local"
    ray = "ray"
