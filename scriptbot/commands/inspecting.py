"""The facts about a script as lines to show, and the command that shows them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scriptbot.commands.columns import padded, widest
from scriptbot.commands.registry import Command, Copied, Result, Said, Verbatim, options_of, path_hints, paths_of
from scriptbot.errors import InputError, UsageError
from scriptbot.text.clean import printable
from scriptbot.text.labels import labelled

if TYPE_CHECKING:
    from scriptbot.session.session import Session
    from scriptbot.text.inspection import Inspection, Member
    from scriptbot.text.load import Source

HOW = ("format", "encoding", "columns")  # options that say how scripts are written
MOST_MEMBERS, MOST_NAMED, MOST_DOUBTS, MOST_FILES, BAR = 16, 8, 12, 8, 24


def inspected(source: Source) -> Inspection:
    """The facts about a script, counted with the softmax that a training on it would have."""
    from scriptbot.lm.sizing import rarest
    from scriptbot.text.inspection import inspect

    # The number of pieces decides how rare a word may be; a piece has 4.3 characters (docs/decisions/pieces.md).
    return inspect(source, rarest=rarest(source.characters // 4))


def lines(
    facts: Inspection, paths: Sequence[Path], how: Mapping[str, str | None], *, within: bool = False
) -> Iterator[str]:
    """The facts as lines, without styles.

    Args:
        paths: the paths as they were typed, for the command that is advised.
        how: the options that the script was read with, for the same command.
        within: whether this is shown in a session, where a command of the session is advised and not one of the shell.
    """
    from scriptbot.lm.sizing import LEAST_TOKENS, advised
    from scriptbot.session import library
    from scriptbot.text.text_file import shown

    for file in facts.files[:MOST_FILES]:
        yield f"{shown(file.path)}: read as {_kind(file.format)}, {file.encoding}"
        if file.edition:
            yield f"  without what {_title(file.edition)} added"
    if len(facts.files) > MOST_FILES:
        yield f"and {len(facts.files) - MOST_FILES:,} more files"
    numbers = [_many(facts.characters, "character")]
    if facts.speeches:
        parts = ((facts.scenes, "scene"), (facts.speeches, "speech"), (facts.directions, "direction"))
        numbers += [_many(*part) for part in parts]
    yield ", ".join(numbers)
    yield (
        f"{facts.words:,} words and symbols ({facts.forms:,} distinct); {facts.spelled:.1%} of them are so rare that a "
        "model trained from nothing would spell them letter by letter"
    )
    if facts.cast:
        yield ""
        yield from _cast(facts)
    for heading, part in (
        ("Doubtful names", list(_doubts(facts))),
        ("Beginning, middle and end", list(_samples(facts))),
    ):
        if part:
            yield ""
            yield heading
            yield from part
    repeated = ((facts.said_twice, "speech"), (facts.scenes_twice, "scene"))
    twice = [_many(*part) for part in repeated if part[0]]
    if twice:
        yield ""
        yield f"Repeated word for word: {' and '.join(twice)}."
    yield ""
    if facts.format != "text" and not facts.speeches:
        yield "Read this way, nobody speaks in it; another --format may fit better."
    if facts.words < LEAST_TOKENS:
        yield f"Too little to learn from: {LEAST_TOKENS} words are the minimum."
    else:
        minutes, _ = advised(facts.words)
        yield (
            f"To train on it for {minutes} min, as long as is worthwhile on a two-core laptop "
            "(a training from the base model may end sooner):"
        )
        named = " ".join(_typed(path) or "PATH" for path in paths)
        output = _typed(library.output_for(paths[0]))  # left out if it cannot be typed: the training chooses the same
        learn = f":retrain {named}" if within else f"scriptbot train {named}{output and f' --output {output}'}"
        options = "".join(f" --{name} {shlex.quote(value)}" for name, value in how.items() if value)
        yield Copied(printable(f"  {learn}{options} --minutes {minutes}"))
    for warning in facts.warnings:
        yield f"Note: {warning}"


def _typed(path: Path) -> str:
    """A path as one word of a command, written so that it is taken neither for an option nor for a home folder; empty
    if nobody could type it."""
    name = os.fspath(path)
    if printable(name) != name:
        return ""
    return shlex.quote(f"./{name}" if name.startswith(("-", "~")) else name)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}{'es' if what.endswith('ch') else 's'}"


def _kind(format: str) -> str:
    return "plain text" if format == "text" else f"a script ({format})"


def _title(edition: str) -> str:
    from scriptbot.text.editions import EDITIONS

    return EDITIONS[edition].TITLE


def _cast(facts: Inspection) -> Iterator[str]:
    from scriptbot.text.cast import LEAST_LINES

    voiced = [member for member in facts.cast if member.speeches >= LEAST_LINES]
    shown = (voiced or list(facts.cast))[:MOST_MEMBERS]
    width = min(28, widest(member.name for member in shown))
    most = shown[0].speeches
    yield "Cast: speeches, their share, words"
    for member in shown:
        name = padded(member.name, width)
        bar = "█" * max(1, round(BAR * member.speeches / most))
        share = member.speeches / facts.speeches
        yield Verbatim(f"  {name}  {member.speeches:>8,} {bar:<{BAR}} {share:>6.1%}  {member.words:>9,}")
    if unshown := (voiced or facts.cast)[len(shown) :]:
        yield f"and {len(unshown):,} more:"
        yield _names(unshown)
    few, said = facts.others
    if not voiced:
        yield f"None of them speaks often enough to get a voice of their own; {LEAST_LINES} speeches are the minimum."
    elif few == 1:
        yield f"1 other speaks too rarely to get a voice of their own ({_many(said, 'speech')}):"
    elif few:
        yield f"{few:,} others speak too rarely to get a voice of their own ({said:,} speeches together):"
    if voiced and few:
        yield _names(facts.cast[-few:])


def _names(members: Sequence[Member]) -> Verbatim:
    """The names of some members of the cast, indented."""
    names = ", ".join(member.name for member in members[:MOST_NAMED])
    return Verbatim(f"  {names}{', …' if len(members) > MOST_NAMED else ''}")


def _doubts(facts: Inspection) -> Iterator[str]:
    from scriptbot.text.labels import LONGEST
    from scriptbot.text.text_file import shown

    for doubt in facts.doubts[:MOST_DOUBTS]:
        times = "once" if doubt.speeches == 1 else f"{doubt.speeches:,} times"
        yield f"  {doubt.label[:LONGEST]} ({times}, line {doubt.line:,} of {shown(Path(doubt.path.name))}): {doubt.why}"
    if len(facts.doubts) > MOST_DOUBTS:
        yield f"  and {len(facts.doubts) - MOST_DOUBTS:,} more"
    count, row = facts.unread
    if count == 1:
        yield f"  One row begins with a name, but is read as part of something else: {row}"
    elif count:
        yield f"  {count:,} rows begin with a name, but are read as part of something else; the first: {row}"


def _samples(facts: Inspection) -> Iterator[str]:
    for name, text in facts.samples:
        said = " ".join(text.split())
        yield Verbatim(f"  {labelled(name, said)}")


def record(facts: Inspection) -> dict[str, Any]:
    """The facts as an object for JSON."""
    import dataclasses

    from scriptbot.lm.sizing import advised

    minutes, hidden = advised(facts.words)
    told: dict[str, Any] = dataclasses.asdict(facts) | {"advised": {"minutes": minutes, "hidden": hidden}}
    for row in (*told["files"], *told["doubts"]):
        row["path"] = os.fspath(row["path"])
    return told


def _inspect(session: Session, arguments: list[str]) -> Result:
    from scriptbot.text.load import open_source

    paths, how = options_of("inspect", arguments, HOW)
    if not paths:
        raise UsageError("There is no script to look at.", "Usage: :inspect PATH... [OPTION...]")
    places = paths_of(paths)
    try:
        return Said(tuple(lines(inspected(open_source(places, **how)), places, how, within=True)))
    except InputError as error:
        raise InputError(error.sentence, path_hints(error.hint, places)) from error


COMMANDS = (
    Command(
        "inspect",
        _inspect,
        "look at scripts before training on them",
        "PATH... [OPTION...]",
        least=1,
        most=None,
        completes="path",
        more=(
            "It shows the format, the cast, doubtful names, what would have to be spelled out, and how many minutes "
            "are worthwhile. Nothing is trained. It takes --format, --encoding and --columns, like “scriptbot inspect”."
        ),
    ),
)
