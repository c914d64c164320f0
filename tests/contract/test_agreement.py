"""The batched core and Bullet agree within the stated tolerances, and the report says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pybullet")

from reprohrl.cli.main import main
from sim.agreement.report import MIN_MEDIAN_OVERLAP, Check
from sim.agreement.views import compare_boxes
from tests.golden.record_bullet import PATH, fly


def test_bullet_still_flies_its_recorded_trajectories() -> None:
    recorded = np.loadtxt(PATH, delimiter=",", skiprows=1)
    assert np.abs(fly() - recorded).max() < 1e-6


def test_the_verb_measures_every_tolerance_and_writes_them_down(tmp_path: Path) -> None:
    assert main(["agreement", "--rooms", "8", "--out", str(tmp_path)]) == 0
    checks = json.loads((tmp_path / "agreement.json").read_text())
    assert len(checks) == 6 and all(check["kept"] for check in checks)
    page = (tmp_path / "agreement.html").read_text()
    assert "All tolerances kept" in page and page.count("<polyline") >= 8 and page.count("<svg") == 5


def test_truth_boxes_overlap_those_of_both_segmentations() -> None:
    for bullet in (True, False):
        result = compare_boxes(range(20, 26), bullet=bullet)
        assert len(result.overlaps) > 60
        assert np.median(result.overlaps) >= MIN_MEDIAN_OVERLAP
        assert result.only_rendered + result.only_core < 0.08 * len(result.overlaps)


def test_a_check_is_kept_on_its_own_side_of_the_limit() -> None:
    assert Check("a", 0.1, 0.2, "m", "").kept and not Check("a", 0.3, 0.2, "m", "").kept
    assert Check("a", 0.96, 0.95, "IoU", "", True).kept and not Check("a", 0.9, 0.95, "IoU", "", True).kept
