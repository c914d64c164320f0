"""Tests. A package, so that one called `tests` of an installed library does not hide it."""
