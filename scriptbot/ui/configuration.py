"""Options set by environment variables and by lines of the configuration file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from scriptbot.errors import InputError, UsageError
from scriptbot.likeness import meant


def settable(command: click.Command) -> dict[str, click.Option]:
    """The options of a command by their long names with underscores, by which the configuration knows them, too."""
    found = [option for option in command.params if isinstance(option, click.Option) and option.name != "version"]
    return {max(option.opts, key=len).lstrip("-").replace("-", "_"): option for option in found}


def name_variables(command: click.Command, name: str) -> None:
    """Let every option of a command be set by an environment variable as well.

    Args:
        name: the name of the command; empty for the session, whose SCRIPTBOT_DEBUG holds for all commands.
    """
    for typed, option in settable(command).items():
        own = "_".join(filter(None, ("SCRIPTBOT", name, typed))).upper()
        option.envvar = [own, "SCRIPTBOT_DEBUG"] if typed == "debug" else [own]


def standing(context: click.Context, name: str) -> str:
    """A sentence telling which variable or file gave a parameter its value; empty if it was neither."""
    match context.get_parameter_source(name):
        case ParameterSource.ENVIRONMENT:
            (parameter,) = (one for one in context.command.params if one.name == name)
            variable = next(filter(os.environ.get, parameter.envvar or ()))
            return in_variable(variable)
        case ParameterSource.DEFAULT_MAP:
            return in_file(place())
    return ""


def in_variable(name: str) -> str:
    """The sentence that a value comes from a variable."""
    return f"It is set by the variable {name}."


def in_file(file: Path) -> str:
    """The sentence that a value comes from a configuration file."""
    return f"It is set in the configuration file {file}."


def place() -> Path:
    """The path of the person's configuration file."""
    import platformdirs

    return Path(platformdirs.user_config_dir("scriptbot")) / "config.toml"


def file_defaults(talk: click.Command, commands: dict[str, click.Command]) -> dict[str, Any]:
    """The defaults in ``config.toml``; empty when there is no such file.

    Options of the session stand at the top, those of a command in a table of its name.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is not TOML, or names an option or a command that does not exist.
    """
    content = _configured()
    tables = {key: value for key, value in content.items() if key in commands and isinstance(value, dict)}
    plain = {key: value for key, value in content.items() if key not in tables}
    for key, value in plain.items():
        if isinstance(value, dict):
            near = meant(key, commands)
            hint = f"Did you mean “{near}”?" if near else f"A section has the name of a command: {', '.join(commands)}."
            raise UsageError(f"The configuration file {place()} has an unknown section “{key}”.", hint)
    defaults: dict[str, Any] = _known(plain, talk)
    return defaults | {name: _known(table, commands[name]) for name, table in tables.items()}


def defaults_of(command: click.Command, name: str) -> dict[str, Any]:
    """The defaults that ``config.toml`` has for one command; raises the errors of :func:`file_defaults`."""
    table = _configured().get(name)
    return _known(table, command) if isinstance(table, dict) else {}


def _configured() -> dict[str, Any]:
    path = place()
    if not path.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(f"The configuration file {path} cannot be read: {error.strerror}.") from None
    except RecursionError:
        raise UsageError(
            f"The configuration file {path} is nested too deeply.", "https://toml.io explains it."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The configuration file {path} is not valid TOML: {error}.", "https://toml.io explains it."
        ) from None
    except ValueError:  # more digits than Python reads
        raise _endless() from None


def _endless() -> UsageError:
    return UsageError(f"A number in the configuration file {place()} has more digits than any option takes.")


def _known(given: dict[str, Any], command: click.Command) -> dict[str, Any]:
    """Options by the names of their parameters, with values as they would be typed.

    Raises:
        UsageError: there is no such option, or a number has too many digits.
    """
    options = settable(command)
    result: dict[str, Any] = {}
    for key, value in given.items():
        name = key.replace("-", "_")
        if name not in options:
            near = meant(name, options)
            program = "scriptbot" if command.name in (None, "scriptbot") else f"scriptbot {command.name}"
            hint = f"Did you mean “{near}”?" if near else f"See {program} --help."
            raise UsageError(f"The configuration file {place()} has an unknown option “{key}”.", hint)
        try:
            typed = value if isinstance(value, bool) and options[name].is_flag else str(value)
            result[options[name].name or name] = typed
        except ValueError:  # more digits than Python writes, in a number that was not decimal
            raise _endless() from None
    return result
