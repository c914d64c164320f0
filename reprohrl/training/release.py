"""From a finished run to shipped models: its policies, their manifest entries, the card and the curve."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from reprohrl.contracts.errors import UserError
from reprohrl.policies.manifest import ModelEntry, replace_file, sha256_of, write_entry
from reprohrl.policies.onnx_policy import OnnxPolicy


def release_policies(run: Path, models: Path) -> list[Path]:
    """Copy the policies of the finished run in folder `run` into `models` and list them in its manifest.

    The card and the learning curve become `<agent>.md` and `<agent>.curve.csv`. Returns the ONNX files.
    Raises `UserError` when the run is not finished, and `ModelError` for a policy file that is not sound.
    """
    from reprohrl.training.harness.run import read_result

    result = read_result(run)
    if result is None:
        raise UserError(f"{run} holds no finished run", fix="finish it: reprohrl train AGENT --resume")
    agent, written = result["agent"], []
    loaded = {name: OnnxPolicy.load(run / f"{name}.onnx") for name in result["policies"]}
    for name, policy in loaded.items():
        path, content = models / f"{name}.onnx", (run / f"{name}.onnx").read_bytes()
        about = asdict(policy.provenance)
        metrics = about.pop("metrics")
        replace_file(path, content)
        write_entry(
            models,
            ModelEntry(
                name,
                path.name,
                sha256_of(content),
                "policy",
                policy.spec.hash,
                provenance=about,
                metrics=metrics,
            ),
        )
        written.append(path)
    for source, target in (("card.md", f"{agent}.md"), ("curve.csv", f"{agent}.curve.csv")):
        if (run / source).is_file():
            replace_file(models / target, (run / source).read_bytes())
    return written
