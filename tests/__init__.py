"""Tests. This file makes the folder a package: one called `tests` of an installed library must not hide it."""
