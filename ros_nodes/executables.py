"""The executables of the package, where setup.py and the graph find them."""

EXECUTABLES = {
    "drone": "ros_nodes.drone:main",
    "detector": "ros_nodes.detector:main",
    "mission": "ros_nodes.mission:main",
    "goal_selector": "ros_nodes.goal_selector:main",
    "language_planner": "ros_nodes.language_planner:main",
    "navigator": "ros_nodes.navigator:main",
    "supervisor": "ros_nodes.supervisor:main",
    "recorder": "ros_nodes.recorder:main",
    "monitor": "ros_nodes.monitor:main",
    "foxglove": "ros_nodes.foxglove_live:main",
    "lifecycle_manager": "ros_nodes.lifecycle_manager:main",
    "fly_mission": "ros_nodes.fly_mission:main",
}
