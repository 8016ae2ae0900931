"""The command line: reads the arguments, hands them to the code that does the work, and returns the exit code.

Nothing but click is imported until a command needs it, so that ``--help`` is instant.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scriptbot.config import SampleConfig
from scriptbot.errors import InputError, ModelFileError, ScriptbotError, UsageError
from scriptbot.ui import configuration, first_word, language, options
from scriptbot.ui.evaluate import evaluate
from scriptbot.ui.language import tr
from scriptbot.ui.scripts import convert, inspect
from scriptbot.ui.train import train

if TYPE_CHECKING:
    from scriptbot.session.diary import Entry
    from scriptbot.session.session import Session


class _Program(click.Command):
    """The program without a subcommand; its help lists the subcommands as well."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(tr("Commands, each with its own --help")):
            formatter.write_dl([(name, tr(_summary(command))) for name, command in COMMANDS.items()])
        super().format_options(ctx, formatter)


def _summary(command: click.Command) -> str:
    """The first paragraph of a command's help, on one line."""
    return " ".join((command.help or "").partition("\n\n")[0].split())


@click.command("scriptbot", cls=_Program, context_settings=options.CONTEXT)
@click.argument("text", nargs=-1)
@click.option("--model", metavar="M", help="Name or path of the model.")
@click.option("--character", metavar="NAME", help="Who answers.  [anyone]")
@click.option("--me", metavar="NAME", help="Who you are in the script.  [its visitor, or “You”]")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
              help="In the session: show each name in its own colour.  [auto]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="In a pipe: one JSON object per line.")
@click.option("--encoding", metavar="NAME", help="In a pipe: encoding of standard input.  [UTF-8]")
@click.option("--verbose", is_flag=True, help="Print the model and the seed to stderr.")
@click.option("--vi", is_flag=True, help="In the session: edit lines with vi keys.")
@click.option("--resume", is_flag=True, help="In the session: resume the last conversation.")
@click.option("--private", is_flag=True, help="In the session: keep no record on disk of what is said.")
@options.flags(SampleConfig)
@options.speaks
@options.debug
@options.version
def talk(text: tuple[str, ...], model: str | None, character: str | None, me: str | None, color: str, as_json: bool,
         encoding: str | None, verbose: bool, vi: bool, resume: bool, private: bool, **given: Any) -> None:  # fmt: skip
    """Talk with the characters of a script, or continue TEXT in a pipe."""
    behind: int = click.get_current_context().obj  # so many words stand behind “--”, and so are no command
    meant = text[: max(0, len(text) - behind)]
    if color == "never":
        os.environ["NO_COLOR"] = "1"  # the line editor and the progress bar heed it, too
    free = options.left_open(SampleConfig, given)
    settings = options.chosen(SampleConfig, given)
    typed = " ".join(text)
    asked = _on_command_line()
    terminal = sys.stdin is not None and sys.stdin.isatty()
    answered_here = sys.stdout.isatty() or not typed  # reply=$(scriptbot "ROMEO: hi") wants no conversation
    talks = terminal and answered_here and "as_json" not in asked
    first_word.refuse_commands(meant, COMMANDS, told=terminal)
    entry = _taken_up(asked) if resume and talks else None
    if entry is None:  # a conversation that is resumed has its own character
        character = _as_configured(model, character, me)
    from scriptbot.ui import view

    if talks:
        from scriptbot.ui import repl

        for option in (shown for name, shown in _OF_A_PIPE.items() if name in asked):
            view.report(UsageError(f"“{option}” counts only in a pipe, which the session is not."))
        debug = options.debugging()
        start = repl.Start(
            model, character, me, color, settings, free, typed, vi, entry, private, verbose, debug, asked
        )
        repl.run(start)
        return
    if terminal and not typed:
        raise UsageError(
            "--json is for a pipe, but standard input is a terminal.", "Give a text: scriptbot --json TEXT"
        )
    from scriptbot.ui import opening, pipe

    for option in (shown for name, shown in _OF_THE_SESSION.items() if name in asked):
        view.report(UsageError(f"“{option}” counts only in the session, which a pipe is not."))
    data = b"" if terminal else _standard_input(pipe.MOST_BYTES + 1)
    if not terminal and not data:
        first_word.refuse_commands(meant, COMMANDS, told=True)
    joined = pipe.joined(typed, data, encoding)
    session = opening.open_session(model, settings, free, character, me)
    if verbose:
        print(tr(opening.particulars(session)), file=sys.stderr)
    for notice in _strangers(session, joined):
        view.say(notice)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    pipe.run(session, joined, sys.stdout, as_json=as_json)


