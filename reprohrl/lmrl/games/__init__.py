"""The games, one a file: each is pure rules over text."""
