"""ultralytics imports and suppresses boxes whether or not torchvision's operators load."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.train


def test_ultralytics_imports_and_its_suppression_works() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("ultralytics")
    from reprohrl.training.torchvision_shim import import_ultralytics

    assert import_ultralytics() is import_ultralytics()
    import torchvision

    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [1.0, 0.0, 11.0, 10.0], [50.0, 0.0, 60.0, 10.0]])
    kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)
    assert kept.tolist() == [0, 2]
