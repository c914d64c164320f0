"""Thin ROS 2 nodes: one stage each, no algorithm here."""
