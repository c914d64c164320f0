"""The parts of the fit that are about boxes: other classes, no object, scores, jitter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reprohrl.contracts.vocabulary import DETECTOR_CLASSES
from reprohrl.perception.decode import box_iou
from sim.noise_fit.records import Records

Array = NDArray[np.float64]
_CLASSES = len(DETECTOR_CLASSES)
_PRIOR = 4.0
"""Rare events of one class lean on the rate of all classes, as if this many rows had shown it."""
_SAME_IOU = 0.3
_MAD = 1.4826  # of a normal: sigma over the median absolute deviation


def fit_aliens(records: Records) -> dict[str, Any]:
    """Rates and classes of boxes of another class on an object."""
    alien = records.found[:, 6]
    there, missed, classes = alien >= 0, records.missed, records.class_id
    rates = {}
    for name, rows in (("alien_missed", missed), ("alien_found", ~missed)):
        overall = (there[rows].sum() + 0.5) / (rows.sum() + 1.0)
        of_class = [rows & (classes == c) for c in range(_CLASSES)]
        rates[name] = np.array([(there[m].sum() + _PRIOR * overall) / (m.sum() + _PRIOR) for m in of_class])
    counts = np.full((_CLASSES, _CLASSES), 0.2)
    np.fill_diagonal(counts, 0.0)
    np.add.at(counts, (classes[there], alien[there].astype(int)), 1.0)
    now, later = records.after(1)
    chance = np.where(missed, rates["alien_missed"][classes], rates["alien_found"][classes])
    rest, scale = there - chance, np.sqrt(chance * (1 - chance))
    hold = np.sum(rest[now] * rest[later]) / max(np.sum(scale[now] * scale[later]), 1e-9)
    return {
        **rates,
        "alien_class": counts / counts.sum(1, keepdims=True),
        "alien_hold": float(np.clip(hold, 0.0, 0.95)),
    }


def fit_false(records: Records) -> dict[str, Any]:
    """Rate, persistence, classes and sizes of boxes on no object."""
    false = records.false
    frames = false[:, 0] * 1024 + false[:, 1]
    rate = len(np.unique(frames)) / max(records.frames, 1)
    counts = np.bincount(false[:, 2].astype(int), minlength=_CLASSES) + 0.5
    sides = np.log(np.maximum(false[:, 6:8], 0.01)) if len(false) else np.log(np.full((1, 2), 0.1))
    return {
        "false_per_frame": float(min(rate, 0.9)),
        "false_hold": _false_hold(false),
        "false_class": counts / counts.sum(),
        "false_log_side": sides.mean(0),
        "false_log_sigma": np.maximum(sides.std(0), 0.05),
    }


def _false_hold(false: Array) -> float:
    """Share of boxes with another of the same class at about the same place in the next frame."""
    corners = np.concatenate([false[:, 4:6] - false[:, 6:8] / 2, false[:, 4:6] + false[:, 6:8] / 2], 1)
    stayed = 0
    for row, box in zip(false, corners, strict=True):
        near = (false[:, 0] == row[0]) & (false[:, 1] == row[1] + 1) & (false[:, 2] == row[2])
        if near.any():
            overlap = box_iou(box.astype(np.float32), corners[near].astype(np.float32))
            stayed += bool(overlap.max() >= _SAME_IOU)
    return float(min(stayed / max(len(false), 1), 0.95))


def fit_scores(records: Records, eta: Array, spread: float, confidence: float) -> dict[str, Any]:
    """Line through the logits of scores against the logit of a miss; the rest is noise."""
    hit = ~records.missed
    score = np.clip(records.found[hit, 1], 1e-3, 1 - 1e-3)
    logit = np.log(score / (1.0 - score))
    slope, bias = np.polyfit(eta[hit], logit, 1) if hit.sum() > 10 else (0.0, 1.0)
    noise = float(np.std(logit - bias - slope * eta[hit])) if hit.sum() > 10 else 0.5
    others = np.concatenate([records.found[records.found[:, 6] >= 0, 7], records.false[:, 3]])
    return {
        "score_bias": float(bias),
        "score_eta": float(slope),
        "score_sigma": float(np.sqrt(max(noise**2 - (slope * spread) ** 2, 0.01))),
        "alien_score_scale": float(np.mean(others - confidence)) if len(others) else 0.1,
    }


def fit_jitter(records: Records) -> dict[str, Any]:
    """Spread of centre and size errors against the side, and their correlation from frame to frame."""
    hit = ~records.missed
    truth, found = records.truth[:, 5:9], records.found[:, 2:6]
    side = truth[:, 2:4]
    center = np.where(hit[:, None], found[:, :2] - truth[:, :2], np.nan)
    size = np.where(hit[:, None], np.log(np.maximum(found[:, 2:4], 1e-3) / side), np.nan)
    inner = hit & ~records.edge
    rel, absolute = _line(side[inner].ravel(), np.abs(center[inner]).ravel())
    size_abs, size_rel = _line(1.0 / side[inner].ravel(), np.abs(size[inner]).ravel())
    sigma = np.concatenate([rel * side + absolute, size_rel + size_abs / side], 1)
    normal = np.concatenate([center, size], 1) / np.maximum(sigma, 1e-6)
    outer = hit & records.edge
    factor = _MAD * np.median(np.abs(normal[outer])) if outer.sum() > 20 else 1.0
    now, later = records.after(1)
    both = hit[now] & hit[later]
    a, b = (np.clip(normal[rows][both], -3, 3).ravel() for rows in (now, later))
    hold = float(np.corrcoef(a, b)[0, 1]) if len(a) > 20 else 0.0
    return {
        "center_rel": rel, "center_abs": absolute, "size_rel": size_rel, "size_abs": size_abs,
        "jitter_edge": float(np.clip(factor, 1.0, 4.0)), "jitter_hold": float(np.clip(hold, 0.0, 0.95)),
    }  # fmt: skip


def _line(x: Array, deviation: Array) -> tuple[float, float]:
    """Return (slope, intercept), none negative, of the robust sigma of `deviation` over eight bins of x."""
    if len(x) < 40:
        return 0.0, float(_MAD * np.median(deviation)) if len(x) else 0.0
    edges = np.quantile(x, np.linspace(0, 1, 9))
    which = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, 7)
    filled = [b for b in range(8) if (which == b).sum() >= 5]
    middle = np.array([x[which == b].mean() for b in filled])
    sigma = np.array([_MAD * np.median(deviation[which == b]) for b in filled])
    slope, intercept = np.polyfit(middle, sigma, 1)
    if slope < 0:
        return 0.0, float(sigma.mean())
    if intercept < 0:
        return float(np.sum(middle * sigma) / np.sum(middle**2)), 0.0
    return float(slope), float(intercept)
