"""`report.html`: the document on one page that needs no other file and no network."""

from __future__ import annotations

import html
import re
from importlib.resources import files

from reprohrl.bench.report.document import (
    Block,
    Command,
    Details,
    Document,
    Figure,
    Listing,
    Section,
    Table,
    Text,
)

CLASS_NUMBER = ' class="n"'


def to_page(document: Document) -> str:
    """Return the document as a self-contained web page, light or dark as the reader's system is."""
    style = (files("reprohrl.bench.report") / "report.css").read_text(encoding="utf-8")
    toc = "".join(f'<a href="#{_anchor(s.title)}">{_inline(s.title)}</a>' for s in document.sections)
    tiles = "".join(
        f'<div class="tile"><b>{_inline(number)}</b><span>{_inline(words)}</span></div>'
        for number, words in document.tiles
    )
    sections = "".join(map(_section, document.sections))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(document.title)}</title><style>{style}</style></head><body><main>"
        f'<header><h1>{_inline(document.title)}</h1><p class="sub">{_inline(document.subtitle)}</p></header>'
        f'<nav>{toc}</nav><div class="tiles">{tiles}</div>{sections}</main></body></html>'
    )


def _section(section: Section) -> str:
    content = "".join(map(_block, section.blocks))
    return f'<section id="{_anchor(section.title)}"><h2>{_inline(section.title)}</h2>{content}</section>'


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return f"<p>{_inline(text)}</p>"
        case Listing(items):
            return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
        case Command(text):
            return f"<pre><code>{html.escape(text)}</code></pre>"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
        case Details(summary, blocks):
            inner = "".join(map(_block, blocks))
            return f"<details><summary>{_inline(summary)}</summary>{inner}</details>"


def _table(table: Table) -> str:
    def row(cells: list[str], tag: str) -> str:
        return "".join(
            f"<{tag}{'' if i < table.left else CLASS_NUMBER}>{_inline(cell)}</{tag}>"
            for i, cell in enumerate(cells)
        )

    head = f"<thead><tr>{row(list(table.head), 'th')}</tr></thead>"
    body = "".join(f"<tr>{row(list(r), 'td')}</tr>" for r in table.rows)
    note = f'<p class="note">{_inline(table.note)}</p>' if table.note else ""
    return f'<div class="scroll"><table>{head}<tbody>{body}</tbody></table></div>{note}'


def _figure(figure: Figure) -> str:
    legend = "".join(
        f'<span><i style="background:{colour}"></i>{_inline(words)}</span>' for colour, words in figure.legend
    )
    return (
        f'<figure><p class="legend">{legend}</p><div class="chart">{figure.svg}</div>'
        f"<figcaption>{_inline(figure.caption)}</figcaption></figure>"
    )


def _inline(text: str) -> str:
    safe = html.escape(text, quote=False)
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe).replace("\n", "<br/>")


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
