"""List the shipped models, and check each one against the manifest and against itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reprohrl.contracts.errors import ModelError
from reprohrl.contracts.policy_spec import PolicySpec
from reprohrl.policies.manifest import ModelEntry, read_manifest
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC
from reprohrl.policies.onnx_policy import OnnxPolicy, open_session
from reprohrl.policies.paths import models_dir


@dataclass(frozen=True, slots=True)
class Check:
    """The result for one model: `problem` is empty when it is sound."""

    name: str
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem


def list_models(folder: Path | None = None) -> list[ModelEntry]:
    """Return the manifest's entries, by name. Raises `ModelError` when there are no models."""
    return list(read_manifest(folder or models_dir()).values())


def verify_models(
    folder: Path | None = None, *, expected: Mapping[str, PolicySpec] | None = None
) -> list[Check]:
    """Check every listed model, and name files that are not listed; one `Check` per file.

    `expected` gives, by model name, the spec this version of the code needs; the shipped ones when None.
    """
    folder = folder or models_dir()
    specs = {s.name: s for s in (NAVIGATOR_SPEC, SELECTOR_SPEC)} if expected is None else expected
    entries = read_manifest(folder)
    checks = [Check(name, _problem(folder, entry, specs)) for name, entry in entries.items()]
    listed = {entry.file for entry in entries.values()}
    strays = sorted(p for p in folder.glob("*.onnx") if p.name not in listed and not p.name.startswith("."))
    return checks + [Check(p.stem, f"{p.name} is not listed in manifest.json") for p in strays]


def _verify(folder: Path, entry: ModelEntry, expected: Mapping[str, PolicySpec]) -> None:
    path = folder / entry.file
    if entry.kind != "policy":
        open_session(path)
        return
    policy = OnnxPolicy.load(path, expect=expected.get(entry.name))
    if policy.spec.hash != entry.spec_hash:
        why = f"the file has {policy.spec.hash}, the manifest {entry.spec_hash}"
        raise ModelError(f"{entry.file} has another spec than the manifest says", why=why)


def _problem(folder: Path, entry: ModelEntry, expected: Mapping[str, PolicySpec]) -> str:
    try:
        _verify(folder, entry, expected)
    except ModelError as error:
        return str(error)
    return ""
