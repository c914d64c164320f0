"""Mission progress, judged from what the drone itself can know."""
