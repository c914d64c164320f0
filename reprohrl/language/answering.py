"""An answer to a question about a mission, put into its text: what is read then is the mission."""

from __future__ import annotations

from reprohrl.language.parse import parse_mission
from reprohrl.language.parsed import Parsed, Remark


def answered(parsed: Parsed, answer: str) -> Parsed:
    """Read the mission again with an answer to its first question.

    The answer takes the place of the words in question or stands behind them, whichever can be read;
    nothing else of the text changes. Show the result to whoever answered: it is what will be flown.
    """
    if not parsed.questions:
        return parsed
    texts = _texts(parsed, parsed.questions[0], answer.strip())
    read = [parse_mission(text, language=parsed.language) for text in texts]
    return min(read, key=lambda p: (not p.ok, len(p.refusals), len(p.questions)))


def _texts(parsed: Parsed, question: Remark, answer: str) -> tuple[str, ...]:
    """Return both ways to put the answer in, the likelier first."""
    text, start, end = parsed.text, question.start, question.end
    replaced = f"{text[:start]}{answer}{text[end:]}"
    behind = f"{text[:end]} {answer}{text[end:]}"
    one_word = bool(text[start:end].strip()) and " " not in text[start:end].strip()
    return (replaced, behind) if one_word and question.choices else (behind, replaced)
