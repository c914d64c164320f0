"""A rosbag2 folder (MCAP) written from raw messages, without the rosbag2 package."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

PACKAGE = "reprohrl_msgs"


class Bag:
    """Open for writing until closed; topics are added on their first message."""

    def __init__(self, folder: Path, store: Typestore) -> None:
        self._store = store
        self._writer = Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.open()
        self._connections: dict[str, Any] = {}

    def write(self, topic: str, kind: str, stamp_ns: int, data: bytes) -> None:
        """Append one serialised message of type `kind`, e.g. "sensor_msgs/msg/Image"."""
        connection = self._connections.get(topic)
        if connection is None:
            connection = self._writer.add_connection(topic, kind, typestore=self._store)
            self._connections[topic] = connection
        self._writer.write(connection, stamp_ns, data)

    def close(self) -> None:
        self._writer.close()


@cache
def load_types() -> Typestore:
    """Return all message types, once for each process; this takes a while, so do it before a flight."""
    store = get_typestore(Stores.ROS2_JAZZY)
    store.register(_our_types())
    return store


def _our_types() -> dict[str, Any]:
    """Read the installed .msg files of our own package."""
    types: dict[str, Any] = {}
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        for file in sorted(Path(prefix, "share", PACKAGE, "msg").glob("*.msg")):
            types.update(get_types_from_msg(file.read_text(), f"{PACKAGE}/msg/{file.stem}"))
    return types


def type_name(kind: type) -> str:
    """Return "package/msg/Name" of a message class."""
    return f"{kind.__module__.split('.')[0]}/msg/{kind.__name__}"
