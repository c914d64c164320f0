"""`ros2 launch reprohrl multigoal.launch.py`: a drone, simulated or a Crazyflie, flies a mission.

`reprohrl launch multigoal` starts the same where the launch package is not installed.
`--show-args` lists the arguments.
"""

from launch import LaunchDescription
from ros_nodes.ros_launch import description


def generate_launch_description() -> LaunchDescription:
    return description("multigoal")
