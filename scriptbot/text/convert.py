"""Converts a script from one format into another, and tells what is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from scriptbot.errors import InputError, OutputError, UsageError
from scriptbot.text.formats import FORMATS, WRITERS
from scriptbot.text.formats.emphasis import is_marked
from scriptbot.text.script import Direction, Kind, Scene, Span, Speech

WRITABLE = tuple(name for name in WRITERS if name != "text")
# Formats in which nothing but a heading begins a scene, and the way something is said, “(laughing)”, has its own line.
_SCREENPLAYS = frozenset({"fountain", "fdx"})
_HOW = re.compile(r"(\([^()\n]+\))[^\S\n]+(?=\S)")
_HIDING = frozenset({"fountain", "fdx", "chat"})  # formats that can keep omitted passages without showing them


def format_for(suffix: str | None, name: str | None) -> str:
    """The format that a file is to be written in.

    Args:
        suffix: the ending of its name; None: it is written to standard output.
        name: the name of a format, if one was asked for.

    Raises:
        UsageError: the format cannot be told, or cannot be written.
    """

    def ending(text: str) -> str | None:
        if text.lower() == ".txt":
            return "colon"
        return next((kind for kind in WRITABLE if text.lower() in FORMATS[kind].SUFFIXES), None)

    if not name:
        found = ending(suffix or "")
    else:
        found = name if name in FORMATS else ending(f".{name.removeprefix('.')}") or name
    if found is None and suffix is None:
        raise UsageError(
            "Standard output needs --to, to say which format to write.", f"Use --to {', '.join(WRITABLE)}."
        )
    if found is None:
        sentence = "The file name has no ending to say which format to write."
        if suffix:
            sentence = f"The ending “{suffix}” does not say which format to write."
        hint = f"End the name in .fountain, .fdx, .jsonl or .txt, or use --to {', '.join(WRITABLE)}."
        raise UsageError(sentence, hint)
    if found not in WRITABLE:
        raise UsageError(f"Scripts cannot be written as {found}.", f"Output formats: {', '.join(WRITABLE)}.")
    return found


def converted(scenes: Callable[[], Iterable[Scene]], target: str) -> Iterator[str]:
    """The script in another format, piece by piece; a title page comes first, or where that format has it.

    Args:
        scenes: reads the script anew at every call.

    Raises:
        OutputError: some of it would inevitably be lost or misread in that format.
    """
    yield from WRITERS[target].write(_prepared(scenes, target))


def written(scenes: Callable[[], Iterable[Scene]], target: str, output: Path | None) -> tuple[str, list[str]]:
    """Write a script in another format, read it again, and compare.

    Args:
        scenes: reads the script anew at every call.
        output: the file, which is replaced only once the new one is complete and was read again; None: return the text.

    Returns:
        The text if there is no file, and what the format could not hold, in sentences.

    Raises:
        OutputError: some of it would be misread, or the file cannot be written.
    """
    from scriptbot.text.atomic_write import write_whole
    from scriptbot.text.load import open_source

    before = contents(scenes())
    pieces, text = converted(scenes, target), ""
    after: Counter[str] = Counter()

    def read_again(read: Callable[[], Iterable[Scene]]) -> None:
        try:
            after.update(contents(read()))
        except InputError as error:
            raise OutputError(f"The script cannot be written as {target}: it would not read back as such.") from error

    if output is None:
        text = "".join(pieces)
        read_again(lambda: FORMATS[target].parse(text.splitlines(keepends=True)))
    else:
        write_whole(
            output,
            (piece.encode("utf-8", "replace") for piece in pieces),
            lambda file: read_again(lambda: open_source([file], format=target, encoding="utf-8").scenes()),
        )
    return text, losses(before, after, target)


def _prepared(scenes: Callable[[], Iterable[Scene]], target: str) -> Iterator[Scene]:
    """The scenes as the other format needs them.

    A title page comes first, unless the format has its own place for one or there are several.  Scenes get headings
    where nothing else begins a scene, passages left out are removed where they could not be hidden, and the way a
    speech is said gets a line of its own where it has one.
    """
    # Final Draft has its own place for a title page.  Of several scripts each keeps its own where it stands, except in
    # Fountain, which could not recognise a title page farther down.
    front = () if target == "fdx" else titles(scenes())
    if len(front) > 1 and target != "fountain":
        front = ()
    if front:
        yield Scene(front, Span(0, 0))
    number = 0
    for scene in scenes():
        number += not scene.continued and scene.is_played
        kept = tuple(
            element
            for element in scene.elements
            if not (front and _is_title(element)) and (target in _HIDING or not _is(element, Kind.CUT))
        )
        if not kept and scene.elements and not scene.heading:
            continue
        if target in _SCREENPLAYS:
            kept = tuple(_with_how_above(element) if isinstance(element, Speech) else element for element in kept)
        scene = replace(scene, elements=kept)
        bare = not scene.heading and not scene.number and not scene.continued
        if target in _SCREENPLAYS and bare and number > 1 and scene.is_played:
            scene = replace(scene, heading=f"SCENE {number}")
        yield scene


def _with_how_above(speech: Speech) -> Speech:
    """A speech whose beginning in brackets, ``(laughing) But soft!``, stands on a line of its own above the words."""
    how = _HOW.match(speech.text)
    if how is None or (speech.marked and not speech.marked.startswith(how[0])):  # emphasis may go on into the words
        return speech
    above = f"{how[1]}\n"
    marked = above + speech.marked[how.end() :] if speech.marked else ""
    return speech._replace(text=above + speech.text[how.end() :], marked=marked)


def titles(scenes: Iterable[Scene]) -> tuple[Direction, ...]:
    """The title pages, wherever they stand in the script."""
    elements = (element for scene in scenes for element in scene.elements)
    return tuple(element for element in elements if isinstance(element, Direction) and _is_title(element))


def _is_title(element: Speech | Direction) -> bool:
    return _is(element, Kind.TITLE_PAGE)


def _is(element: Speech | Direction, kind: Kind) -> bool:
    return isinstance(element, Direction) and element.kind is kind


def contents(scenes: Iterable[Scene]) -> Counter[str]:
    """How many of each kind of thing there are in a script; speeches also by who says them."""
    found: Counter[str] = Counter()
    for scene in scenes:
        found[_HEADINGS] += bool(scene.heading)
        if scene.heading:
            found[f"{_HEADED_BY}{scene.heading}"] += 1
        found["scene numbers"] += bool(scene.number)
        found[_SCENES] += scene.is_played and not scene.continued
        found[_WORDS] += len(scene.heading.split())
        for element in scene.elements:
            found[_WORDS] += len(element.text.split())
            if isinstance(element, Speech):
                found[_SPEECHES] += 1
                found[f"{_BY}{' '.join(element.character.split())}"] += 1
                found["simultaneous speeches"] += element.dual
                found["empty speeches"] += not element.text.strip()
            else:
                found[_KINDS[element.kind]] += 1
            found["places with emphasis or song"] += bool(element.marked and is_marked(element.marked))
    return found


_WORDS, _SCENES, _HEADINGS, _SPEECHES = "words", "scenes", "scene headings", "speeches"
_BY, _HEADED_BY = "speeches by ", "scenes called "
_SINGULAR = {
    "speeches": "speech",
    "scene headings": "scene heading",
    "scene numbers": "scene number",
    "centred directions": "centred direction",
    "title pages": "title page",
    "page breaks": "page break",
    "synopses": "synopsis",
    "simultaneous speeches": "simultaneous speech",
    "empty speeches": "empty speech",
    "places with emphasis or song": "place with emphasis or song",
    "lyrics": "line of lyrics",
    "omitted passages": "omitted passage",
}
_KINDS = {
    Kind.ACTION: "directions",
    Kind.CENTRED: "centred directions",
    Kind.TRANSITION: "transitions",
    Kind.LYRICS: "lyrics",
    Kind.TITLE_PAGE: "title pages",
    Kind.SECTION: "sections",
    Kind.SYNOPSIS: "synopses",
    Kind.NOTE: "notes",
    Kind.CUT: "omitted passages",
    Kind.PAGE_BREAK: "page breaks",
}


def losses(before: Counter[str], after: Counter[str], target: str) -> list[str]:
    """What was lost in a format, in sentences: whatever there is less of in the script once written and read again.

    Args:
        before, after: the contents of the script, and of what was written.
    """
    fewer = [
        f"{count - after[kind]:,} {kind if count - after[kind] > 1 else _SINGULAR.get(kind, kind.removesuffix('s'))}"
        for kind, count in before.items()
        if after[kind] < count and kind not in (_WORDS, _SCENES) and not kind.startswith((_BY, _HEADED_BY))
    ]
    told = []
    lost = {kind.removeprefix(_BY): count - after[kind] for kind, count in before.items() if kind.startswith(_BY)}
    renamed = {name: count for name, count in lost.items() if count > 0}
    if renamed and after[_SPEECHES] >= before[_SPEECHES]:
        names, speeches = ", ".join(sorted(renamed)[:5]), sum(renamed.values())
        told.append(
            f"One speech is now under another name: {names}."
            if speeches == 1
            else f"{speeches:,} speeches are now under another name: {names}."
        )
    headings = sum(max(0, count - after[kind]) for kind, count in before.items() if kind.startswith(_HEADED_BY))
    if headings and after[_HEADINGS] >= before[_HEADINGS]:
        told.append(
            "One scene heading reads differently now."
            if headings == 1
            else f"{headings:,} scene headings read differently now."
        )
    if fewer:
        if after[_WORDS] >= before[_WORDS]:
            told.append(f"Lost in the format {target}: {_listed(fewer)}; the words are kept, in another form.")
        else:
            told.append(f"Lost in the format {target}: {_listed(fewer)}.")
    if (words := before[_WORDS] - after[_WORDS]) > 0:
        told.append("One word is missing." if words == 1 else f"{words:,} words are missing.")
    if (breaks := before[_SCENES] - after[_SCENES]) > 0:
        told.append("One scene break is missing." if breaks == 1 else f"{breaks:,} scene breaks are missing.")
    if (more := after[_HEADINGS] - before[_HEADINGS]) > 0:
        told.append(
            "One scene without a heading was given one."
            if more == 1
            else f"{more:,} scenes without a heading were given one."
        )
    return told


def _listed(things: list[str]) -> str:
    return " and ".join([", ".join(things[:-1]), things[-1]]) if len(things) > 1 else things[0]
