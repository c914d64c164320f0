"""`ros2 launch reprohrl multigoal.launch.py`: the graph of ros_nodes.graph, started by ROS's own launch.

`reprohrl launch multigoal` starts the same graph where the launch package is not installed.
"""

from launch.actions import DeclareLaunchArgument, OpaqueFunction, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from ros_nodes.arguments import ARGUMENTS, resolve
from ros_nodes.graph import PACKAGE, is_true, multigoal
from ros_nodes.prepare_run import prepare_values


def nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Turn the graph into launch actions, now that the arguments have values."""
    given = {a.name: LaunchConfiguration(a.name).perform(context) for a in ARGUMENTS}
    values = prepare_values(resolve(given))
    actions: list[LaunchDescriptionEntity] = [
        Node(
            package=PACKAGE,
            executable=spec.executable,
            name=spec.name,
            parameters=[dict(spec.parameters)],
            output="screen",
            respawn=spec.respawn,
            on_exit=Shutdown(reason=f"{spec.name} ended") if spec.required else None,
        )
        for spec in multigoal(values)
    ]
    if is_true(values["fly"]):
        parameters = {
            "goals": values["mission_goals"],
            "time_limit_per_goal_s": float(values["time_limit_per_goal_s"]),
            "recorder": is_true(values["record"]),
        }
        actions.append(
            Node(
                package=PACKAGE,
                executable="fly_mission",
                name="fly_mission",
                parameters=[parameters],
                output="screen",
                on_exit=Shutdown(reason="the mission ended"),
            )
        )
    return actions


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments and start the nodes."""
    declared = [
        DeclareLaunchArgument(
            a.name, default_value=a.default, description=a.description, choices=list(a.choices) or None
        )
        for a in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=nodes)])
