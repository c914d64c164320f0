"""Training: the only place for torch, stable-baselines3 and ultralytics."""
