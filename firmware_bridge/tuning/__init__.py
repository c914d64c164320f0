"""Measures how late commands and frames are on a real link."""
