"""The configuration of every executable, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from ros_nodes.configuration.detector import DetectorConfig
from ros_nodes.configuration.drone import DroneConfig
from ros_nodes.configuration.fly_mission import FlyMissionConfig
from ros_nodes.configuration.foxglove import FoxgloveConfig
from ros_nodes.configuration.goal_selector import GoalSelectorConfig
from ros_nodes.configuration.language_planner import LanguagePlannerConfig
from ros_nodes.configuration.lifecycle_manager import LifecycleManagerConfig
from ros_nodes.configuration.mission import MissionConfig
from ros_nodes.configuration.monitor import MonitorConfig
from ros_nodes.configuration.navigator import NavigatorConfig
from ros_nodes.configuration.recorder import RecorderConfig
from ros_nodes.configuration.supervisor import SupervisorConfig
from ros_nodes.parameter import StageConfig

CONFIGS: Mapping[str, type[StageConfig]] = {
    "drone": DroneConfig,
    "supervisor": SupervisorConfig,
    "detector": DetectorConfig,
    "mission": MissionConfig,
    "goal_selector": GoalSelectorConfig,
    "language_planner": LanguagePlannerConfig,
    "navigator": NavigatorConfig,
    "recorder": RecorderConfig,
    "monitor": MonitorConfig,
    "foxglove": FoxgloveConfig,
    "lifecycle_manager": LifecycleManagerConfig,
    "fly_mission": FlyMissionConfig,
}
