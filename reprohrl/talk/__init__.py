"""A local web page to talk to the drone: missions in words, a live view, a stop button."""
