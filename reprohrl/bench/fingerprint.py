"""What a number belongs to: the code that flew and the models it flew with."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import reprohrl
from reprohrl.bench.suite import FRAME_RUNGS, Cell

ROOT = Path(reprohrl.__file__).resolve().parent.parent
TRUTH_CODE = (
    "reprohrl/contracts", "reprohrl/perception", "reprohrl/policies", "reprohrl/mission",
    "reprohrl/evaluation/judge.py", "reprohrl/evaluation/spec.py",
    "sim/batched", "sim/dynamics", "sim/envs", "sim/tasks", "sim/scene.py", "sim/geometry.py",
)  # fmt: skip
FRAME_CODE = (
    *TRUTH_CODE, "reprohrl/safety", "reprohrl/flight", "reprohrl/evaluation/episodes.py",
    "reprohrl/cli/stage.py", "sim",
)  # fmt: skip


def fingerprint(cell: Cell, policies: Path | None, models: Path | None) -> dict[str, str]:
    """Return the hashes of the code and of the model files behind `cell`.

    `policies` is the folder of the method's ONNX files, None for a method without; `models` that of the
    shipped ones, whose detector is used where frames are rendered.
    """
    frames = cell.rung in FRAME_RUNGS
    files = sorted(policies.glob("*.onnx")) if policies is not None else []
    files = [f for f in files if f.stem != "detector"]
    if frames and models is not None:
        files += [f for f in [models / "detector.onnx"] if f.is_file()]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.stem.encode() + hashlib.sha256(file.read_bytes()).digest())
    hashed = digest.hexdigest()[:12] if files else ""
    return {"code": code_hash(FRAME_CODE if frames else TRUTH_CODE), "models": hashed}


@cache
def code_hash(places: tuple[str, ...]) -> str:
    """Return a hash of the sources and tables at `places` that comments and layout do not change."""
    digest = hashlib.sha256()
    for path in sorted(set(_sources(places))):
        text = path.read_text(encoding="utf-8")
        content = ast.dump(ast.parse(text)) if path.suffix == ".py" else text
        digest.update(path.relative_to(ROOT).as_posix().encode() + content.encode())
    return digest.hexdigest()[:12]


def _sources(places: Iterable[str]) -> Iterable[Path]:
    for place in places:
        path = ROOT / place
        if path.is_dir():
            yield from (p for p in path.rglob("*") if p.suffix in (".py", ".json"))
        elif path.is_file():
            yield path
