"""Many drones and rooms stepped together by compiled loops, for training."""
