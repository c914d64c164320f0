"""`ros2 launch reprohrl monitor.launch.py`: watches a graph that runs, in a browser and in RViz.

`reprohrl launch monitor` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("monitor")
