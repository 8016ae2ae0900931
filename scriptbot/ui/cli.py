"""The command line: what is asked, which room answers it, and the exit code.

Nothing but click is imported until a command needs it, so that ``--help`` is instant.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scriptbot.config import SampleConfig
from scriptbot.errors import ModelFileError, ScriptbotError, UsageError
from scriptbot.text.clean import printable
from scriptbot.ui import language, options
from scriptbot.ui.language import tr
from scriptbot.ui.scripts import convert, inspect
from scriptbot.ui.train import train

if TYPE_CHECKING:
    from scriptbot.lm.explain import Row

paths_argument = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command("scriptbot", context_settings=options.CONTEXT)
@click.argument("text", nargs=-1)
@click.option("--model", metavar="M", help="Name or path of the model.")
@click.option("--character", metavar="NAME", help="Who answers.  [anyone]")
@click.option("--me", metavar="NAME", help="Who you are in the script.  [its visitor, or “You”]")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In a pipe: one JSON object per line.")
@click.option("--encoding", metavar="NAME", help="In a pipe: encoding of standard input.  [UTF-8]")
@click.option("--verbose", is_flag=True, help="In a pipe: say on stderr which model and seed are used.")
@click.option("--vi", is_flag=True, help="Edit lines with vi keys.")
@options.flags(SampleConfig)
@options.speaks
@options.debug
@options.version
def talk(text: tuple[str, ...], model: str | None, character: str | None, me: str | None, color: str, as_json: bool,
         encoding: str | None, verbose: bool, vi: bool, **given: Any) -> None:  # fmt: skip
    """Talk with the characters of a script, or continue TEXT in a pipe.

    Commands beside that, each with a --help of its own:
    """
    _no_command(text)
    free = options.left_open(SampleConfig, given)
    settings = options.chosen(SampleConfig, given)
    seed = " ".join(text)
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if terminal and not as_json:
        from scriptbot.ui import repl

        repl.run(repl.Start(model, character, me, color, settings, free, seed, vi, options.debugging()))
        return
    from scriptbot.ui import opening, pipe

    data = b"" if terminal else _standard_input(pipe.MOST_BYTES + 1)
    joined = pipe.seed_text(seed, data, encoding)
    session = opening.open_session(model, settings, free, character, me)
    if verbose:
        print(f"model {printable(session.name)}, seed {session.seed}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    pipe.run(session, joined, sys.stdout, as_json=as_json)


def _no_command(text: Sequence[str]) -> None:
    """Raise UsageError if what was typed as a text was meant as a command."""
    if len(text) == 1 and text[0].casefold() == "help":
        raise UsageError("There is no command called “help”.", "scriptbot --help shows what there is.")
    if text and text[0] in COMMANDS:  # as the first word it would have been taken for one
        raise UsageError(
            f"Options stand behind a command, not before it: {text[0]}.",
            f"scriptbot {text[0]} --help shows what there is.",
        )
    near = difflib.get_close_matches(text[0], COMMANDS, n=1, cutoff=0.75) if text else []
    alone = len(text) == 1 and sys.stdin is not None and sys.stdin.isatty()
    if near and (alone or (len(text) > 1 and os.path.exists(text[1]))):
        raise UsageError(
            f"There is no command called “{text[0]}”.",
            f"Did you mean “{near[0]}”? What is to be said can be typed in the conversation."
            if alone
            else f"Did you mean “{near[0]}”?",
        )


def _standard_input(most: int) -> bytes:
    """Its first bytes; none if it is closed (``<&-``)."""
    return sys.stdin.buffer.read(most) if sys.stdin is not None else b""


@click.command(context_settings=options.CONTEXT)
@click.argument("model")
@paths_argument
@click.option("--format", metavar="NAME", help="How the scripts are written.  [detected]")
@click.option("--encoding", metavar="NAME", help="Encoding of the files.  [detected]")
@options.columns
@click.option("--cache/--no-cache", default=True, help="Score with the memory of the text so far.")
@click.option("--explain", is_flag=True, help="Where the bits go: by kind of word, by frequency, by speaker.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@options.speaks
@options.debug
@options.version
def evaluate(model: str, paths: tuple[Path, ...], format: str | None, encoding: str | None,
             columns: str | None, cache: bool, explain: bool, as_json: bool) -> None:  # fmt: skip
    """Bits per character that MODEL needs for the texts at PATHS."""
    from scriptbot.lm import evaluate as scoring
    from scriptbot.lm import explain as explaining
    from scriptbot.text.load import open_source
    from scriptbot.ui import opening

    loaded, _ = opening.load(model)
    reading = loaded.provenance.get("reading")
    source = open_source(
        paths, format=format, encoding=encoding, reading=str(reading) if reading else None, columns=columns
    )
    result = scoring.evaluate(loaded, source.scenes(), as_text=source.format == "text", cache=cache)
    record: dict[str, Any] = dataclasses.asdict(result)
    rows = explaining.explain(loaded, source.scenes(), as_text=source.format == "text") if explain else []
    if as_json:
        told = [{**dataclasses.asdict(row), "bits": row.bits} for row in rows]
        click.echo(json.dumps({**record, "explanation": told} if explain else record))
        return
    for name, value in record.items():
        shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        click.echo(f"{name.replace('_', ' '):<28}{shown}")
    for line in _explained(rows, result.characters):
        click.echo(printable(line))


MOST_ROWS = 12  # of each table


def _explained(rows: Sequence[Row], characters: int) -> Iterator[str]:
    """Tables, one for each way of sorting; bits per piece, and what they add to the bits per character."""
    everything = sum(row.bits for row in rows if row.by == "kind")
    for by in dict.fromkeys(row.by for row in rows):
        yield ""
        yield f"{'by ' + by:<28}{'pieces':>10}{'form':>8}{'word':>8}{'spelling':>10}{'share':>8}{'bits/char':>11}"
        for row in [row for row in rows if row.by == by][:MOST_ROWS]:
            parts = (part / row.pieces for part in (row.form, row.word, row.spelling))
            form, word, spelling = (f"{part:.2f}" for part in parts)
            share, added = f"{row.bits / everything:.1%}", f"{row.bits / characters:.4f}"
            yield f"{row.name:<28}{row.pieces:>10,}{form:>8}{word:>8}{spelling:>10}{share:>8}{added:>11}"


@click.command(context_settings=options.CONTEXT)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per model.")
@options.speaks
@options.debug
@options.version
def models(as_json: bool) -> None:
    """List the installed models: size, bits per character on held-out text, cast; the usual one has a star."""
    from scriptbot.session import shelf
    from scriptbot.ui import opening

    wanted = os.environ.get("SCRIPTBOT_MODEL") or options.file_defaults(talk, COMMANDS).get("model")
    usual: Path | None = None
    with contextlib.suppress(ModelFileError):  # none at all, or the one that was chosen is gone
        usual = opening.place(wanted)
    for row in shelf.described():
        marked = row.path == usual
        click.echo(json.dumps(row.record() | {"usual": marked}) if as_json else printable(tr(row.line(marked))))


@click.command(context_settings=options.CONTEXT)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.speaks
@options.debug
@options.version
def completion(shell: str) -> None:
    """Print the completion script of a SHELL, to be sourced from its start-up file."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(_everything(), {}, "scriptbot", "_SCRIPTBOT_COMPLETE").source())


