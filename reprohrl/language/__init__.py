"""Missions in words, observations in words, and the models that read both."""
