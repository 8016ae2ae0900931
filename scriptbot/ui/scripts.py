"""``scriptbot inspect`` and ``scriptbot convert``, which work on scripts without any model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from scriptbot.errors import OutputError, UsageError
from scriptbot.text.clean import printable
from scriptbot.ui import options
from scriptbot.ui.language import tr


@click.command(context_settings=options.CONTEXT)
@options.paths
@click.option("--format", metavar="NAME", help="Format of the scripts.  [detected]")
@click.option("--encoding", metavar="NAME", help="Encoding of the files.  [detected]")
@options.columns
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@options.speaks
@options.debug
@options.version
def inspect(
    paths: tuple[Path, ...], format: str | None, encoding: str | None, columns: str | None, as_json: bool
) -> None:
    """Look at the scripts at PATHS before training: format, cast, doubtful names, words to spell out."""
    from scriptbot.commands import inspecting
    from scriptbot.text.load import open_source
    from scriptbot.ui.view import fitted_line

    how = {"format": format, "encoding": encoding, "columns": columns}
    facts = inspecting.inspected(open_source(paths, **how))
    if as_json:
        click.echo(json.dumps(inspecting.record(facts)))
        return
    for line in inspecting.lines(facts, paths, how):
        click.echo(fitted_line(line, sys.stdout))


@click.command(context_settings=options.CONTEXT)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("output", metavar="OUT", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", metavar="NAME", help="Format of IN.  [detected]")
@click.option("--to", metavar="NAME", help="Format of OUT.  [from its ending]")
@click.option("--encoding", metavar="NAME", help="Encoding of IN.  [detected]")
@options.columns
@click.option("--force", is_flag=True, help="Overwrite OUT if it exists.")
@options.speaks
@options.debug
@options.version
def convert(source: Path, output: Path, format: str | None, to: str | None, encoding: str | None,
            columns: str | None, force: bool) -> None:  # fmt: skip
    """Convert the script IN to another format: Fountain, Final Draft, JSON lines, or plain.

    OUT ends in .fountain, .fdx, .jsonl or .txt, unless --to NAME is given (OUT - is standard output).
    """
    from scriptbot.text.convert import format_for, written
    from scriptbot.text.load import open_source
    from scriptbot.ui.view import say

    piped = str(output) == "-"
    target = format_for(None if piped else output.suffix, to)
    script = open_source([source], format=format, encoding=encoding, columns=columns)
    try:
        there = not piped and output.exists()
        itself = there and any(map(output.samefile, script.paths))
    except OSError as error:
        raise OutputError(f"“{output}” cannot be written: {error.strerror}.", "Choose another name.") from error
    if there:
        if itself:
            raise OutputError(f"“{output}” is the script itself, or part of it.", "Choose another name for the output.")
        if not force:
            raise OutputError(f"“{output}” already exists.", "Choose another name, or overwrite it with --force.")
    for sentence in script.warnings:
        say(printable(tr(sentence)))
    if script.format == "text":
        raise UsageError(
            f"“{source}” is not a script in any known format.",
            "Name its format, for example --format colon, play or fountain.",
        )
    text, lost = written(script.scenes, target, None if piped else output)
    if piped:
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        print(text, end="")
    for sentence in lost:
        say(printable(tr(sentence)))
