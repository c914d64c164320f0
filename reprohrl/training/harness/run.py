"""One training run: its folder, and everything an agent tells or asks while it learns.

<folder>/run.json      agent, settings, command, versions
<folder>/curve.csv     the learning curve
<folder>/checkpoints/  the two newest checkpoints
<folder>/tensorboard/  the same scalars for TensorBoard
<folder>/result.json   the final numbers; there only when the run is finished
<folder>/<name>.onnx   policies, with card.md and manifest.json
"""

from __future__ import annotations

import fcntl
import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from reprohrl.contracts.errors import UserError
from reprohrl.policies.manifest import replace_file
from reprohrl.policies.provenance import Provenance
from reprohrl.training.agents.config import AgentConfig
from reprohrl.training.harness import checkpoints
from reprohrl.training.harness.board import Board
from reprohrl.training.harness.curve import Curve, CurveRow
from reprohrl.training.harness.hooks import Hooks
from reprohrl.training.harness.pace import Pace, Progress
from reprohrl.training.harness.stop import StopSignals

log = logging.getLogger(__name__)

RUN, RESULT, CURVE = "run.json", "result.json", "curve.csv"
MAY_CHANGE = ("steps", "threads", "success_target")
"""Settings a --resume may change; any other would make a different run of it."""
ENOUGH_EPISODES = 500
"""Training episodes that stand in for an evaluation, in a run that makes none."""


