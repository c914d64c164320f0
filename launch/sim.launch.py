"""`ros2 launch reprohrl sim.launch.py`: a simulated drone flies a mission.

`reprohrl launch sim` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("sim")
