"""LMRL-Gym's games that need no judge model: rules, recorded play, scores. Learning is in training/lmrl."""
