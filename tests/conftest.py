"""What all tests share: no stray run folders, one thread per library, and the marks of their needs."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("reprohrl", deadline=None)  # a loaded machine is slow, not wrong
settings.load_profile("reprohrl")

TRAINING = re.compile(r"importorskip\(\"(torch|stable_baselines3|ultralytics)\"\)")


@pytest.fixture(autouse=True)
def runs_stay_in_the_tests_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPROHRL_RUNS", str(tmp_path / "runs"))


@cache
def _needs_training(path: Path) -> bool:
    return TRAINING.search(path.read_text()) is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the training extras, so that `make test-train` finds all of it."""
    for item in items:
        if _needs_training(item.path):
            item.add_marker(pytest.mark.train)
