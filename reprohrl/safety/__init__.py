"""Safety: a pure supervisor between the policy and the drone."""
