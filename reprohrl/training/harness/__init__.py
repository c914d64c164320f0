"""What a training run needs whatever is trained: progress, curve, checkpoints, early stop, results."""
