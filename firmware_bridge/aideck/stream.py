"""From CPX packets to frames, whichever of the AI-deck's streamers sends them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_bridge.aideck.cpx import Function
from firmware_bridge.aideck.deck_clock import DeckClock
from firmware_bridge.aideck.frames import FrameAssembler, FrameFaults
from firmware_bridge.aideck.nanocockpit import FrameMetadata, StreamerAssembler
from reprohrl.contracts.drone import Frame

# OpenCV names a mosaic by its second row and column: its BayerBG makes RGB of a mosaic that begins with red.
_MOSAICS = {"": None, "BG": cv2.COLOR_BayerBG2RGB, "RG": cv2.COLOR_BayerRG2RGB}


class PosedFrame(Frame):
    """A frame that came with the deck's metadata, the drone's position among them."""

    __slots__ = ("metadata",)

    def __init__(self, pixels: NDArray[np.uint8], stamp: float, metadata: FrameMetadata) -> None:
        super().__init__(pixels, stamp)
        self.metadata = metadata


class ImageStream:
    """Feeds APP packets to the stock assembler and STREAMER packets to the nanocockpit's.

    latency_s  known time from exposure to a frame's last byte; stamps are earlier by it
    bayer      colour sensors only: the mosaic, "BG" (stock 324x244) or "RG" (nanocockpit's 160x160 crop)
    """

    def __init__(self, *, latency_s: float = 0.0, bayer: str = "") -> None:
        if bayer not in _MOSAICS:
            raise ValueError(f"no Bayer mosaic {bayer!r}; there are BG and RG, and '' for a grey sensor")
        self.faults = FrameFaults()
        self._latency_s = latency_s
        self._mosaic = _MOSAICS[bayer]
        self.restart()

    def restart(self) -> None:
        """Forget unfinished images, as a new connection starts with others; the counts go on."""
        self._stock = FrameAssembler(self.faults)
        self._posed = StreamerAssembler(self.faults)
        self._clock = DeckClock()

    def feed(self, function: int, data: bytes, now: float) -> Frame | None:
        """Take one packet's data, received at `now` [s]; return the frame it completes."""
        if function == Function.APP:
            image = self._stock.feed(data)
            return None if image is None else Frame(self._in_colour(image), now - self._latency_s)
        if function == Function.STREAMER:
            finished = self._posed.feed(data)
            if finished is None:
                return None
            image, metadata = finished
            stamp = self._clock.host_time(metadata.frame_us, now) - self._latency_s
            return PosedFrame(self._in_colour(image), stamp, metadata)
        return None

    def _in_colour(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._mosaic is None or image.ndim == 3:
            return image
        return np.asarray(cv2.cvtColor(image, self._mosaic), np.uint8)
