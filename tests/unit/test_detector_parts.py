"""Letterbox, decoding, suppression and metrics on numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reprohrl.contracts.detection import Detection
from reprohrl.perception.decode import box_iou, decode, suppress
from reprohrl.perception.letterbox import BAR_VALUE, Letterbox, to_input
from reprohrl.training.detector_metrics import average_precision, fit_errors

SIZE = (256, 320)


def test_an_ai_deck_frame_fills_the_width_between_two_bars() -> None:
    tensor, place = to_input(np.full((244, 324), 200, np.uint8), SIZE)
    assert place == Letterbox((244, 324), (241, 320), 7, 0)
    assert tensor.shape == (1, 3, *SIZE) and tensor.dtype == np.float32
    rows = (tensor[0, 0, :, 100] * 255).round().astype(int)
    assert set(rows[:7]) == {BAR_VALUE} and set(rows[7:248]) == {200} and set(rows[248:]) == {BAR_VALUE}
    assert np.array_equal(tensor[0, 0], tensor[0, 1]) and np.array_equal(tensor[0, 0], tensor[0, 2])


@pytest.mark.parametrize("frame", [(244, 324), (120, 160), (480, 640), (320, 100)])
def test_unfit_undoes_fit(frame: tuple[int, int]) -> None:
    place = Letterbox.fit(frame, SIZE)
    corner = np.array(
        [[place.left, place.top, place.left + place.scaled[1], place.top + place.scaled[0]]], np.float32
    )
    assert place.unfit(corner)[0] == pytest.approx([0, 0, 1, 1])
    assert place.unfit(corner + np.array([-50, -50, 50, 50], np.float32))[0] == pytest.approx([0, 0, 1, 1]), (
        "clipped to the frame"
    )


def test_colour_keeps_its_channel_order() -> None:
    pixels = np.zeros((256, 320, 3), np.uint8)
    pixels[..., 0] = 255
    tensor, _ = to_input(pixels, SIZE)
    assert tensor[0, :, 5, 5].tolist() == [1.0, 0.0, 0.0]


def test_decode_keeps_the_best_class_above_the_threshold_best_first() -> None:
    output = np.zeros((11, 4), np.float32)
    output[:4, 0] = 100, 100, 20, 40
    output[:4, 1] = 200, 100, 20, 20
    output[:4, 2] = 50, 50, 10, 10
    output[4 + 2, 0], output[4 + 5, 0] = 0.6, 0.5
    output[4 + 0, 1] = 0.9
    output[4 + 1, 2] = 0.2
    boxes, scores, classes = decode(output, 0.35, 0.5)
    assert classes.tolist() == [0, 2] and scores == pytest.approx([0.9, 0.6])
    assert boxes[1].tolist() == [90, 80, 110, 120]
    assert [len(part) for part in decode(output, 0.95, 0.5)] == [0, 0, 0]


def test_suppression_drops_overlaps_of_the_same_class_only() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [50, 0, 60, 10]], np.float32)
    assert box_iou(boxes[0], boxes[1:]) == pytest.approx([9 / 11, 9 / 11, 0])
    assert suppress(boxes, np.array([3, 3, 4, 3]), 0.5).tolist() == [0, 2, 3]
    assert suppress(boxes, np.array([3, 3, 4, 3]), 0.85).tolist() == [0, 1, 2, 3]


BALL = Detection(0, 1.0, 0.5, 0.5, 0.2, 0.2)
CONE = Detection(2, 1.0, 0.2, 0.5, 0.1, 0.2)


def test_average_precision_is_the_area_under_the_envelope() -> None:
    hit, stray = replace(BALL, confidence=0.8), replace(BALL, confidence=0.9, cx=0.1)
    assert average_precision([((BALL,), (hit,))]) == {"sphere": 1.0}
    assert average_precision([((BALL,), (stray, hit))]) == {"sphere": 0.5}
    assert average_precision([((BALL,), (hit,)), ((BALL,), ())]) == {"sphere": 0.5}
    double = (hit, replace(hit, confidence=0.7))
    assert average_precision([((BALL,), double)]) == {"sphere": 1.0}, "a late duplicate costs nothing"


def test_errors_are_split_into_misses_confusions_and_false_boxes() -> None:
    renamed = replace(CONE, class_id=5, confidence=0.6)
    stray = replace(CONE, cx=0.9, confidence=0.5)
    errors = fit_errors([((BALL, CONE), (BALL, renamed, stray)), ((CONE,), ())])
    assert errors.recall == {"sphere": 1.0, "cone": 0.0}
    assert errors.false_per_frame == 0.5 and errors.confused == 0.5
    assert sum(errors.counts) == 3
