"""Flags derived from the configuration dataclasses, and their defaults from the configuration file."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from scriptbot import config
from scriptbot.errors import InputError, UsageError

Function = TypeVar("Function", bound=Callable[..., Any])


def flags(kind: type[Any], *, skip: tuple[str, ...] = ()) -> Callable[[Function], Function]:
    """A decorator that gives a command one flag per field of a configuration dataclass."""

    def decorate(function: Function) -> Function:
        for field in reversed(dataclasses.fields(kind)):
            if field.name not in skip:
                function = _flag(field)(function)
        return function

    return decorate


def _flag(field: dataclasses.Field[Any]) -> Callable[[Function], Function]:
    name = field.name.replace("_", "-")
    if str(field.type).startswith("bool"):
        return click.option(f"--{name}/--no-{name}", field.name, default=None, help=field.metadata["help"])

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        return None if value is None else config.parse(field, value)

    shown = "auto" if field.default is None else field.default
    help = f"{field.metadata['help']}  [{shown}]"
    metavar = "N" if str(field.type).startswith("int") else "X"
    return click.option(f"--{name}", field.name, type=str, metavar=metavar, callback=read, help=help)


def chosen(kind: type[config.Config], given: dict[str, Any]) -> config.Config:
    """The configuration made of the values given and the defaults; removes its names from ``given``."""
    names = [field.name for field in dataclasses.fields(kind) if field.name in given]
    values = {name: given.pop(name) for name in names}
    return kind(**{name: value for name, value in values.items() if value is not None})


def file_defaults() -> dict[str, Any]:
    """What ``config.toml`` says; empty when there is none.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is no TOML.
    """
    import platformdirs

    path = Path(platformdirs.user_config_dir("scriptbot")) / "config.toml"
    if not path.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return {key.replace("-", "_"): value for key, value in tomllib.loads(path.read_text("utf-8")).items()}
    except OSError as error:
        raise InputError(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise UsageError(f"The configuration {path} is no valid TOML: {error}.") from None
