"""Transforms for a bag, serialised without tf2_msgs: the wheels have no such package, readers of bags do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import TransformStamped
from rosbags.typesys.store import Typestore

TF_TYPE = "tf2_msgs/msg/TFMessage"
TF, TF_STATIC = "/tf", "/tf_static"


def serialise(store: Typestore, transforms: Sequence[TransformStamped]) -> bytes:
    """Return `transforms` as a serialised tf2_msgs/TFMessage."""
    types: dict[str, Any] = store.types
    message = types[TF_TYPE](transforms=[_stamped(types, t) for t in transforms])
    return bytes(store.serialize_cdr(message, TF_TYPE))


def _stamped(types: dict[str, Any], t: TransformStamped) -> Any:
    stamp = types["builtin_interfaces/msg/Time"](sec=t.header.stamp.sec, nanosec=t.header.stamp.nanosec)
    header = types["std_msgs/msg/Header"](stamp=stamp, frame_id=t.header.frame_id)
    way, turn = t.transform.translation, t.transform.rotation
    place = types["geometry_msgs/msg/Vector3"](x=way.x, y=way.y, z=way.z)
    rotation = types["geometry_msgs/msg/Quaternion"](x=turn.x, y=turn.y, z=turn.z, w=turn.w)
    moved = types["geometry_msgs/msg/Transform"](translation=place, rotation=rotation)
    return types["geometry_msgs/msg/TransformStamped"](
        header=header, child_frame_id=t.child_frame_id, transform=moved
    )
