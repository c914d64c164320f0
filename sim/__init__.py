"""Worlds to train and fly in: scenes, tasks, cameras, dynamics, environments."""
