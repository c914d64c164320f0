"""The front door: `reprohrl <verb>`, one file per verb."""
