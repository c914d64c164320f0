"""On a cluster of two workers the same seed gives the same run, and a dead worker costs no result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.train, pytest.mark.ray, pytest.mark.timeout(400)]
pytest.importorskip("stable_baselines3")
ray = pytest.importorskip("ray")
pytest.importorskip("optuna")

from reprohrl.contracts.errors import UserError  # noqa: E402
from reprohrl.policies.onnx_policy import OnnxPolicy  # noqa: E402
from reprohrl.training.harness.curve import read_curve  # noqa: E402
from reprohrl.training.harness.jobs import Done, Job, run_job, run_jobs  # noqa: E402
from reprohrl.training.harness.on_ray import run_on_ray  # noqa: E402
from reprohrl.training.harness.sweep import Plan, sweep  # noqa: E402
from reprohrl.training.harness.sweep_log import read_log  # noqa: E402
from tests.fakes.corridor import SPEC, CorridorConfig  # noqa: E402

AGENT = "tests.fakes.corridor"


@pytest.fixture(scope="module", autouse=True)
def two_workers() -> Iterator[None]:
    # Ray's own spelling: or whatever else this machine does would starve them
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    from reprohrl.training.harness import cluster

    cluster.STARTS = 1  # a test does not wait for a busy machine
    try:
        cluster.connect("local", cpus=2)
    except UserError as error:
        pytest.skip(f"Ray did not start here: {error.why}")
    yield
    ray.shutdown()


def on_ray(*jobs: Job) -> dict[str, Done]:
    done = run_on_ray(jobs, address="auto", follow=lambda progress: None)
    return {each.job.folder.name: each for each in done}


def job(folder: Path, resume: bool = False, **settings: object) -> Job:
    return Job(AGENT, CorridorConfig(steps=1024, **settings).as_dict(), folder, resume)


def same(a: Path, b: Path) -> bool:
    curves = [[(r.steps, r.episodes, r.eval_episodes) for r in read_curve(f / "curve.csv")] for f in (a, b)]
    seen = np.linspace(-1, 1, 9, dtype=np.float32)[:, None]
    acts = [OnnxPolicy.load(f / "corridor.onnx", expect=SPEC)(seen) for f in (a, b)]
    return curves[0] == curves[1] and bool(np.array_equal(*acts))


def test_seeds_train_at_once_and_the_dead_are_replaced(tmp_path: Path) -> None:
    """Seed 1 loses its worker after the first checkpoint; seed 2 steps in two actors, and one dies."""
    found = on_ray(
        job(tmp_path / "r0", seed=0),
        job(tmp_path / "r1", seed=1, die_after=1),
        job(tmp_path / "r2", seed=2, parts=2, part_dies=str(tmp_path / "died")),
    )
    assert (tmp_path / "died").exists()
    assert sorted(found) == ["r0", "r1", "r2"]
    assert all(d.error is None and d.result is not None for d in found.values()), found
    for seed, parts in ((0, 1), (1, 1), (2, 2)):
        here = tmp_path / f"l{seed}"
        assert run_job(job(here, seed=seed, parts=parts)).error is None
        assert same(tmp_path / f"r{seed}", here)
    assert not same(tmp_path / "r0", tmp_path / "r1")


def test_a_sweep_tries_on_a_cluster_what_it_tries_here(tmp_path: Path) -> None:
    base = CorridorConfig(steps=512)
    logs = []
    for name in ("here", "ray"):
        plan = Plan(AGENT, base, 4, tmp_path / name, seed=1, parallel=2)

        def launch(jobs: Sequence[Job], name: str = name) -> Iterator[Done]:
            if name == "ray":
                return run_on_ray(jobs, address="auto", follow=lambda progress: None)
            return run_jobs(jobs, follow=lambda progress: None)

        log = read_log(sweep(plan, launch, told=lambda sentence: None))
        logs.append([(t["settings"], t["state"], t["success"], t["steps"]) for t in log["trials"]])
    assert logs[0] == logs[1] and len(logs[0]) == 4


def test_what_cannot_run_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="3 parts find no room"):
        on_ray(job(tmp_path / "a", parts=3, environments=6))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "run.json").write_text("{}")
    assert "already holds" in str(on_ray(job(tmp_path / "b"))["b"].error)
