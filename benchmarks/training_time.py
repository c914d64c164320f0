"""Steps and seconds of training to 90 % on held-out episodes, and where the seconds go.

Run: python -m benchmarks.training_time [--quick] [--methods ours,flat-ppo] [--tasks S1,C1,MC-3] [--json FILE]

Every run stops at the first evaluation of at least 90 %. In the same run our PPO stands beside
stable-baselines3's: same world, same networks, same settings, in turns.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.phases import watched

TARGET = 0.9
TASKS, METHODS = "S1,C1,MC-3", "ours,flat-ppo"
EVAL_EVERY, EVAL_EPISODES = 50_000, 200
QUICK_STEPS = 100_000


@dataclass(frozen=True)
class Line:
    """One run. `steps` and `seconds` are to the target; None when it was not reached within `given`."""

    task: str
    method: str
    seed: int
    given: int
    steps: float | None
    seconds: float | None
    success: float
    shares: dict[str, float]


def train(method: str, task: str, seed: int, folder: Path, steps: int | None) -> Line:
    """Train one agent to the target, in a folder of its own."""
    from reprohrl.training.agents import registry
    from reprohrl.training.harness.execute import train_agent
    from reprohrl.training.harness.run import read_result

    config = registry.get(method).config(
        task=task, seed=seed, success_target=TARGET, eval_every=EVAL_EVERY, eval_episodes=EVAL_EPISODES
    )
    config = config if steps is None else replace(config, steps=steps)
    shutil.rmtree(folder, ignore_errors=True)
    start = time.perf_counter()
    with watched() as phases:
        train_agent(method, config, folder)
    shares = phases.shares(time.perf_counter() - start)
    numbers: dict[str, Any] = (read_result(folder) or {})["numbers"]
    return Line(
        task, method, seed, config.steps, numbers.get("target_steps"), numbers.get("target_wall_s"),
        numbers.get("success", float("nan")), shares,
    )  # fmt: skip


def side_by_side(rounds: int) -> dict[str, float]:
    """Return decision steps per second of our PPO and of stable-baselines3's, and their ratio."""
    from stable_baselines3 import PPO

    from reprohrl.training.lean_ppo import LeanPpo, PpoConfig
    from reprohrl.training.vec_env import BatchVecEnv
    from sim.envs.config import NavigationConfig
    from sim.envs.navigation import BatchNavigation

    config, batch = PpoConfig(threads=1), 256
    worlds = [BatchNavigation(batch, NavigationConfig(tasks={"MC-3": 1.0}, scenes=200), 0) for _ in range(2)]
    lean = LeanPpo(worlds[0], config, 0)
    peer = PPO(
        "MlpPolicy", BatchVecEnv(worlds[1]), device="cpu", seed=0, n_steps=config.rollout,
        batch_size=config.minibatch, n_epochs=config.epochs, learning_rate=config.learning_rate,
        gamma=config.gamma, gae_lambda=config.gae_lambda, ent_coef=config.entropy, clip_range=config.clip,
        policy_kwargs={"net_arch": list(config.hidden), "log_std_init": config.log_std},
    )  # fmt: skip
    decisions = config.rollout * batch
    ours, theirs = [], []
    for i in range(rounds + 1):
        start = time.perf_counter()
        lean.iterate()
        between = time.perf_counter()
        peer.learn(decisions, reset_num_timesteps=False)
        if i:  # the first round compiles
            ours.append(between - start)
            theirs.append(time.perf_counter() - between)
    best = decisions / min(ours), decisions / min(theirs)
    return {"ours": best[0], "stable-baselines3": best[1], "ratio": best[0] / best[1]}


def show(line: Line) -> str:
    shares = "  ".join(f"{name} {100 * share:.0f} %" for name, share in line.shares.items())
    reached = (
        f"{line.steps:12,.0f} steps {line.seconds:8.1f} s"
        if line.steps is not None and line.seconds is not None
        else f"> {line.given:10,d} steps     (at {100 * line.success:.0f} %)"
    )
    return f"{line.task:6s} {line.method:10s} seed {line.seed}  {reached}   {shares}\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.training_time", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK_STEPS} steps a run")
    parser.add_argument("--methods", default=METHODS)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--seeds", type=int, default=1, help="training seeds 0, 1, ...")
    parser.add_argument("--out", type=Path, default=Path("runs/training-time"), help="folder of the runs")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    lines = []
    for task in asked.tasks.split(","):
        for method in asked.methods.split(","):
            for seed in range(asked.seeds):
                folder = asked.out / method / task / f"seed-{seed}"
                lines.append(train(method, task, seed, folder, QUICK_STEPS if asked.quick else None))
                sys.stdout.write(show(lines[-1]))
                sys.stdout.flush()
    rates = side_by_side(2 if asked.quick else 8)
    sys.stdout.write(
        f"PPO on MC-3, one thread: ours {rates['ours']:,.0f} decision steps/s, stable-baselines3 "
        f"{rates['stable-baselines3']:,.0f}: {rates['ratio']:.1f} times\n"
    )
    if asked.json is not None:
        content = {"runs": [asdict(line) for line in lines], "ppo_steps_per_s": rates}
        asked.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
