"""Emphasis in Fountain's marks: ``*italic*``, ``**bold**``, ``***both***``, ``_underlined_``, ``\\*`` for the sign.

A text with marks and a list of runs, each with its styles, are two forms of the same thing.  Of the many ways to mark a
text, :func:`marked` always writes the one in which underlining is outermost and stars are not nested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

Styles = frozenset[str]
BOLD, ITALIC, UNDERLINE = "Bold", "Italic", "Underline"  # as Final Draft calls them
_STARS: dict[Styles, str] = {frozenset({ITALIC}): "*", frozenset({BOLD}): "**", frozenset({BOLD, ITALIC}): "***"}
_STYLES = {mark: styles for styles, mark in _STARS.items()}
_STYLES |= {"_" * count: frozenset({UNDERLINE}) for count in (1, 2, 3)}
_LONGEST = 400  # characters between two marks
_EMPHASIS = re.compile(rf"(?<!\\)(\*{{1,3}}|_{{1,3}})(?=\S)(.{{1,{_LONGEST}}}?)(?<=\S)(?<!\\)\1")
_ESCAPED = re.compile(r"\\([*_\\\[~])")
_MARKED = re.compile(r"[*_\\]|\[(?=\[)")
_BRACKETS = re.compile(r"(?<!\\)(?:/\*|\[\[)")


def plain(text: str) -> str:
    """A text without marks of emphasis; escaped characters stand for themselves."""
    if "*" not in text and "_" not in text and "\\" not in text:
        return text
    return "".join(part for _, part in runs(text))


def escaped(text: str) -> str:
    """A text with its marks escaped to stand for themselves; ``\\[[`` is our own: other readers show its backslash."""
    return _MARKED.sub(r"\\\g<0>", text) if _BRACKETS.search(text) or plain(text) != text else text


def is_marked(text: str) -> bool:
    """Whether anything in a text is emphasised."""
    return ("*" in text or "_" in text) and _EMPHASIS.search(text) is not None


def runs(text: str, styles: Styles = frozenset()) -> Iterator[tuple[Styles, str]]:
    """(styles, words without marks) for each part of one line with marks."""
    place = 0
    for found in _EMPHASIS.finditer(text):
        if found.start() > place:
            yield styles, _ESCAPED.sub(r"\1", text[place : found.start()])
        yield from runs(found[2], styles | _STYLES[found[1]])
        place = found.end()
    if place < len(text):
        yield styles, _ESCAPED.sub(r"\1", text[place:])


def marked(parts: Iterable[tuple[Styles, str]]) -> str:
    """One line with marks; styles that marks cannot express there, or that are none of the three, are dropped."""
    tidied = list(_tidied(parts))
    bare = "".join(text for _, text in tidied)
    line = _underlined(tidied)
    cut = _BRACKETS.search(line)  # a star after a slash would begin a passage left out
    return line if plain(line) == bare and not cut else escaped(bare)


def _tidied(parts: Iterable[tuple[Styles, str]]) -> Iterator[tuple[Styles, str]]:
    """Runs merged so that no two neighbours have the same styles; white space alone joins the run before it."""
    before: tuple[Styles, str] | None = None
    for styles, text in parts:
        styles &= {BOLD, ITALIC, UNDERLINE}
        if not text:
            continue
        if before and (before[0] == styles or not text.strip()):
            before = (before[0], before[1] + text)
        elif before:
            yield before
            before = (styles, text)
        else:
            before = (styles, text)
    if before:
        yield before


def _underlined(parts: Sequence[tuple[Styles, str]]) -> str:
    out, index = "", 0
    while index < len(parts):
        end = index
        while end < len(parts) and UNDERLINE in parts[end][0]:
            end += 1
        if end == index:
            out += _starred(*parts[index])
            index += 1
        else:
            inner = "".join(_starred(styles, text) for styles, text in parts[index:end])
            out += _within("_", inner)
            index = end
    return out


def _starred(styles: Styles, text: str) -> str:
    mark = _STARS.get(styles - {UNDERLINE}, "")
    text = _MARKED.sub(r"\\\g<0>", text) if mark or UNDERLINE in styles else escaped(text)
    return _within(mark, text)


def _within(mark: str, text: str) -> str:
    """A text between marks, with the white space at its ends outside them."""
    core = text.strip()
    if not mark or not core or len(core) > _LONGEST:
        return text
    begin = text.index(core)
    return f"{text[:begin]}{mark}{core}{mark}{text[begin + len(core) :]}"