def _helped(beginning: str) -> dict[str, str]:
    """The options of :func:`talk` whose help begins with some words: as they are typed, by the names of parameters."""
    found = (one for one in talk.params if isinstance(one, click.Option) and (one.help or "").startswith(beginning))
    return {str(option.name): max(option.opts, key=len) for option in found}


_OF_THE_SESSION, _OF_A_PIPE = _helped("In the session:"), _helped("In a pipe:")  # before any help is translated


def _strangers(session: Session, text: str) -> list[str]:
    from scriptbot.ui import strangers  # its imports are those of a session, which is open by now

    return strangers.notices(session, text, undoable=False)


def _on_command_line() -> frozenset[str]:
    """The parameters given on the command line, not by a variable or the configuration, which hold for every run."""
    context = click.get_current_context()
    there = click.core.ParameterSource.COMMANDLINE
    return frozenset(name for name in context.params if context.get_parameter_source(name) is there)


def _as_configured(model: str | None, character: str | None, me: str | None) -> str | None:
    """Who answers; a model or character that a variable or the configuration names is looked for first.

    Raises:
        ModelFileError: there is no such model.
    """
    context = click.get_current_context()
    if model:
        options.look_for(model, configuration.standing(context, "model"))
    if where := configuration.standing(context, "character"):
        from scriptbot.ui import opening

        return opening.configured_character(model, character, me, where)
    return character


def _taken_up(asked: frozenset[str]) -> Entry | None:
    from scriptbot.ui import opening

    return opening.taken_up(asked)


def _standard_input(most: int) -> bytes:
    """The first bytes of standard input; empty if it is closed (``<&-``).  Raises InputError if write-only (``0>``)."""
    try:
        return sys.stdin.buffer.read(most) if sys.stdin is not None else b""
    except OSError as error:
        raise InputError(f"Standard input cannot be read: {error.strerror}.", "Give it a text: < FILE") from error


@click.command(context_settings=options.CONTEXT)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per model.")
@options.speaks
@options.debug
@options.version
def models(as_json: bool) -> None:
    """List the installed models: size, bits per character on held-out text, cast.

    The one that a plain “scriptbot” talks with has a star.
    """
    from scriptbot.commands.models import listed
    from scriptbot.session import library, model_facts
    from scriptbot.ui import opening
    from scriptbot.ui.view import fitted_line, report, say

    wanted = os.environ.get("SCRIPTBOT_MODEL") or configuration.file_defaults(talk, COMMANDS).get("model")
    usual: Path | None = None
    with contextlib.suppress(ModelFileError):  # there is no model at all, or the one that was chosen is gone
        usual = opening.place(wanted)
    rows = model_facts.described()
    for fault in library.unreadable():
        report(fault)
    if as_json:
        for row in rows:
            click.echo(json.dumps(row.record() | {"usual": model_facts.is_same(usual, row.path)}))
        return
    for line in listed(rows, lambda row: model_facts.is_same(usual, row.path)):
        click.echo(fitted_line(line, sys.stdout))
    if not rows:
        say(tr("There are no models."))


