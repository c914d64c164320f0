"""The agents that can be trained or compared: one module each, named in `registry`."""
