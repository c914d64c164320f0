"""What has to be right before a flight: readings in, findings out. Pure; the bridge does the measuring."""