COMMANDS: dict[str, click.Command] = {
    "train": train,
    "evaluate": evaluate,
    "inspect": inspect,
    "convert": convert,
    "models": models,
    "completion": completion,
}


def _everything() -> click.Group:
    """Subcommands and flags side by side, for the shell's completion only."""
    flags = [parameter for parameter in talk.params if isinstance(parameter, click.Option)]
    return click.Group("scriptbot", commands=COMMANDS, params=list(flags))


def main(arguments: Sequence[str]) -> int:
    """Run one command line.  Returns the exit code; a mistake has been explained on stderr by then."""
    args = list(arguments)
    try:
        language.choose(args)
        return _dispatch(args)
    except ScriptbotError as error:
        if _debugging(args):
            import traceback

            traceback.print_exc()
            return error.exit_code
        from scriptbot.ui.view import report

        report(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        # What is still in the buffer would raise once more when the interpreter closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if _debugging(args):
            raise
        from scriptbot.ui.view import report_bug

        report_bug(error)
        return 1


def _with_commands(command: click.Command) -> None:
    """List the commands in the help of the program itself."""
    width = max(map(len, COMMANDS)) + 2
    rows = [
        f"  {name:<{width}}{tr(' '.join((other.help or '').partition(chr(10) * 2)[0].split()))}"
        for name, other in COMMANDS.items()
    ]
    command.help = f"{command.help}\n\n\b\n" + "\n".join(rows)


def _dispatch(args: list[str]) -> int:
    if "_SCRIPTBOT_COMPLETE" in os.environ:
        _everything().main(args, prog_name="scriptbot", complete_var="_SCRIPTBOT_COMPLETE")
    name = args[0] if args and args[0] in COMMANDS else ""
    command = COMMANDS[name] if name else talk
    defaults = options.file_defaults(talk, COMMANDS)
    language.choose(args, str(defaults.get("language", "")))
    prefix = f"SCRIPTBOT_{name}".upper().rstrip("_")
    program = f"scriptbot {name}".strip()
    settings: dict[str, Any] = {
        "default_map": defaults.get(name, {}) if name else defaults,
        "auto_envvar_prefix": prefix,
    }
    options.translate(command)
    if command is talk and any(flag in args for flag in ("-h", "--help")):
        _with_commands(command)
    try:  # without click's main, which would swallow a closed pipe
        with command.make_context(program, args[1:] if name else list(args), **settings) as context:
            code = command.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.UsageError as error:
        raise options.mistake(error) from None
    return code if isinstance(code, int) else 0


def _debugging(args: Sequence[str]) -> bool:
    return "--debug" in args or os.environ.get("SCRIPTBOT_DEBUG", "") not in {"", "0"}


def run() -> None:
    """The entry point of the ``scriptbot`` command."""
    sys.exit(main(sys.argv[1:]))
