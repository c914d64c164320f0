"""A deterministic model that knows only what its prompt says, for claims about what surrounds a model."""
