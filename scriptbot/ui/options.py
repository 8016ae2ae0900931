"""Flags derived from the configuration dataclasses, and mistakes on the command line told in our own words."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from scriptbot import config
from scriptbot.errors import ModelFileError, UsageError
from scriptbot.likeness import meant
from scriptbot.ui import configuration
from scriptbot.ui.language import LANGUAGES, tr

Function = TypeVar("Function", bound=Callable[..., Any])

SCRATCH = "scratch"  # typed instead of a model's name: the training starts from nothing
CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from scriptbot import __version__

        click.echo(f"scriptbot {__version__}")
        context.exit()


version = click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)


_debugging = False


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    global _debugging
    _debugging = value


def debugging() -> bool:
    """Whether the running command shows tracebacks, because of --debug, its variable or its line in config.toml."""
    return _debugging


debug = click.option(
    "--debug",
    is_flag=True,
    is_eager=True,  # before mistakes in any other option are found
    expose_value=False,
    callback=_debug,
    help="Show a traceback when something goes wrong.",
)

paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))

columns = click.option(
    "--columns",
    metavar="KEY=TITLE,...",
    help="Columns of a table with its own titles: character=Who,line=Said,scene=Part.  [detected]",
)


speaks = click.option(
    "--language",
    metavar="CODE",
    expose_value=False,
    help=f"Language of the interface: {', '.join(LANGUAGES)}.  [from the locale]",
)


def translate(command: click.Command) -> None:
    """Translate the help of a command into the language of the interface."""
    if command.help:
        paragraphs = command.help.split("\n\n")
        command.help = "\n\n".join(_paragraph(paragraph) for paragraph in paragraphs)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = tr(parameter.help)


def _paragraph(text: str) -> str:
    text = text.strip()
    mark = "\b\n" if text.startswith("\b") else ""
    return mark + tr(" ".join(text.removeprefix("\b").split()))


def flags(kind: type[Any]) -> Callable[[Function], Function]:
    """A decorator that gives a command one flag per field of a configuration dataclass."""

    def decorate(function: Function) -> Function:
        for field in reversed(dataclasses.fields(kind)):
            function = _flag(field)(function)
        return function

    return decorate


def _flag(field: dataclasses.Field[Any]) -> Callable[[Function], Function]:
    name = field.name.replace("_", "-")
    if str(field.type).startswith("bool"):
        return click.option(f"--{name}/--no-{name}", field.name, default=None, help=field.metadata["help"])

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        try:
            return None if value is None else config.parse(field, value)
        except UsageError as error:
            raise _placed(error, context, parameter) from None

    help = f"{field.metadata['help']}  {config.usual(field)}"
    metavar = "N" if str(field.type).startswith("int") else "X"
    return click.option(f"--{name}", field.name, type=str, metavar=metavar, callback=read, help=help)


def mistake(error: click.UsageError, hint: str) -> UsageError:
    """A mistake found by click, as a sentence of our own, which can be translated.

    Args:
        hint: where a person can look up what is allowed.
    """
    told = _mistake(error, hint)
    return _placed(told, error.ctx, error.param) if isinstance(error, click.BadParameter) else told


def _placed(error: UsageError, context: click.Context | None, parameter: click.Parameter | None) -> UsageError:
    """A mistake in a value, with a hint to where the value comes from if that is not the command line."""
    if context is None or parameter is None:
        return error
    where = configuration.standing(context, parameter.name or "")
    return UsageError(error.sentence, "\n".join(filter(None, [error.hint, where])))


def installed(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A click callback for the name of a model.  A name that was not typed is looked up at once, so that an error can
    tell where it comes from.

    Raises:
        ModelFileError: there is no such model.
    """
    if value and not context.resilient_parsing and value.casefold() != SCRATCH:
        look_for(value, configuration.standing(context, parameter.name or ""))
    return value


def look_for(model: str, where: str) -> None:
    """Check that a model exists whose name was not typed.

    Args:
        where: the sentence that tells where the name comes from; if empty, nothing is checked.

    Raises:
        ModelFileError: there is no such model; the hint tells where its name comes from.
    """
    if not where:
        return
    from scriptbot.session import library

    try:
        library.resolve(model)
    except ModelFileError as error:
        raise ModelFileError(error.sentence, "\n".join(filter(None, [error.hint, where]))) from None


_NEVER = "--force"  # never suggested: nobody should overwrite a file on our advice


def _near(typed: str, context: click.Context | None) -> str:
    """The option that a mistyped one was probably meant to be; empty if none is near."""
    if context is None or not typed.startswith("--"):
        return ""
    known = (name for one in context.command.get_params(context) for name in (*one.opts, *one.secondary_opts))
    names = [name.removeprefix("--") for name in known if name.startswith("--") and name != _NEVER]
    return f"--{near}" if (near := meant(typed.removeprefix("--"), names)) else ""


_GIVEN = re.compile(r"(['\"])(.*)\1 is not")  # how click's messages quote a value that makes no sense


def _mistake(error: click.UsageError, hint: str) -> UsageError:
    match error:
        case click.NoSuchOption(option_name=name):
            near = _near(name, error.ctx)
            return UsageError(f"There is no option called “{name}”.", f"Did you mean “{near}”?" if near else hint)
        case click.BadOptionUsage() if "not take a value" in error.message:
            return UsageError(f"“{error.option_name}” takes no value.", hint)
        case click.BadOptionUsage():
            return UsageError(f"“{error.option_name}” needs a value.", hint)
        case click.MissingParameter():
            missing = error.param.human_readable_name if error.param else ""
            return UsageError(f"“{missing}” is missing.", hint)
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices), opts=[*_, name])):
            shown = name if isinstance(error.param, click.Option) else name.upper()
            known = f"It can be one of: {', '.join(map(str, choices))}."
            if what := _GIVEN.match(error.message):
                return UsageError(f"“{shown}” cannot be “{what[2]}”.", known)
            return UsageError(f"“{shown}” cannot be that.", known)
        case click.BadParameter(param=click.Parameter(type=click.types.BoolParamType(), opts=[*_, name])):
            if what := _GIVEN.match(error.message):
                return UsageError(f"“{name}” cannot be “{what[2]}”.", "It can be on or off.")
    if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return UsageError(f"“{extra[1]}” is not expected here.", hint)
    return UsageError(error.format_message(), hint)


def left_open(kind: type[Any], given: dict[str, Any]) -> frozenset[str]:
    """The names of the options of a configuration dataclass that nobody chose."""
    return frozenset(field.name for field in dataclasses.fields(kind) if given.get(field.name) is None)


def chosen(kind: type[config.Config], given: dict[str, Any]) -> config.Config:
    """The configuration with the values given, and defaults for the others; removes its names from ``given``."""
    names = [field.name for field in dataclasses.fields(kind) if field.name in given]
    values = {name: given.pop(name) for name in names}
    return kind(**{name: value for name, value in values.items() if value is not None})
