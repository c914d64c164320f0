"""`report.md`: the document for people who read it where the code is."""

from __future__ import annotations

from reprohrl.bench.report.document import Block, Command, Details, Document, Figure, Listing, Table, Text

FIGURES = "figures"


def to_markdown(document: Document) -> str:
    """Return the document as Markdown; its figures are expected as `figures/<name>.svg`."""
    parts = [f"# {document.title}", document.subtitle]
    if document.tiles:
        parts.append("\n".join(f"- **{number}** {words}" for number, words in document.tiles))
    for section in document.sections:
        parts += [f"## {section.title}", *(_block(b) for b in section.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return text
        case Listing(items):
            return "\n".join(f"- {item}" for item in items)
        case Command(text):
            return f"```bash\n{text}\n```"
        case Table():
            return _table(block)
        case Figure():
            return f"![{block.caption}]({FIGURES}/{block.name}.svg)\n\n*{block.caption}*"
        case Details(summary, blocks):
            inner = "\n\n".join(_block(b) for b in blocks)
            return f"<details><summary>{summary}</summary>\n\n{inner}\n\n</details>"


def _table(table: Table) -> str:
    rule = ["---" if i < table.left else "---:" for i in range(len(table.head))]
    rows = [table.head, rule, *table.rows]
    text = "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)
    return f"{text}\n\n{table.note}" if table.note else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
