"""`ros2 launch reprohrl replay.launch.py`: plays a recorded flight to today's stages.

`reprohrl launch replay` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("replay")
