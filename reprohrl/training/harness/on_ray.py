"""Trainings on a Ray cluster, each in a task that begins again when its worker dies.

It goes on from its last checkpoint. The same seed gives the same run as in one process, because a task
calls what a local run calls.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import reprohrl
from reprohrl.contracts.errors import UserError
from reprohrl.training.harness import checkpoints
from reprohrl.training.harness.cluster import WAIT_S, connect
from reprohrl.training.harness.hooks import Hooks
from reprohrl.training.harness.jobs import RESUME, Done, Follow, Job, run_job, together
from reprohrl.training.harness.keeper import Keeper, pack, unpack
from reprohrl.training.harness.pace import Progress
from reprohrl.training.harness.run import CURVE, RUN, read_result

DEATHS = 5
"""How many workers may die under one run."""
TELL_EVERY_S = 2.0


def run_on_ray(
    jobs: Sequence[Job], *, address: str, follow: Follow, cpus: int | None = None
) -> Iterator[Done]:
    """Train all of `jobs` on the cluster; yield each as it ends, its folder here.

    A job with several parts spreads them over the cluster, and such jobs go one after another.
    """
    ray = connect(address, cpus=cpus)
    _check_room(ray, jobs)
    fresh = []
    for job in jobs:
        if not job.resume and (job.folder / RUN).exists():
            fix = "go on with it: --resume; or name another folder: --out"
            yield Done(job, None, UserError(f"{job.folder} already holds a training run", fix=fix))
        else:
            fresh.append(replace(job, folder=job.folder.absolute()))
    whole = [job for job in fresh if job.config.parts == 1]
    spread = [[job] for job in fresh if job.config.parts > 1]
    keeper = _beside_the_driver(ray) if fresh else None
    for group in (whole, *spread):
        yield from _run(ray, keeper, group, follow)


def _run(ray: Any, keeper: Any, jobs: Sequence[Job], follow: Follow) -> Iterator[Done]:
    task = ray.remote(max_retries=DEATHS, retry_exceptions=False)(_train)
    pending = {}
    for job in jobs:
        spread = job.config.parts > 1
        reference = task.options(num_cpus=0 if spread else job.config.threads).remote(
            job, keeper, reprohrl.__version__
        )
        pending[reference] = job
    try:
        while pending:
            ended, _ = ray.wait(list(pending), timeout=1.0)
            told = ray.get(keeper.told.remote(), timeout=WAIT_S)
            if told:
                follow(together(told))
            for reference in ended:
                yield _outcome(ray, reference, pending.pop(reference))
    finally:
        for reference in pending:
            ray.cancel(reference, force=True)


def _outcome(ray: Any, reference: Any, job: Job) -> Done:
    try:
        error: UserError | None = ray.get(reference, timeout=WAIT_S)
    except ray.exceptions.RayError as lost:
        why = str(lost).strip().splitlines()[-1]
        return Done(job, None, UserError(f"the training in {job.folder} was lost", why=why, fix=RESUME))
    return Done(job, None, error) if error is not None else Done(job, read_result(job.folder))


def _train(job: Job, keeper: Any, version: str) -> UserError | None:
    """The task: train in a folder of this machine, sending home what a successor would need."""
    import ray

    from reprohrl.training.harness.ray_part import place_on_ray, release_hosts

    if version != reprohrl.__version__:
        what = f"a worker has reprohrl {reprohrl.__version__}, the driver {version}"
        return UserError(what, fix="install the same version on all machines")
    for _ in range(1 + DEATHS):
        with tempfile.TemporaryDirectory(prefix="reprohrl-") as here:
            home = _Home(ray, keeper, str(job.folder), Path(here))
            try:
                resume = home.fetch()
                hooks = Hooks(follow=home.tell, after_save=home.send, place=place_on_ray, tensorboard=True)
                done = run_job(replace(job, folder=Path(here), resume=resume), hooks)
                home.send(Path(here))  # a pruned run's last points too
                return done.error
            except UserError as error:
                return error
            except ray.exceptions.RayActorError:
                continue  # a part of the environments died: from the last checkpoint, with new ones
            finally:
                release_hosts()
    return UserError(f"the parts of {job.folder} died {1 + DEATHS} times", fix=RESUME)


class _Home:
    """The way from a worker's folder to that of the driver."""

    def __init__(self, ray: Any, keeper: Any, folder: str, here: Path) -> None:
        self._ray, self._keeper, self._folder, self._here = ray, keeper, folder, here
        self._turn = 0
        self._sent: dict[str, tuple[int, int]] = {}
        self._told_s = 0.0

    def fetch(self) -> bool:
        """Bring what an earlier process left; return whether there was anything."""
        self._turn, files = self._ask("take", self._folder)
        unpack(self._here, files)
        return bool(files)

    def send(self, folder: Path) -> None:
        """Send the files that are new since the last time."""
        new = []
        for path in folder.rglob("*"):
            about = path.stat()
            key = str(path.relative_to(folder))
            if path.is_file() and self._sent.get(key) != (about.st_mtime_ns, about.st_size):
                self._sent[key] = (about.st_mtime_ns, about.st_size)
                new.append(key)
        left = [p.name for p in (folder / checkpoints.FOLDER).glob("step-*")]
        self._heard(self._ask("put", self._folder, self._turn, pack(folder, tuple(new)), left))

    def tell(self, progress: Progress) -> None:
        """Say where the run is, and its curve, now and then."""
        if time.monotonic() - self._told_s >= TELL_EVERY_S:
            self._told_s = time.monotonic()
            curve = (self._here / CURVE).read_bytes()
            self._heard(self._ask("tell", self._folder, self._turn, progress, curve))

    def _ask(self, method: str, *words: Any) -> Any:
        return self._ray.get(getattr(self._keeper, method).remote(*words), timeout=WAIT_S)

    def _heard(self, answer: bool) -> None:
        if not answer:
            raise UserError(f"another worker has taken over {self._folder}")


def _beside_the_driver(ray: Any) -> Any:
    """Start the keeper on this machine, where the folders are."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(Keeper).options(num_cpus=0, scheduling_strategy=here).remote()


def _check_room(ray: Any, jobs: Sequence[Job]) -> None:
    """Raise `UserError` for what the cluster could never hold, rather than wait for it."""
    largest = max(int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"])
    total = int(ray.cluster_resources().get("CPU", 0))
    for job in jobs:
        config = job.config
        if config.parts == 1 and config.threads > largest:
            raise UserError(
                f"a training of {config.threads} threads finds no room",
                why=f"the largest machine of the cluster has {largest} CPUs",
                fix="--set threads=...",
            )
        if config.parts > total:
            raise UserError(
                f"{config.parts} parts find no room",
                why=f"the cluster has {total} CPUs",
                fix="--set parts=...",
            )
