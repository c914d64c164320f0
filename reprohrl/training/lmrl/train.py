"""Train one algorithm on one task with one seed; go on where it was stopped."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import torch

from reprohrl.contracts.errors import UserError
from reprohrl.lmrl import trajectory
from reprohrl.lmrl.play import play
from reprohrl.lmrl.score import Scale
from reprohrl.lmrl.tasks import Task, task
from reprohrl.lmrl.trajectory import Trajectory
from reprohrl.lmrl.words import Words
from reprohrl.training.lmrl import store
from reprohrl.training.lmrl.learner import Learner, Setup, restore, state
from reprohrl.training.lmrl.model import Shape, Speaker
from reprohrl.training.lmrl.offline import Cloning, Ilql, MonteCarlo
from reprohrl.training.lmrl.online import OnlineFilteredCloning, Ppo
from reprohrl.training.lmrl.rows import Recorded
from reprohrl.training.lmrl.settings import Settings, settings_for
from reprohrl.training.lmrl.store import Place
from reprohrl.training.lmrl.talker import Talker

SAVE_EVERY_S = 10.0
TEST_SEEDS = 1_000_000
"""Test episodes are numbered from here on; data sets and online play use lower numbers."""

LEARNERS: dict[str, Callable[[Setup], Learner]] = {
    "bc": Cloning,
    "filtered-bc": Cloning,
    "mc": MonteCarlo,
    "ilql": Ilql,
    "ppo": Ppo,
    "online-filtered-bc": OnlineFilteredCloning,
}


@dataclass(frozen=True, slots=True)
class Request:
    """What to train, and how thoroughly to look at it."""

    place: Place
    changes: dict[str, Any]
    episodes: int = 100  # of the final evaluation
    data_episodes: int = 0  # 0: as many as the task says
    looks: int = 3  # evaluations on the way, for the curve
    look_episodes: int = 10
    fresh: bool = False


def data_of(place: Place, what: Task, episodes: int) -> list[Trajectory]:
    """Return the recorded data set of a seed; record it where it is not there yet."""
    if not place.data.exists():
        trajectory.write(place.data, what.record(seed=place.seed, episodes=episodes or what.episodes))
    found = trajectory.read(place.data)
    if episodes and len(found) != episodes:
        raise UserError(f"{place.data} holds {len(found)} episodes, not {episodes}", fix="another --out")
    return found


def train(request: Request, progress: Callable[[str], None] = lambda line: None) -> dict[str, Any]:
    """Train until the last step and evaluate; return the result. Finished runs return at once."""
    place, what = request.place, task(request.place.task)
    settings = settings_for(what, place.algorithm, request.changes)
    if request.fresh and place.folder.exists():
        shutil.rmtree(place.folder)
    store.check(place, settings)
    if place.finished:
        result: dict[str, Any] = store.read_json(place.folder / "result.json")
        return result
    torch.set_num_threads(1)
    torch.manual_seed(place.seed)
    data = data_of(place, what, request.data_episodes)
    setup = _setup(place, what, settings, data)
    learner = LEARNERS[place.algorithm](setup)
    run = _Run(request, what, setup, learner, progress)
    run.go()
    return run.finish(fmean(t.score for t in data))


def _setup(place: Place, what: Task, settings: Settings, data: list[Trajectory]) -> Setup:
    words = Words.of(
        (text for t in data for text in t.observations), (text for t in data for text in t.actions)
    )
    kept = trajectory.best(data, settings.keep) if place.algorithm == "filtered-bc" else data
    recorded = Recorded(kept, words, turns=what.turns, gamma=settings.gamma)
    shape = Shape(
        len(words), _longest(data, words, what), settings.width, settings.layers,
        end=words.end if settings.page else -1,
    )  # fmt: skip
    speaker = Speaker(shape)
    if place.algorithm not in ("bc", "filtered-bc"):
        cloned = store.load(place.cloned)
        if cloned is None:
            raise UserError(
                f"{place.algorithm} starts from the cloned policy, and {place.cloned.folder} holds none",
                fix=f"reprohrl lmrl train --task {place.task} --algo bc,{place.algorithm}",
            )
        shape = Shape(**cloned["shape"])
        speaker = Speaker(shape)
        speaker.load_state_dict(cloned["modules"]["speaker"])
    return Setup(settings, words, recorded, speaker, what.turns, what.most_words, what.make, place.seed)


def _longest(data: list[Trajectory], words: Words, what: Task) -> int:
    """Return how many words the longest window of play has, and room for an action."""
    longest = 0
    for t in data:
        counts = [len(words.encode(text)) for text in t.texts]
        span = 2 * what.turns + 1
        longest = max(longest, *(sum(counts[i : i + span]) for i in range(0, len(counts), 2)))
    return longest + what.most_words


class _Run:
    """The loop of one training: update, look, put away."""

    def __init__(
        self, request: Request, what: Task, setup: Setup, learner: Learner, progress: Callable[[str], None]
    ) -> None:
        self.request, self.what, self.setup, self.learner = request, what, setup, learner
        self.progress = progress
        self.number, self.seconds, self.cpu_s = 0, 0.0, 0.0
        self.curve: list[dict[str, float]] = []
        kept = store.load(request.place)
        if kept is not None:
            restore(learner, kept)
            self.number, self.seconds, self.cpu_s = kept["number"], kept["seconds"], kept["cpu_s"]
            self.curve = list(kept["curve"])

    def go(self) -> None:
        steps = self.setup.settings.steps
        every = max(1, steps // max(self.request.looks, 1))
        begun, cpu = time.monotonic() - self.seconds, time.process_time() - self.cpu_s
        saved = time.monotonic()
        while self.number < steps:
            numbers = self.learner.step(self.number)
            self.number += 1
            self.seconds, self.cpu_s = time.monotonic() - begun, time.process_time() - cpu
            look = self.number % every == 0 and self.number < steps
            if look or self.number == 1:
                self.curve.append({"step": float(self.number), "seconds": round(self.seconds, 1), **numbers,
                                   **({"score": self._look()} if look else {})})  # fmt: skip
            if look or time.monotonic() - saved > SAVE_EVERY_S:
                self._save()
                saved = time.monotonic()
                self.progress(self._line(numbers))

    def finish(self, average: float) -> dict[str, Any]:
        """Evaluate on the test episodes; write curve and result."""
        played = self._play(self.request.episodes, TEST_SEEDS)
        scores = [t.score for t in played]
        scale = Scale(self.what.worst, average, self.what.best)
        self.curve.append(
            {"step": float(self.number), "seconds": round(self.seconds, 1), "score": fmean(scores)}
        )
        self._save()
        place = self.request.place
        result = {
            "task": place.task, "algorithm": place.algorithm, "seed": place.seed, "score": fmean(scores),
            "normalised": scale.normalise(fmean(scores)), "episodes": len(scores), "scores": scores,
            "scale": [scale.worst, scale.average, scale.best], "seconds": round(self.seconds, 1),
            "cpu_s": round(self.cpu_s, 1), "steps": self.number, "curve": self.curve,
        }  # fmt: skip
        trajectory.write(place.folder / "played.jsonl", played[:20])
        store.write_json(place.folder / "result.json", result)
        return result

    def _look(self) -> float:
        return fmean(t.score for t in self._play(self.request.look_episodes, TEST_SEEDS // 2))

    def _play(self, episodes: int, first: int) -> list[Trajectory]:
        talker: Talker = self.learner.talker()
        return play(self.what.make, talker, range(first, first + episodes))

    def _save(self) -> None:
        store.save(
            self.request.place,
            {
                **state(self.learner), "number": self.number, "seconds": self.seconds, "cpu_s": self.cpu_s,
                "curve": self.curve, "words": list(self.setup.words.words),
                "phrases": [list(p) for p in self.setup.words.phrases],
                "shape": asdict(self.setup.speaker.reader.shape),
            },
        )  # fmt: skip

    def _line(self, numbers: dict[str, float]) -> str:
        place, steps = self.request.place, self.setup.settings.steps
        left = self.seconds / self.number * (steps - self.number)
        scores = [row["score"] for row in self.curve if "score" in row]
        said = f", score {scores[-1]:.2f}" if scores else ""
        loss = f", loss {numbers['loss']:.3g}" if "loss" in numbers else ""
        return (
            f"{place.task} {place.algorithm} seed {place.seed}: {self.number} of {steps} updates"
            f"{loss}{said}, about {left:.0f} s left"
        )
