"""`ros2 launch reprohrl crazyflie.launch.py`: a Crazyflie, real or virtual, flies a mission.

`reprohrl launch crazyflie` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("crazyflie")
