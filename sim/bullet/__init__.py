"""The simulated world on PyBullet: its rigid bodies and contacts, and its renderer as a second look."""