@click.command(context_settings=options.CONTEXT)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@options.speaks
@options.debug
@options.version
def completion(shell: str) -> None:
    """Print the completion script for SHELL, to be sourced from its start-up file."""
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
    """The subcommands beside the flags of the program itself, for the shell's completion only."""
    flags = [parameter for parameter in talk.params if isinstance(parameter, click.Option)]
    return click.Group("scriptbot", commands=COMMANDS, params=list(flags))


def main(arguments: Sequence[str]) -> int:
    """Run one command line.  Returns the exit code; any mistake has been reported on stderr by then."""
    args = first_word.command_first(arguments, talk, COMMANDS)
    try:
        with contextlib.suppress(UsageError):  # reported later, once everything that may choose the language is known
            language.choose(args)
        code = _dispatch(args)
        sys.stdout.flush()  # here, so that a full disk can still be reported
        return code
    except ScriptbotError as error:
        from scriptbot.ui.view import report, trace

        if _debugging(args):
            trace(error)
        report(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        _drop_output()
        return 0
    except Exception as error:
        from scriptbot.ui.view import is_disk_error, report_bug

        report_bug(error, debug=_debugging(args))
        if is_disk_error(error):
            _drop_output()
        return 1


def _drop_output() -> None:
    """Discard what is still in the buffer of stdout, which would raise once more when the interpreter closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _dispatch(args: list[str]) -> int:
    if "_SCRIPTBOT_COMPLETE" in os.environ:
        _everything().main(args, prog_name="scriptbot", complete_var="_SCRIPTBOT_COMPLETE")
    name = args[0] if args and args[0] in COMMANDS else ""
    command = COMMANDS[name] if name else talk
    program = f"scriptbot {name}".strip()
    defaults = _defaults(args, name)
    options.translate(command)
    configuration.name_variables(command, name)
    try:  # not by click's main, which would swallow a closed pipe
        given = args[1:] if name else list(args)
        behind = len(args) - args.index("--") - 1 if "--" in args else 0
        with command.make_context(program, given, default_map=defaults, obj=behind) as context:
            code = command.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.NoSuchOption as error:
        raise _no_option(error, name, f"See {program} --help.") from None
    except click.UsageError as error:
        raise options.mistake(error, f"See {program} --help.") from None
    return code if isinstance(code, int) else 0


def _no_option(error: click.NoSuchOption, name: str, hint: str) -> UsageError:
    """The mistake of an option that a command does not have, though another one may.

    Args:
        name: the command; empty for the session.
        hint: where a person can look up what is allowed.
    """
    option = error.option_name
    owners = [
        owner
        for owner, command in (("", talk), *COMMANDS.items())
        if any(option in (*parameter.opts, *parameter.secondary_opts) for parameter in command.params)
    ]
    if not owners:
        return options.mistake(error, hint)
    if "" in owners:  # so there is a command
        return UsageError(
            f"“{name}” takes no option “{option}”.",
            f"It is an option of the conversation, a plain “scriptbot”.\n{hint}",
        )
    told = f"“{name}” takes no option “{option}”." if name else f"Without a command, “{option}” is no option."
    return UsageError(told, f"It is an option of: {', '.join(owners)}.\n{hint}")


def _defaults(args: Sequence[str], name: str) -> dict[str, Any]:
    """The defaults that the configuration has for a command; also chooses the language.  With --help or --version,
    mistakes in the configuration are ignored."""
    try:
        everything = configuration.file_defaults(talk, COMMANDS)
        own: dict[str, Any] = everything.get(name, {}) if name else everything
        preferred: str = own.get("language") or everything.get("language", "")
        language.choose(args, name, preferred, configuration.place())
    except ScriptbotError:
        if {"-h", "--help", "-V", "--version"}.isdisjoint(args):
            raise
        return {}
    return own


def _debugging(args: Sequence[str]) -> bool:
    return "--debug" in args or options.debugging()


def run() -> None:
    """The entry point of the ``scriptbot`` command."""
    # The standard streams are None if they were closed, and print would then write to the other one.
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):  # it may not be UTF-8, except in the pipe, which makes it so
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
