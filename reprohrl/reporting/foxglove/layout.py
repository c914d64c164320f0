"""The Foxglove layout of a flight: camera, room, options with their scores, commands, log on one time."""

from __future__ import annotations

from typing import Any

from reprohrl.policies.decision import OPTION_NAMES
from reprohrl.reporting import palette
from reprohrl.reporting.foxglove import story

Panel = dict[str, Any]


def layout() -> dict[str, Any]:
    """Return the layout for `flight.mcap` and the live stream, as Foxglove imports it."""
    panels = {
        "Image!camera": _camera(),
        "3D!room": _room(),
        "StateTransitions!option": _states(),
        "Plot!scores": _plot(
            "Scores of all options",
            *((f"{story.OPTION}.scores.{n.replace(' ', '_')}", n.replace("_", " ")) for n in OPTION_NAMES),
        ),
        "Plot!speed": _plot(
            "Forward speed: asked, sent, flown [m/s]",
            (f"{story.COMMANDS}.asked.vx", "asked"), (f"{story.COMMANDS}.sent.vx", "sent"),
            (f"{story.STATE}.vx", "flown"),
        ),
        "Plot!ranges": _plot(
            "Distances [m]",
            (f"{story.MISSION}.goal_range_m", "goal"), *((f"{story.STATE}.{d}", d)
                                                         for d in ("front", "left", "right", "back")),
        ),
        "Plot!latency": _plot("Frame to setpoint [ms]", (f"{story.LATENCY}.total", "total"),
                              (f"{story.LATENCY}.detect", "detect")),
        "Log!log": {"searchTerms": [], "minLogLevel": 1, "topicToRender": story.LOG},
        "RawMessages!why": {"topicPath": story.OPTION, "diffEnabled": False, "expansion": "all"},
    }  # fmt: skip
    return {
        "configById": panels,
        "globalVariables": {},
        "userNodes": {},
        "playbackConfig": {"speed": 1},
        "layout": _split(
            "row",
            55,
            _split(
                "column", 46, _split("row", 45, "Image!camera", "3D!room"),
                _split("column", 34, "StateTransitions!option", "Plot!scores"),
            ),
            _split(
                "column", 30, _split("row", 50, "RawMessages!why", "Log!log"),
                _split("column", 34, "Plot!speed", _split("column", 50, "Plot!ranges", "Plot!latency")),
            ),
        ),
    }  # fmt: skip


def _split(direction: str, percent: int, first: Any, second: Any) -> Panel:
    return {"direction": direction, "first": first, "second": second, "splitPercentage": percent}


def _camera() -> Panel:
    return {
        "imageMode": {
            "imageTopic": story.IMAGE, "calibrationTopic": story.CALIBRATION,
            "annotations": {story.BOXES: {"visible": True}}, "synchronize": False,
        },
        "followMode": "follow-pose", "scene": {}, "topics": {}, "layers": {}, "publish": {},
        "foxglovePanelTitle": "Camera and boxes",
    }  # fmt: skip


def _room() -> Panel:
    shown = {topic: {"visible": True} for topic in (story.WORLD, story.DRONE)}
    trail = {"visible": True, "type": "line", "lineWidth": 0.02, "color": palette.css(palette.TRAIL)}
    return {
        "cameraState": {
            "perspective": True, "distance": 6.5, "phi": 38, "thetaOffset": 30, "targetOffset": [0, 0, 0],
            "target": [0, 0, 0], "targetOrientation": [0, 0, 0, 1], "fovy": 45, "near": 0.1, "far": 500,
        },
        "followMode": "follow-none", "followTf": "map", "scene": {"transforms": {"labelSize": 0.04}},
        "transforms": {}, "layers": {}, "publish": {},
        "topics": {**shown, story.PATH: trail, story.RANGES: {"visible": True, "pointSize": 6}},
        "foxglovePanelTitle": "Room",
    }  # fmt: skip


def _states() -> Panel:
    paths = (
        (f"{story.OPTION}.option", "option"), (f"{story.MISSION}.goal", "goal"),
        (f"{story.COMMANDS}.reaction", "supervisor"), (f"{story.MISSION}.phase", "mission"),
    )  # fmt: skip
    return {
        "paths": [{"value": v, "label": n, "timestampMethod": "receiveTime"} for v, n in paths],
        "isSynced": True, "foxglovePanelTitle": "Option, goal, supervisor, mission",
    }  # fmt: skip


def _plot(title: str, *lines: tuple[str, str]) -> Panel:
    return {
        "foxglovePanelTitle": title,
        "paths": [
            {"value": v, "label": n, "enabled": True, "timestampMethod": "receiveTime"} for v, n in lines
        ],
        "showLegend": True, "legendDisplay": "floating", "showXAxisLabels": True, "showYAxisLabels": True,
        "showPlotValuesInLegend": True, "isSynced": True, "xAxisVal": "timestamp", "sidebarDimension": 240,
    }  # fmt: skip
