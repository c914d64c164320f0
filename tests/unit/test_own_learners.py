"""Our PPO, imitation, and the training of both levels; needs the training extras."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
torch = pytest.importorskip("torch")

from reprohrl.policies.export import example_observation  # noqa: E402
from reprohrl.policies.observation import NAVIGATOR_SPEC, SELECTOR_SPEC  # noqa: E402
from reprohrl.policies.onnx_policy import OnnxPolicy  # noqa: E402
from reprohrl.training.agents.ours import OursConfig  # noqa: E402
from reprohrl.training.harness.curve import read_curve  # noqa: E402
from reprohrl.training.harness.execute import train_agent  # noqa: E402
from reprohrl.training.harness.hooks import Hooks  # noqa: E402
from reprohrl.training.imitate import ImitateConfig, imitate  # noqa: E402
from reprohrl.training.lean_ppo import LeanPpo, PpoConfig  # noqa: E402

SMALL = PpoConfig(
    steps=40 * 16 * 64, rollout=16, minibatch=256, epochs=4, learning_rate=1e-2, final_learning_rate=1e-3,
    hidden=(16,), gamma=0.0, threads=1,
)  # fmt: skip


class Bandit:
    """One decision per episode: name the class shown, or, continuous, give its number in thirds."""

    batch, observation_size = 64, 3

    def __init__(self, *, discrete: bool) -> None:
        self.discrete, self.action_size = discrete, 3 if discrete else 1
        self.rng = np.random.default_rng(0)

    @property
    def wanted(self) -> np.ndarray:
        return self.shown if self.discrete else (self.shown[:, None] / 3).astype(np.float32)

    def reset(self) -> np.ndarray:
        self.shown = self.rng.integers(0, 3, self.batch)
        return np.eye(3, dtype=np.float32)[self.shown]

    def step(self, action: np.ndarray) -> tuple[Any, ...]:
        error = action - self.wanted
        reward = (error == 0).astype(float) if self.discrete else -np.square(error[:, 0]).astype(float)
        info = {"success": True, "contact": None, "timeout": False, "wrong": False, "seconds": 1.0}
        over = np.ones(self.batch, bool)
        return self.reset(), reward, over, np.zeros(self.batch, bool), [dict(info) for _ in over]


def score(learner: LeanPpo, env: Bandit) -> float:
    """Share of right names, or one minus the mean error."""
    with torch.no_grad():
        out = learner.model.actor(torch.from_numpy(env.reset())).numpy()
    if env.discrete:
        return float((out.argmax(1) == env.wanted).mean())
    return 1.0 - float(np.abs(out - env.wanted).mean())


@pytest.mark.parametrize("discrete", [True, False])
def test_ppo_learns_a_bandit(discrete: bool) -> None:
    env = Bandit(discrete=discrete)
    learner = LeanPpo(env, SMALL, seed=0, discrete=discrete)
    before = score(learner, env)
    for _ in range(40):
        learner.iterate()
    assert learner.steps == SMALL.steps
    assert score(learner, env) > max(0.95, before)


@pytest.mark.parametrize("discrete", [True, False])
def test_imitation_fits_the_teacher(discrete: bool) -> None:
    env = Bandit(discrete=discrete)
    learner = LeanPpo(env, SMALL, seed=0, discrete=discrete)
    imitate(learner, lambda: env.wanted, ImitateConfig(rounds=6, ticks=4, updates=60, minibatch=128))
    assert score(learner, env) > 0.95


def test_warming_the_value_leaves_the_policy_alone() -> None:
    learner = LeanPpo(Bandit(discrete=False), SMALL, seed=0)
    actor = [p.clone() for p in learner.model.actor.parameters()]
    critic = [p.clone() for p in learner.model.critic.parameters()]
    learner.iterate(value_only=True)
    assert all(torch.equal(a, b) for a, b in zip(actor, learner.model.actor.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(critic, learner.model.critic.parameters(), strict=True))


def test_saved_learners_go_on_alike(tmp_path: Path) -> None:
    def go_on(learner: LeanPpo) -> list[Any]:
        torch.manual_seed(5)
        learner.env.rng = np.random.default_rng(5)
        learner.restart()
        learner.iterate()
        return [p.detach().clone() for p in learner.model.parameters()]

    first = LeanPpo(Bandit(discrete=True), SMALL, seed=0, discrete=True)
    first.iterate()
    first.save(tmp_path / "learner.pt")
    second = LeanPpo(Bandit(discrete=True), SMALL, seed=9, discrete=True)
    second.restore(tmp_path / "learner.pt")
    assert second.steps == first.steps
    assert all(torch.equal(a, b) for a, b in zip(go_on(first), go_on(second), strict=True))


TINY = OursConfig(
    task="S1", steps=16_000, environments=32, scenes=20, rollout=8, minibatch=256, warm_up=1, hidden=(16, 16),
    eval_every=4_000, eval_episodes=4, checkpoint_every=4_000,
)  # fmt: skip


def answers(folder: Path) -> list[np.ndarray]:
    """What both policies say to the same observations."""
    return [
        OnnxPolicy.load(folder / f"{spec.name}.onnx", expect=spec)(example_observation(spec, rows=50))
        for spec in (NAVIGATOR_SPEC, SELECTOR_SPEC)
    ]


def curve(folder: Path) -> list[tuple[Any, ...]]:
    return [(r.steps, str(r.success), str(r.eval_success)) for r in read_curve(folder / "curve.csv")]


def begin(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start `reprohrl train ours` on the tiny settings, in a process of its own."""
    settings = folder.parent / "settings.json"
    plain = {k: v for k, v in asdict(TINY).items() if k not in ("task", "seed")}
    settings.write_text(json.dumps(plain))
    return subprocess.Popen(
        [sys.executable, "-m", "reprohrl", "train", "ours", "--task", "S1", "--seed", str(TINY.seed),
         "--settings", str(settings), "--out", str(folder), *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def kill_after_checkpoint(process: subprocess.Popen[bytes], folder: Path, number: int) -> None:
    """Kill -9 the training as soon as it has saved `number` checkpoints this run."""
    seen: set[str] = set()
    before = {p.name for p in (folder / "checkpoints").glob("*")}
    deadline = time.monotonic() + 240
    while len(seen) < number:
        assert process.poll() is None, process.communicate()[1].decode()[-2000:]
        assert time.monotonic() < deadline, "no checkpoint came"
        names = {p.name for p in (folder / "checkpoints").glob("*") if not p.name.startswith(".")}
        seen |= names - before
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL


def test_both_levels_killed_twice_and_resumed_are_those_of_an_uninterrupted_run(tmp_path: Path) -> None:
    whole = begin(tmp_path / "whole")
    assert whole.wait(300) == 0, whole.communicate()[1].decode()[-2000:]
    folder = tmp_path / "killed"
    kill_after_checkpoint(begin(folder), folder, 1)
    assert not (folder / "result.json").exists()
    kill_after_checkpoint(begin(folder, "--resume"), folder, 2)
    last = begin(folder, "--resume")
    assert last.wait(300) == 0, last.communicate()[1].decode()[-2000:]
    for first, second in zip(answers(tmp_path / "whole"), answers(folder), strict=True):
        np.testing.assert_array_equal(first, second)
    assert curve(tmp_path / "whole") == curve(folder)
    assert not list((folder / "checkpoints").glob(".part-*"))


def test_both_levels_stopped_and_resumed_are_those_of_an_uninterrupted_run(tmp_path: Path) -> None:
    train_agent("ours", TINY, tmp_path / "whole", hooks=Hooks(tensorboard=False))
    saves = 0

    def stop(_: Path) -> None:
        nonlocal saves
        saves += 1
        if saves in (1, 3):
            raise KeyboardInterrupt

    hooks = Hooks(tensorboard=False, after_save=stop)
    for resume in (False, True):
        with pytest.raises(KeyboardInterrupt):
            train_agent("ours", TINY, tmp_path / "parts", resume=resume, hooks=hooks)
    train_agent("ours", TINY, tmp_path / "parts", resume=True, hooks=hooks)
    assert saves > 4
    for whole, parts in zip(answers(tmp_path / "whole"), answers(tmp_path / "parts"), strict=True):
        np.testing.assert_array_equal(whole, parts)
    assert curve(tmp_path / "whole") == curve(tmp_path / "parts")
