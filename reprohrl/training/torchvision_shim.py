"""Let ultralytics import where torchvision's compiled operators are missing.

torchvision's common wheel carries operators built for CUDA torch; beside a CPU build of torch they
do not load, and importing torchvision fails. Its non-maximum suppression is all ultralytics needs of
them, and ultralytics has one in plain torch.
"""

from __future__ import annotations

import os
from typing import Any

_kept: list[Any] = []


def import_ultralytics() -> Any:
    """Import and return ultralytics: offline, without telemetry, with a working `torchvision.ops.nms`."""
    os.environ.setdefault("YOLO_OFFLINE", "true")
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    missing = let_torchvision_import()
    import ultralytics

    if missing:
        import torchvision
        from ultralytics.utils.nms import TorchNMS

        torchvision.ops.nms = TorchNMS.nms
    ultralytics.settings.update({"sync": False})
    return ultralytics


def let_torchvision_import() -> bool:
    """Declare torchvision's operators where its compiled ones do not load, and return whether that is so."""
    import torch

    missing = not _loads_operators()
    if missing and not _kept:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _kept.append(library)  # the definitions live as long as this object
    return missing


def _loads_operators() -> bool:
    """Whether torchvision's compiled operators load beside the installed torch."""
    import importlib.util

    import torch

    if _kept:
        return False
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return True
    folder = os.path.dirname(spec.origin)
    for name in ("_C.so", "_C.pyd"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            try:
                torch.ops.load_library(path)
            except OSError:
                return False
            return True
    return False
