"""`ros2 launch reprohrl swarm.launch.py`: several Crazyflies, real or virtual, fly missions in one world.

`reprohrl launch swarm` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("swarm")
