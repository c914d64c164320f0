"""`Keeper`: the limiter of the things to avoid, with its memory of the obstacles it saw."""

from __future__ import annotations

from collections.abc import Sequence

from reprohrl.contracts.camera_model import AI_DECK, CameraModel
from reprohrl.contracts.command import VelocityCommand
from reprohrl.contracts.detection import Detections
from reprohrl.contracts.features import ObjectFeatures
from reprohrl.contracts.orders import Avoid
from reprohrl.mission.avoid import keep_away
from reprohrl.mission.seen_solids import SeenSolids


class Keeper:
    """Stands behind every navigator. Called once per frame of a mission that avoids something."""

    def __init__(self, camera: CameraModel = AI_DECK) -> None:
        self._solids = SeenSolids(camera)

    def reset(self) -> None:
        self._solids.reset()

    def limit(
        self,
        command: VelocityCommand,
        features: ObjectFeatures,
        detections: Detections,
        avoid: Sequence[Avoid],
    ) -> VelocityCommand:
        """Return the command that keeps away; the same one where there is nothing to avoid."""
        if not avoid:
            return command
        solids = self._solids.update(detections, features.state)
        return keep_away(command, features, avoid, solids)
