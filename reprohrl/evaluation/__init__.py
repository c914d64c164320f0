"""Measuring: episodes of a task at a perception rung, and honest statistics over them."""
