"""``scriptbot evaluate``: what a text costs a model, and where the bits go."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scriptbot.text.clean import printable
from scriptbot.ui import options
from scriptbot.ui.language import tr

if TYPE_CHECKING:
    from scriptbot.lm.explain import Row

# Of figures whose own name says too little; cues are in scripts only.
NAMES = {"characters": "characters scored", "words": "words, symbols and cues"}
NAMES_IN_TEXT = NAMES | {"words": "words and symbols"}
MOST_ROWS, LABEL, FIGURE = 12, 28, 10  # rows of each table; widths of its first column and of the others


@click.command(context_settings=options.CONTEXT)
@click.argument("model")
@options.paths
@click.option("--format", metavar="NAME", help="Format of the scripts.  [detected]")
@click.option("--encoding", metavar="NAME", help="Encoding of the files.  [detected]")
@options.columns
@click.option("--cache/--no-cache", default=True, help="Score with the memory of the text so far.")
@click.option("--explain", is_flag=True, help="Where the static bits go: by kind of word, by frequency, by speaker.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@options.speaks
@options.debug
@options.version
def evaluate(model: str, paths: tuple[Path, ...], format: str | None, encoding: str | None,
             columns: str | None, cache: bool, explain: bool, as_json: bool) -> None:  # fmt: skip
    """Score the texts at PATHS with MODEL, in bits per character."""
    from scriptbot.commands.columns import padded
    from scriptbot.lm import evaluate as scoring
    from scriptbot.lm import explain as explaining
    from scriptbot.text.cast import Cast, find_cast
    from scriptbot.text.load import open_source
    from scriptbot.ui import opening
    from scriptbot.ui.view import say

    loaded, _ = opening.load(model)
    reading = loaded.provenance.get("reading")
    source = open_source(
        paths, format=format, encoding=encoding, reading=str(reading) if reading else None, columns=columns
    )
    for sentence in source.warnings:
        say(printable(tr(sentence)))
    as_text = source.format == "text"
    # Everybody gets the cue and the voice that a training on the same text would have given them.
    known = Cast(tuple((name, 0) for name in loaded.vocabulary.cast))
    cast = Cast(()) if as_text else find_cast(source.scenes()).known_as(known)
    result = scoring.evaluate(loaded, cast.proper(source.scenes()), as_text=as_text, cache=cache)
    record: dict[str, Any] = dataclasses.asdict(result)
    rows = explaining.explain(loaded, cast.proper(source.scenes()), as_text=as_text) if explain else []
    if as_json:
        told = [{**dataclasses.asdict(row), "bits": row.bits} for row in rows]
        record = {name: value if math.isfinite(value) else None for name, value in record.items()}  # JSON has no ∞
        click.echo(json.dumps({**record, "explanation": told} if explain else record))
        return
    names = NAMES_IN_TEXT if as_text else NAMES
    for name, value in record.items():
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        click.echo(f"{padded(tr(names.get(name, name.replace('_', ' '))), LABEL)}{shown}")
    for line in _explained(rows, result.characters):
        click.echo(printable(line))


def _explained(rows: Sequence[Row], characters: int) -> Iterator[str]:
    """The lines of one table for each way of grouping pieces: bits per piece, their share, and what they add per
    character."""
    from scriptbot.commands.columns import flush_right, padded
    from scriptbot.lm.explain import NOBODY, SOMEBODY_ELSE

    everything = sum(row.bits for row in rows if row.by == "kind")
    headings = "".join(
        flush_right(tr(name), FIGURE) for name in ("pieces", "form", "word", "spelling", "share", "static")
    )
    if rows:
        yield ""
        yield tr("Where the static bits per character go, without the memory of the text so far")
    for by in dict.fromkeys(row.by for row in rows):
        yield ""
        yield padded(tr(f"by {by}"), LABEL) + headings
        for row in [row for row in rows if row.by == by][:MOST_ROWS]:
            parts = (part / row.pieces for part in (row.form, row.word, row.spelling))
            form, word, spelling = (f"{part:.2f}" for part in parts)
            share, added = f"{row.bits / everything:.1%}", f"{row.bits / characters:.4f}"
            name = row.name if by == "speaker" and row.name not in (NOBODY, SOMEBODY_ELSE) else tr(row.name)
            figures = (f"{row.pieces:,}", form, word, spelling, share, added)
            yield padded(name, LABEL) + "".join(f"{figure:>{FIGURE}}" for figure in figures)
