"""A training that is killed, interrupted or out of disk leaves whole files and goes on as if nothing was."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.timeout(300)]
torch = pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from reprohrl.contracts.errors import UserError  # noqa: E402
from reprohrl.policies.onnx_policy import OnnxPolicy  # noqa: E402
from reprohrl.training.harness import checkpoints  # noqa: E402
from reprohrl.training.harness.curve import read_curve  # noqa: E402
from reprohrl.training.harness.hooks import Hooks  # noqa: E402
from reprohrl.training.harness.run import Run  # noqa: E402
from tests.fakes.corridor import SPEC, CorridorConfig, train, weights  # noqa: E402

DEADLINE_S = 90


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Begin a training in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.corridor", str(folder), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full for any file of more than `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "ready\n", process.communicate(timeout=DEADLINE_S)


def killed(folder: Path, *words: str) -> None:
    process = start(folder, *words)
    until_ready(process)
    process.send_signal(signal.SIGKILL)
    assert process.wait(DEADLINE_S) == -signal.SIGKILL


def uninterrupted(folder: Path, algorithm: str = "ppo") -> np.ndarray:
    config = CorridorConfig(algorithm=algorithm)
    with Run("corridor", config, folder, hooks=Hooks(tensorboard=False)) as run:
        return weights(train(config, run))


def curve_of(folder: Path) -> list[tuple[object, ...]]:
    """The rows without the times; NaN as None, to compare."""
    rows = read_curve(folder / "curve.csv")
    plain = [(r.steps, r.success, r.episodes, r.eval_success, r.eval_episodes) for r in rows]
    return [tuple(None if v != v else v for v in row) for row in plain]


def test_killed_twice_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    """Once well past a checkpoint, once in the middle of writing one."""
    folder = tmp_path / "killed"
    killed(folder, "--stop-after", "2", "--moment", "later")
    assert read_curve(folder / "curve.csv")[-1].steps > checkpoints.newest(folder / "checkpoints")[1]["steps"]
    killed(folder, "--resume", "--stop-after", "1", "--moment", "writing")
    assert list((folder / "checkpoints").glob(".part-*"))
    assert start(folder, "--resume").wait(DEADLINE_S) == 0
    assert not list((folder / "checkpoints").glob(".part-*"))
    expected = uninterrupted(tmp_path / "whole")
    assert np.array_equal(np.load(folder / "weights.npy"), expected)
    assert curve_of(folder) == curve_of(tmp_path / "whole")
    observation = np.linspace(-1, 1, 9, dtype=np.float32)[:, None]
    twins = [OnnxPolicy.load(f / "corridor.onnx", expect=SPEC) for f in (folder, tmp_path / "whole")]
    assert np.array_equal(twins[0](observation), twins[1](observation))


@pytest.mark.parametrize("algorithm", ["dqn", "sac-her"])
def test_replay_buffers_are_part_of_what_resumes(algorithm: str, tmp_path: Path) -> None:
    expected = uninterrupted(tmp_path / "whole", algorithm)
    config, saves = CorridorConfig(algorithm=algorithm), []

    def break_off(folder: Path) -> None:
        saves.append(folder)
        if len(saves) == 2:
            raise KeyboardInterrupt

    folder = tmp_path / "broken-off"
    with (
        pytest.raises(KeyboardInterrupt),
        Run("corridor", config, folder, hooks=Hooks(after_save=break_off)) as run,
    ):
        train(config, run)
    with Run("corridor", config, folder, resume=True) as run:
        assert np.array_equal(weights(train(config, run)), expected)
    assert curve_of(folder) == curve_of(tmp_path / "whole")


def test_parts_of_an_environment_resume_too(tmp_path: Path) -> None:
    config = CorridorConfig(parts=2, steps=1024)
    with Run("corridor", config, tmp_path / "a", hooks=Hooks(tensorboard=False)) as run:
        first = weights(train(config, run))
    with Run("corridor", config, tmp_path / "b", hooks=Hooks(tensorboard=False)) as run:
        assert np.array_equal(weights(train(config, run)), first)
    assert not np.array_equal(first, uninterrupted(tmp_path / "whole"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_between_updates_and_keeps_the_checkpoint(number: int, tmp_path: Path) -> None:
    config = CorridorConfig()
    before = signal.getsignal(number)
    with (
        pytest.raises(KeyboardInterrupt),
        Run(
            "corridor", config, tmp_path, hooks=Hooks(after_save=lambda _: os.kill(os.getpid(), number))
        ) as run,
    ):
        train(config, run)
    assert signal.getsignal(number) is before
    assert checkpoints.newest(tmp_path / "checkpoints")[1]["steps"] == config.checkpoint_every
    assert not (tmp_path / "result.json").exists()


def test_a_full_disk_says_so_and_leaves_whole_files(tmp_path: Path) -> None:
    """9 kB are enough for the settings and the curve, and too little for a model."""
    config, folder = CorridorConfig(), tmp_path / "full"
    with files_no_larger_than(9_000), pytest.raises(UserError, match="could not be written") as error:  # noqa: SIM117
        with Run("corridor", config, folder) as run:
            train(config, run)
    assert "--resume" in error.value.fix and error.value.why == "File too large"
    left = [p.name for p in folder.rglob("*") if p.is_file() and "tfevents" not in p.name]
    assert sorted(left) == [".lock", "curve.csv", "run.json"]
    assert read_curve(folder / "curve.csv")
    json.loads((folder / "run.json").read_text())


def test_a_disk_that_fills_up_costs_no_more_than_a_chunk(tmp_path: Path) -> None:
    config, folder = CorridorConfig(), tmp_path / "full"

    def fill_up(folder: Path) -> None:
        limit.enter_context(files_no_larger_than((folder / "curve.csv").stat().st_size + 10))

    with ExitStack() as limit, pytest.raises(UserError, match=r"curve.csv could not be written"):  # noqa: SIM117
        with Run("corridor", config, folder, hooks=Hooks(after_save=fill_up)) as run:
            train(config, run)
    assert read_curve(folder / "curve.csv")
    with Run("corridor", config, folder, resume=True) as run:
        resumed = weights(train(config, run))
    assert np.array_equal(resumed, uninterrupted(tmp_path / "whole"))
    assert curve_of(folder) == curve_of(tmp_path / "whole")


def test_a_broken_checkpoint_gives_way_to_the_one_before(tmp_path: Path) -> None:
    uninterrupted(tmp_path)
    newest, state = checkpoints.newest(tmp_path / "checkpoints")
    model = newest / "model.zip"
    model.write_bytes(model.read_bytes()[:-100])
    older, before = checkpoints.newest(tmp_path / "checkpoints")
    assert before["steps"] < state["steps"] and older != newest
    (older / "state.json").write_text("{")
    assert checkpoints.newest(tmp_path / "checkpoints") is None


def test_a_folder_is_never_overwritten_shared_or_mixed(tmp_path: Path) -> None:
    config = CorridorConfig()
    running = Run("corridor", config, tmp_path, hooks=Hooks(tensorboard=False))
    with running, pytest.raises(UserError, match="another process trains"):
        Run("corridor", config, tmp_path, resume=True).__enter__()
    with pytest.raises(UserError, match="already holds a training run"):
        Run("corridor", config, tmp_path).__enter__()
    other = CorridorConfig(seed=4)
    with pytest.raises(UserError, match="seed was 0, is 4"):
        Run("corridor", other, tmp_path, resume=True).__enter__()


def test_the_success_target_ends_a_training_at_an_evaluation(tmp_path: Path) -> None:
    config = CorridorConfig(success_target=0.01)
    with Run("corridor", config, tmp_path, hooks=Hooks(tensorboard=False)) as run:
        assert train(config, run).num_timesteps < config.steps
    numbers = json.loads((tmp_path / "result.json").read_text())["numbers"]
    assert numbers["target_steps"] == numbers["steps"] and numbers["success"] >= 0.01
