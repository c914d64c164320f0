"""`models/manifest.json`: which model files are shipped, and what each one is."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reprohrl.contracts.errors import ModelError
from reprohrl.policies.paths import MANIFEST

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of the manifest.

    `kind` is `policy` or `detector`; `spec_hash` is the `PolicySpec.hash` of a policy, else empty.
    """

    name: str
    file: str
    sha256: str
    kind: str = "policy"
    spec_hash: str = ""
    license: str = "Apache-2.0"
    provenance: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)


def read_manifest(folder: Path) -> dict[str, ModelEntry]:
    """Return the entries by name; empty when the folder has no manifest. Raises `ModelError`."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        if text["format"] != FORMAT:
            raise ModelError(f"{path} has format {text['format']}", why=f"this version reads format {FORMAT}")
        return {name: ModelEntry(name=name, **entry) for name, entry in text["models"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read", why=str(error), fix="restore that file") from error


def write_entry(folder: Path, entry: ModelEntry) -> None:
    """Add or replace one entry; the file is replaced in one step."""
    entries = read_manifest(folder) | {entry.name: entry}
    models = {}
    for name in sorted(entries):
        models[name] = asdict(entries[name])
        del models[name]["name"]
    text = json.dumps({"format": FORMAT, "models": models}, indent=2) + "\n"
    replace_file(folder / MANIFEST, text.encode())


def register_file(
    path: Path, *, kind: str, license: str, provenance: dict[str, Any], metrics: dict[str, float]
) -> ModelEntry:
    """List a model file that is not a policy (a detector) in the manifest beside it."""
    entry = ModelEntry(
        path.stem, path.name, sha256_of(path.read_bytes()), kind, "", license, provenance, metrics
    )
    write_entry(path.parent, entry)
    return entry


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        half.write_bytes(content)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
