"""TensorBoard files, where a writer for them is installed."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

NOTE = "no TensorBoard files: install one writer with `pip install tensorboard` (or 'reprohrl[train]')"


class Board:
    """Writes scalars below `folder`; does nothing when no writer is installed or it fails."""

    def __init__(self, folder: Path, *, purge_step: int | None = None) -> None:
        self._writer: Any = None
        for module in ("torch.utils.tensorboard", "tensorboardX"):
            try:
                writer = importlib.import_module(module).SummaryWriter
            except ImportError:
                continue
            self._writer = writer(str(folder), purge_step=purge_step)
            return
        log.warning(NOTE)

    def add(self, steps: int, scalars: Mapping[str, float]) -> None:
        """Write `scalars` at `steps`."""
        if self._writer is None:
            return
        try:
            for name, value in scalars.items():
                self._writer.add_scalar(name, value, steps)
            self._writer.flush()
        except OSError as error:
            log.warning("TensorBoard files end here: %s", error.strerror or error)
            self._writer = None

    def close(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.close()
        except OSError as error:
            log.warning("the last TensorBoard rows are lost: %s", error.strerror or error)
        self._writer = None
