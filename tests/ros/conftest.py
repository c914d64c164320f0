"""Real nodes over real DDS, in a domain of their own. Without ROS 2 these tests are skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not set up: make setup")
pytest.importorskip("reprohrl_msgs", reason="the messages are not built: make setup")

from ros_nodes.environment import Domain, prepare


@pytest.fixture(scope="session")
def ros() -> Iterator[int]:
    """Initialise rclpy in an unused domain and return its number."""
    domain = Domain.claim()
    prepare(domain=domain.number)
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    yield domain.number
    rclpy.try_shutdown()
    domain.close()
