"""Where a model came from: revision, seed, configuration, versions, measured numbers."""

from __future__ import annotations

import json
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

_PACKAGES = ("reprohrl", "numpy", "onnx", "onnxruntime", "torch", "stable-baselines3", "ultralytics")
_GIT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Written into each model file; `metrics` are numbers measured on this very model."""

    revision: str
    seed: int
    config: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def here(
        *, seed: int, config: dict[str, Any] | None = None, metrics: dict[str, float] | None = None
    ) -> Provenance:
        """Describe this very moment: the checked-out revision and the installed versions."""
        return Provenance(git_revision(), seed, config or {}, installed_versions(), metrics or {})

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Provenance:
        """Raises `ValueError` or `TypeError` when `text` is not what `to_json` writes."""
        return Provenance(**json.loads(text))


def git_revision(root: Path | None = None) -> str:
    """Return the commit of the source tree, with `+` when it has changes; `unknown` outside one."""
    folder = root or Path(__file__).resolve().parent
    head = _git("rev-parse", "--short=12", "HEAD", folder=folder)
    if not head:
        return "unknown"
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no", folder=folder) else "")


def installed_versions() -> dict[str, str]:
    """Return the versions of what can change a model's numbers."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _git(*words: str, folder: Path) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
