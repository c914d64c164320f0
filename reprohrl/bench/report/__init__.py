"""The report of a bench: one content, written as a web page and as Markdown. It reads ledgers and curves."""