class Run:
    """Handed to `train(config, run)`. Enter it, train, leave it; see the module for the folder."""

    def __init__(
        self,
        agent: str,
        config: AgentConfig,
        folder: Path,
        *,
        resume: bool = False,
        hooks: Hooks | None = None,
    ) -> None:
        self.agent, self.config, self.folder = agent, config, folder
        self.finished = False
        self.hooks = hooks or Hooks()
        self._resume = resume
        self._signals = StopSignals()
        self._lock: IO[str] | None = None
        self._checkpoint: Path | None = None
        self._board: Board | None = None
        self._saved_steps = 0
        self._success, self._episodes = math.nan, 0
        self._eval: tuple[float, int] = (math.nan, 0)

    def __enter__(self) -> Run:
        self._lock = lock(self.folder)
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        self._signals.__enter__()
        return self

    def _open(self) -> None:
        checkpoints.sweep_parts(self._checkpoints)
        known = _read(self.folder / RUN)
        if known is not None and not self._resume:
            raise UserError(
                f"{self.folder} already holds a training run",
                fix="go on with it: --resume; or name another folder: --out",
            )
        if known is not None:
            _check_same(self.agent, self.config, known, self.folder)
        found = checkpoints.newest(self._checkpoints)
        state: dict[str, Any] = {"steps": 0, "wall_s": 0.0, "cpu_s": 0.0, "rows": []}
        if found is not None:
            self._checkpoint, state = found
        self._saved_steps = int(state["steps"])
        rows = [CurveRow(**row) for row in state["rows"]]
        self._curve = Curve(self.folder / CURVE, rows)
        self._eval = next(
            ((r.eval_success, r.eval_episodes) for r in reversed(rows) if r.eval_episodes), (math.nan, 0)
        )
        if rows:
            self._success, self._episodes = rows[-1].success, rows[-1].episodes
        self._pace = Pace(state["wall_s"], state["cpu_s"])
        self._pace.rate(self._saved_steps)
        _write(
            self.folder / RUN, {"agent": self.agent, "config": self.config.as_dict(), **_origin(self.config)}
        )
        (self.folder / RESULT).unlink(missing_ok=True)  # a finished run that goes on is not finished
        purge = self._saved_steps + 1 if self._checkpoint else None
        self._board = Board(self.folder / "tensorboard", purge_step=purge) if self.hooks.tensorboard else None
        if self._checkpoint is not None:
            log.info("continuing %s at %d steps", self.folder, self._saved_steps)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signals.__exit__(kind, error, trace)
        self._close()

    def _close(self) -> None:
        if self._board is not None:
            self._board.close()
        if self._lock is not None:
            self._lock.close()

    @property
    def _checkpoints(self) -> Path:
        return self.folder / checkpoints.FOLDER

    @property
    def saved_steps(self) -> int:
        """Decision steps of the newest checkpoint; 0 without one."""
        return self._saved_steps

    def resume_state(self) -> Path | None:
        """Return the folder of the checkpoint to go on from, with the files its writer wrote; else None."""
        return self._checkpoint

    def report(
        self,
        steps: int,
        *,
        success_rate: float = math.nan,
        episodes: int = 0,
        scalars: Mapping[str, float] | None = None,
    ) -> None:
        """Add a point to the curve after `steps` decision steps, at moments that depend on steps alone.

        `success_rate` is that of the last `episodes` training episodes; `scalars` go to TensorBoard.
        """
        self._success, self._episodes = success_rate, episodes
        self._add(steps, math.nan, 0, {"train/success": success_rate, **(scalars or {})})

    def evaluated(
        self, steps: int, success_rate: float, episodes: int, *, scalars: Mapping[str, float] | None = None
    ) -> None:
        """Add the success on `episodes` held-out episodes; this is what the success target is about."""
        self._eval = (success_rate, episodes)
        self._add(steps, success_rate, episodes, {"eval/success": success_rate, **(scalars or {})})

    def _add(self, steps: int, success: float, episodes: int, scalars: Mapping[str, float]) -> None:
        wall_s, cpu_s = self._pace.wall_s, self._pace.cpu_s
        self._curve.add(CurveRow(steps, wall_s, cpu_s, self._success, self._episodes, success, episodes))
        rate = self._pace.rate(steps)
        if self._board is not None:
            self._board.add(steps, {"run/steps_per_s": rate, **scalars})
        total = self.config.steps
        left_s = max(total - steps, 0) / rate if rate > 0 else math.nan
        moment = (self._success, self._episodes, self._eval[0], left_s, self._saved_steps)
        self.hooks.follow(Progress(steps, total, rate, *moment))

    def should_stop(self) -> bool:
        """Whether the success target is reached. After Ctrl-C or SIGTERM it raises `KeyboardInterrupt`.

        Ask between two updates, when nothing is half done. The target counts for the last evaluation;
        in a run that makes none, for the last `ENOUGH_EPISODES` or more training episodes.
        """
        if self._signals.asked is not None:
            raise KeyboardInterrupt
        if self.config.success_target is None:
            return False
        rate, episodes = self._eval
        if not episodes:
            rate, episodes = self._success, self._episodes
            if episodes < ENOUGH_EPISODES:
                return False
        return rate >= self.config.success_target

    def save(self, steps: int, writer: Callable[[Path], None]) -> None:
        """Make a checkpoint: `writer(folder)` puts files (no folders) into an empty folder.

        A kill, a full disk or Ctrl-C at any moment leaves the checkpoint of before. Raises `UserError`
        when it cannot be written.
        """
        state = {
            "wall_s": self._pace.wall_s,
            "cpu_s": self._pace.cpu_s,
            "rows": [asdict(row) for row in self._curve.rows],
        }
        self._checkpoint = checkpoints.save(self._checkpoints, steps, state, writer)
        self._saved_steps = steps
        self.hooks.after_save(self.folder)

    def finish(
        self,
        steps: int,
        policies: Mapping[str, Any],
        *,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Write `<name>.onnx` of each policy (network, spec), the card and the result; the run is done.

        The networks are what `export_torch` takes; it compares file and network and raises `ModelError`
        when they differ.
        """
        from reprohrl.training.harness.card import write_results

        numbers = self._numbers(steps) | dict(metrics or {})
        write_results(self.folder, self.agent, self.config, policies, numbers)
        self.finished = True
        self.hooks.after_save(self.folder)
        log.info("finished %s after %d steps and %.0f s", self.folder, steps, numbers["wall_s"])

    def _numbers(self, steps: int) -> dict[str, float]:
        success, episodes = self._eval if self._eval[1] else (self._success, self._episodes)
        target = self.config.success_target
        reached = [r for r in self._curve.rows if target is not None and r.eval_success >= target]
        numbers = {
            "steps": float(steps), "wall_s": round(self._pace.wall_s, 2), "cpu_s": round(self._pace.cpu_s, 2),
        }  # fmt: skip
        if episodes:
            numbers |= {"success": success, "episodes": float(episodes), "held_out": float(self._eval[1] > 0)}
        if reached:
            numbers |= {"target_steps": float(reached[0].steps), "target_wall_s": round(reached[0].wall_s, 2)}
        return numbers


def read_result(folder: Path) -> dict[str, Any] | None:
    """Return what a finished run wrote, None when the run in `folder` is not finished."""
    return _read(folder / RESULT)


def _check_same(agent: str, config: AgentConfig, known: dict[str, Any], folder: Path) -> None:
    changed = [] if known["agent"] == agent else [f"agent was {known['agent']}, is {agent}"]
    before = known["config"]
    for name, value in config.as_dict().items():
        if name not in MAY_CHANGE and before.get(name) != value:
            changed.append(f"{name} was {before.get(name)}, is {value}")
    if changed:
        raise UserError(
            f"{folder} holds a run with other settings",
            why="; ".join(changed),
            fix="give the same settings again, or name another folder: --out",
        )


def _origin(config: AgentConfig) -> dict[str, Any]:
    here = Provenance.here(seed=config.seed)
    return {"revision": here.revision, "versions": here.versions}


def lock(folder: Path) -> IO[str]:
    """Hold the folder for this process; the system lets go when the process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("w")
    except OSError as error:
        raise UserError(f"cannot write to {folder}", why=error.strerror or str(error), fix="--out") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise UserError(
            f"another process trains in {folder}", fix="wait for it, or name another folder: --out"
        ) from error
    file.write(str(os.getpid()))
    file.flush()
    return file


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UserError(f"{path} cannot be read", why=str(error), fix="name another folder: --out") from error
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        replace_file(path, (json.dumps(content, indent=2) + "\n").encode())
    except OSError as error:
        raise UserError(f"{path} could not be written", why=error.strerror or str(error)) from error
