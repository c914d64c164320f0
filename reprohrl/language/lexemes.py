"""From text to lexemes: words and phrases with their meaning and place; nothing is dropped unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reprohrl.language.lexicon import LANGUAGES, T, Word, lexicon, normalise
from reprohrl.language.parsed import Remark
from reprohrl.language.typos import guess

_TOKEN = re.compile(r"-?\d+(?:[.,]\d+)?|%|&|[^\W\d_]+(?:['’/-][^\W\d_]+)*|[^\s\w]")
_COMMAS, _IGNORED = ",:", "\"'()[]„“”’`-–—"
_STOPS = ".;!?"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One meaning. `start`, `end` are its characters in the text."""

    kind: str
    value: float
    start: int
    end: int
    text: str = ""


@dataclass(slots=True)
class Read:
    """Lexemes of one text, and what there is to say about its words."""

    language: str
    lexemes: list[Lexeme]
    notes: list[Remark]
    questions: list[Remark]
    refusals: list[Remark]


@dataclass(slots=True)
class _Token:
    word: str
    start: int
    end: int


def read_lexemes(text: str, language: str) -> Read:
    """Return the lexemes of a text in one language, with typos corrected where only one word can be meant."""
    read = Read(language, [], [], [], [])
    tokens = [_Token(normalise(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    tokens = [t for t in tokens if t.word not in _IGNORED]
    _correct(tokens, text, read)
    lex, at = lexicon(language), 0
    while at < len(tokens):
        token = tokens[at]
        mark = _mark(token)
        if mark is not None:
            read.lexemes.append(mark)
            at += 1
            continue
        word, used = _phrase(tokens, at, language)
        if word is None:
            if token.word not in lex.articles and not _told(read, token):
                read.refusals.append(_unknown(text, token, language))
            at += 1
            continue
        read.lexemes.append(Lexeme(word.kind, word.value, token.start, tokens[used - 1].end, word.text))
        at = used
    return read


def choose_language(text: str) -> str:
    """Return the language that knows more of the words."""
    words = [normalise(m.group()) for m in _TOKEN.finditer(text)]
    known = {name: lexicon(name).words for name in LANGUAGES}
    return max(LANGUAGES, key=lambda name: sum(w in known[name] for w in words))


def _mark(token: _Token) -> Lexeme | None:
    """Return the lexeme of a number or a punctuation mark."""
    word = token.word
    if word[-1].isdecimal():
        return Lexeme(T.NUMBER, float(word.replace(",", ".")), token.start, token.end)
    kind = T.COMMA if word in _COMMAS else T.STOP if word in _STOPS else None
    return None if kind is None else Lexeme(kind, 0.0, token.start, token.end)


def _phrase(tokens: list[_Token], at: int, language: str) -> tuple[Word | None, int]:
    """Return the longest phrase that begins at a token, articles left out, and where it ends."""
    lex = lexicon(language)
    if tokens[at].word in lex.articles:
        return None, at + 1
    words: list[str] = []
    found, end = None, at + 1
    for i in range(at, len(tokens)):
        if tokens[i].word in lex.articles:
            continue
        words.append(tokens[i].word)
        if len(words) > lex.longest:
            break
        if tuple(words) in lex.phrases:
            found, end = lex.phrases[tuple(words)], i + 1
    return found, end


def _correct(tokens: list[_Token], text: str, read: Read) -> None:
    """Put known words in the place of misspelt ones; ask where two are meant."""
    lex = lexicon(read.language)
    known = lex.words
    for token in tokens:
        word = token.word
        if word in known or not word[0].isalpha():
            continue
        words = guess(word, read.language).words
        said = text[token.start : token.end]
        if len(words) == 1:
            token.word = words[0]
            heard = f'"{said}" is read as "{words[0]}".'
            told = _in(read.language, heard, f"„{said}“ wird als „{words[0]}“ gelesen.")
            read.notes.append(Remark(told, token.start, token.end))
        elif words:
            what = _in(read.language, f'What does "{said}" mean?', f"Was bedeutet „{said}“?")
            read.questions.append(Remark(what, token.start, token.end, words))


def _told(read: Read, token: _Token) -> bool:
    return any(q.start == token.start for q in read.questions)


def _unknown(text: str, token: _Token, language: str) -> Remark:
    said = text[token.start : token.end]
    return Remark(
        _in(
            language,
            f'There is no "{said}" among the words and objects known here.',
            f"„{said}“ ist hier weder als Wort noch als Objekt bekannt.",
        ),
        token.start,
        token.end,
    )


def _in(language: str, english: str, german: str) -> str:
    return german if language == "de" else english
