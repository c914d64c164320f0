"""A document as paragraphs of plain words: LaTeX, Markdown or text."""

from __future__ import annotations

import re
from pathlib import Path

from reprohrl.contracts.errors import UserError

LONGEST_CHARS = 2000
"""A longer paragraph is cut at the ends of sentences: small models read little at a time."""

MOST_BYTES = 4_000_000
_SKIPPED = (
    "figure|figure\\*|table|table\\*|tabular|thebibliography|equation|equation\\*|align|align\\*|lstlisting"
)


def read_document(path: str | Path) -> str:
    """Return the file's text. Raises `UserError` for one that cannot be read or is no text."""
    file = Path(path)
    try:
        data = file.read_bytes()
        if len(data) > MOST_BYTES:
            raise UserError(f"{file} has {len(data)} bytes", why=f"a document has {MOST_BYTES} at most")
        text = data.decode("utf-8")
    except OSError as error:
        raise UserError(
            f"the document {file} cannot be read", why=str(error), fix="--document FILE"
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} is no text in UTF-8", why=str(error), fix="convert it to text first"
        ) from error
    if "\0" in text:
        raise UserError(f"{file} is no text", why="it holds zero bytes", fix="convert it to text first")
    return text


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs, each of one line of plain words; headings stand before what they head."""
    plain = from_latex(text) if looks_like_latex(text) else from_markdown(text)
    found: list[str] = []
    heading = ""
    for block in re.split(r"\n\s*\n", plain):
        words = " ".join(block.split())
        if not words:
            continue
        if words.startswith("# "):
            heading = words[2:].strip()
            continue
        for piece in _pieces(words):
            found.append(f"{heading}: {piece}" if heading else piece)
    return found


def looks_like_latex(text: str) -> bool:
    return bool(re.search(r"\\(documentclass|begin\{|section\{|subsection\{|paragraph\{|item\b)", text))


def from_latex(text: str) -> str:
    """Return LaTeX without comments, preamble, floats, formulas and commands."""
    text = re.sub(r"(?<!\\)%.*", "", text)
    body = re.search(r"\\begin\{document\}(.*?)(\\end\{document\}|\Z)", text, re.DOTALL)
    text = body[1] if body else text
    text = re.sub(rf"\\begin\{{({_SKIPPED})\}}.*?\\end\{{\1\}}", "\n\n", text, flags=re.DOTALL)
    text = re.sub(
        r"\\(section|subsection|subsubsection|paragraph|chapter)\*?\{([^}]*)\}", r"\n\n# \2\n\n", text
    )
    text = re.sub(r"\\(cite[a-z]*|ref|label|footnote|includegraphics|url)\*?(\[[^]]*\])?\{[^}]*\}", "", text)
    text = re.sub(r"\\item\b(\[[^]]*\])?", "\n\n", text)
    text = re.sub(r"\\(begin|end)\{[^}]*\}(\[[^]]*\])?", "\n\n", text)
    for _ in range(4):  # commands within commands
        text = re.sub(r"\\[a-zA-Z]+\*?(\[[^]]*\])?\{([^{}]*)\}", r"\2", text)
    text = re.sub(r"\\([%&_#$ ])", r"\1", text)
    text = re.sub(r"\\\\|\\[a-zA-Z]+\*?|[{}~]", " ", text)
    return text.replace("``", '"').replace("''", '"')


def from_markdown(text: str) -> str:
    """Return Markdown with headings as paragraphs of their own, without markup, code and tables."""
    text = re.sub(r"```.*?```", "\n\n", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*\|.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^#{1,6}\s*(.+?)\s*#*$", r"\n\n# \1\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*([-*+]|\d+[.)])\s+", "\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}", r"\1", text)


def _pieces(words: str) -> list[str]:
    if len(words) <= LONGEST_CHARS:
        return [words]
    found, piece = [], ""
    for sentence in re.split(r"(?<=[.!?])\s+", words):
        while len(sentence) > LONGEST_CHARS:
            found.append(sentence[:LONGEST_CHARS])
            sentence = sentence[LONGEST_CHARS:]
        if piece and len(piece) + len(sentence) >= LONGEST_CHARS:
            found.append(piece)
            piece = ""
        piece = f"{piece} {sentence}".strip()
    return [*found, piece] if piece else found
