"""Stock cflib and the virtual firmware in one process, in simulated time: deterministic, and fast."""
