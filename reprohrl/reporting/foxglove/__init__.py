"""A flight as Foxglove sees it: the well-known message types, in a file or over a live WebSocket."""
