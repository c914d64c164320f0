"""Everything that decides what to do next: learned, rule, scripted, and the ones that read."""
