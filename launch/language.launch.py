"""`ros2 launch reprohrl language.launch.py`: a drone flies a mission in words with a planner that reads.

`reprohrl launch language` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("language")
