"""The fit finds the parameters of a detector that errs as the model says, and writes what can be read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reprohrl.contracts.detection import Detection, Detections
from reprohrl.contracts.drone import Frame
from reprohrl.contracts.errors import UserError
from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from sim.envs.detector_noise import DetectorNoise, from_json, load_noise, to_json
from sim.noise_fit import Records, fit, measure, replay
from sim.noise_fit.check import Numbers, goodness, miss_chance
from sim.noise_fit.flights import FLIGHT_FRAMES, fly
from sim.noise_fit.match import match_frame
from sim.noise_fit.report import page
from sim.noise_fit.study import study
from sim.tasks import make_scene

CLASSES = len(DETECTOR_CLASSES)
TRUE = DetectorNoise(
    miss_class=np.array([-3.0, -1.5, -2.5, -2.0, -3.5, -2.5, -3.0]), miss_log_size=-0.8, miss_small=1.5,
    miss_big=0.5, miss_hidden=2.0, miss_edge=1.0, miss_object=1.2, miss_hold=0.5,
    alien_missed=np.full(CLASSES, 0.3), alien_found=np.full(CLASSES, 0.02),
    alien_class=(1 - np.eye(CLASSES)) / (CLASSES - 1), alien_hold=0.6,
    false_per_frame=0.12, false_hold=0.5, false_class=np.full(CLASSES, 1 / CLASSES),
    false_log_side=np.log([0.1, 0.2]), false_log_sigma=np.array([0.4, 0.4]),
    score_bias=1.0, score_eta=-0.3, score_sigma=0.4, alien_score_scale=0.1,
    center_rel=0.02, center_abs=0.002, size_rel=0.03, size_abs=0.002, jitter_edge=1.5, jitter_hold=0.4,
    confidence=0.35,
)  # fmt: skip


def made_up_flights(count: int) -> Records:
    """Truth of flights with six boxes in view that grow, drift and are partly hidden."""
    rng = np.random.default_rng(0)
    rows = []
    for flight in range(count):
        place, growth = rng.uniform(0.25, 0.75, (6, 2)), rng.uniform(0.99, 1.04, 6)
        sides = np.exp(rng.normal(np.log(0.15), 0.5, (6, 2)))
        classes, visible = rng.integers(0, CLASSES, 6), rng.choice([1.0, 1.0, 0.6], 6)
        for frame in range(FLIGHT_FRAMES):
            size = np.minimum(sides * growth[:, None] ** frame, 0.9)
            low, high = np.clip(place - size / 2, 0, 1), np.clip(place + size / 2, 0, 1)
            where = np.tile((flight, frame), (6, 1))
            rows.append(
                np.column_stack([where, np.arange(6), classes, visible, (low + high) / 2, high - low])
            )
    truth = np.concatenate(rows)
    return Records(truth, np.zeros((len(truth), 8)), np.empty((0, 8)), count * FLIGHT_FRAMES)


@pytest.fixture(scope="module")
def played() -> Records:
    return replay(made_up_flights(250), TRUE, seed=1)


def test_the_fit_finds_the_parameters_the_data_was_made_with(played: Records) -> None:
    found = fit(played, 0.35)
    assert np.abs(found.miss_class - TRUE.miss_class).max() < 1.2
    assert found.miss_log_size == pytest.approx(TRUE.miss_log_size, abs=0.5)
    assert found.miss_hidden == pytest.approx(TRUE.miss_hidden, abs=1.0)
    assert found.miss_edge == pytest.approx(TRUE.miss_edge, abs=0.8)
    assert found.miss_object == pytest.approx(TRUE.miss_object, abs=0.45)
    assert found.miss_hold == pytest.approx(TRUE.miss_hold, abs=0.12)
    assert found.alien_missed.mean() == pytest.approx(0.3, abs=0.08)
    assert found.false_hold == pytest.approx(TRUE.false_hold, abs=0.15)
    assert found.center_rel == pytest.approx(TRUE.center_rel, abs=0.006)
    assert found.size_rel == pytest.approx(TRUE.size_rel, abs=0.008)
    assert found.jitter_hold == pytest.approx(TRUE.jitter_hold, abs=0.08)
    assert found.score_eta == pytest.approx(TRUE.score_eta, abs=0.15)


def test_the_fitted_model_errs_as_the_detector_on_other_flights(played: Records) -> None:
    model = replay(played, fit(played, 0.35), seed=2)
    chance = miss_chance(played, TRUE)
    real, said = Numbers.of(played, chance), Numbers.of(model, chance)
    many = [n for n, count in enumerate(real.counts) if count > 800]
    assert len(many) >= 4, real.counts
    for name in ("recall", "precision"):
        a, b = (np.array(getattr(numbers, name))[many] for numbers in (real, said))
        assert np.abs(a - b).max() < 0.08
    assert real.persistence == pytest.approx(said.persistence, abs=0.15)
    quality = goodness(played, TRUE)
    assert quality["log_loss"] < quality["log_loss_of_one_rate"]


def test_misses_in_runs_cost_no_more_misses_in_all(played: Records) -> None:
    lasting = replay(played, TRUE._replace(miss_hold=0.9), seed=3)
    assert played.missed.mean() == pytest.approx(lasting.missed.mean(), abs=0.03)


def test_other_classes_hidden_objects_and_nothing_are_told_apart() -> None:
    truth = np.array([[1, 1.0, 0.3, 0.5, 0.2, 0.2], [6, 1.0, 0.7, 0.5, 0.2, 0.6]])
    seen = np.array([
        [1, 0.9, 0.31, 0.5, 0.2, 0.2], [3, 0.6, 0.7, 0.5, 0.2, 0.6],
        [0, 0.5, 0.1, 0.1, 0.1, 0.1], [2, 0.4, 0.5, 0.9, 0.1, 0.1],
    ])  # fmt: skip
    matched, false = match_frame(truth, seen, np.array([[0.1, 0.1, 0.1, 0.1]]))
    assert matched[0].tolist() == pytest.approx([1, 0.9, 0.31, 0.5, 0.2, 0.2, -1, 0])
    assert matched[1, 0] == 0 and matched[1, 6:].tolist() == [3, 0.6]
    assert false[:, 0].tolist() == [2]


class Perfect:
    """Reports what it is told is in the frame: nothing."""

    def detect(self, frame: Frame) -> Detections:
        return Detections(frame.stamp, (Detection(0, 0.5, 0.5, 0.5, 0.01, 0.01),))


def test_flights_are_repeatable_and_a_blind_detector_misses_everything() -> None:
    first, again = (measure(Perfect(), 40, grey=True, seed=4) for _ in range(2))
    assert np.array_equal(first.truth, again.truth) and first.frames == 40
    assert first.missed.all() and len(first.false) > 0
    scene = make_scene("XM", 3, "train")
    times = [t for t, _ in fly(scene, np.random.default_rng(0))]
    assert len(times) == FLIGHT_FRAMES and np.allclose(np.diff(times), 0.1)
    with pytest.raises(UserError, match="objects were seen"):
        fit(replace(first, truth=first.truth[:10], found=first.found[:10]), 0.35)


def test_parameters_survive_the_file_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    data = to_json(TRUE)
    assert to_json(from_json(data)) == data
    with pytest.raises(UserError, match="miss_hold"):
        from_json({k: v for k, v in data.items() if k != "miss_hold"})
    with pytest.raises(UserError, match="alien_class"):
        from_json(data | {"alien_class": [0.0]})
    with pytest.raises(UserError, match="cannot read"):
        load_noise(tmp_path / "none.json")


@pytest.mark.parametrize("camera", ["grey", "colour"])
def test_the_shipped_parameters_load_for_either_camera(camera: str) -> None:
    noise = load_noise(camera=camera)
    assert np.allclose(noise.alien_class.sum(1), 1.0, atol=1e-2)
    assert 0 < noise.miss_hold < 1 and noise.miss_log_size < 0.5


def test_a_study_of_the_shipped_detector_gives_a_page(tmp_path: Path) -> None:
    from reprohrl.perception.detector import OnnxDetector

    result = study(OnnxDetector(), "detector.onnx", 0.35, 120, cameras=("grey",))
    check = json.loads(json.dumps(result))["cameras"]["grey"]["check"]
    assert check["frames"] == 60 and sum(check["detector"]["counts"]) > 20
    assert "<svg" in page(result) and "recall by class" in page(result)
