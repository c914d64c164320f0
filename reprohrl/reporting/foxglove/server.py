"""A live Foxglove WebSocket: the messages of a flight while it is flown, in any browser, without ROS."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from reprohrl.contracts.errors import UserError
from reprohrl.reporting.foxglove.story import CALIBRATION, CHANNELS, OPTION, PATH, WORLD, Item

PORT = 8765
LATCHED = (CALIBRATION, WORLD, PATH, OPTION)
"""Topics whose last message a viewer who comes late is sent, too."""


class LiveServer:
    """Serves `CHANNELS` until closed; a context manager.

    Raises `UserError` when foxglove-sdk is not installed or the port is taken.
    """

    def __init__(self, *, name: str = "reprohrl", host: str = "127.0.0.1", port: int = PORT) -> None:
        try:
            import foxglove
            from foxglove.websocket import ServerListener
        except ImportError as error:
            raise UserError(
                "the live view needs foxglove-sdk", why=str(error), fix="pip install 'reprohrl[foxglove]'"
            ) from error

        class Arrivals(ServerListener):  # type: ignore[misc]
            def on_subscribe(_, client: Any, channel: Any) -> None:  # noqa: N805
                if channel.topic in LATCHED:
                    self._owed.add(channel.topic)

        self._context = context = foxglove.Context()  # channels close with it
        self._last: dict[str, Item] = {}
        self._owed: set[str] = set()
        self._channels = {
            topic: foxglove.Channel(
                topic, context=context, message_encoding="json",
                schema=foxglove.Schema(
                    name=schema["title"], encoding="jsonschema", data=json.dumps(schema).encode()
                ),
            )
            for topic, schema in CHANNELS.items()
        }  # fmt: skip
        try:
            self._server: Any = foxglove.start_server(
                name=name, host=host, port=port, context=context, server_listener=Arrivals(),
                capabilities=[foxglove.Capability.Time],
            )  # fmt: skip
        except (OSError, RuntimeError) as error:
            raise UserError(
                f"no server at {host}:{port}", why=str(error), fix="choose a free port, or 0 for any"
            ) from error
        self.host, self.port = host, int(self._server.port)

    @property
    def address(self) -> str:
        """The page that opens the stream in Foxglove's viewer."""
        return str(self._server.app_url())

    def send(self, items: Iterable[Item]) -> int:
        """Send messages, and what late viewers missed; return how many."""
        count = 0
        owed, self._owed = self._owed, set()
        for topic in owed & self._last.keys():
            self._log(self._last[topic])
        for item in items:
            if item[0] in LATCHED:
                self._last[item[0]] = item
            self._log(item)
            count += 1
        return count

    def _log(self, item: Item) -> None:
        topic, stamp, content = item
        data = json.dumps(content, separators=(",", ":")).encode()
        self._channels[topic].log(data, log_time=max(0, round(stamp * 1e9)))

    def now(self, stamp: float) -> None:
        """Tell viewers the time [s] of what they see."""
        self._server.broadcast_time(max(0, round(stamp * 1e9)))

    def close(self) -> None:
        self._server.stop()

    def __enter__(self) -> LiveServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
