"""RPH-Bench: methods x tasks x perception rungs x training seeds, and the report on them."""
