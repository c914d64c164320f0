"""A file of finished episodes, so that an interrupted evaluation goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

from reprohrl.evaluation.spec import EpisodeResult


class Ledger:
    """Appends one JSON line per finished episode. `fingerprint` names settings, code and models:

    episodes of another fingerprint are not taken over.
    """

    def __init__(self, path: Path, fingerprint: str, *, resume: bool) -> None:
        self.path = path
        self.done: dict[int, EpisodeResult] = {}
        if resume and path.is_file():
            self._read(fingerprint)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"fingerprint": fingerprint})]
        lines += [json.dumps(r.to_dict()) for r in self.done.values()]
        path.write_text("\n".join(lines) + "\n")

    def add(self, result: EpisodeResult) -> None:
        self.done[result.seed] = result
        with self.path.open("a") as stream:
            stream.write(json.dumps(result.to_dict()) + "\n")

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def _read(self, fingerprint: str) -> None:
        """Take over the episodes of an earlier run; a line cut off by an interruption is left out."""
        for i, line in enumerate(self.path.read_text().splitlines()):
            try:
                content = json.loads(line)
                if i == 0:
                    if content.get("fingerprint") != fingerprint:
                        return
                    continue
                result = EpisodeResult.from_dict(content)
            except (ValueError, KeyError, TypeError):
                continue
            self.done[result.seed] = result
