"""The bridge to a Crazyflie: radio, USB or UDP link, setpoints, telemetry, the AI-deck's camera."""

from __future__ import annotations

from firmware_bridge.aideck.reader import AiDeckCamera
from firmware_bridge.drone import CrazyflieDrone

__all__ = ["AiDeckCamera", "CrazyflieDrone"]
