"""What a flight is told as: summary, recording, video and report."""
