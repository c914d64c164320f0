"""One flight: the pipeline of stages, the loop that flies it, and the log it leaves."""
