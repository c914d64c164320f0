"""One frozen dataclass per node: the single source of its parameters, their ranges and its page."""
