"""Randomisation profiles: how far real drones, links and cameras stray, as data with sources."""
