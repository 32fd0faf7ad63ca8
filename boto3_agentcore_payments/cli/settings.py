"""Options of a command that are also environment variables and lines of a profile file.

The first source that has a value wins: the command line, ``AGENTCORE_PAYMENTS_<OPTION>``, then
the chosen profile of the file. The file is an INI file, ``~/.agentcore-payments.ini`` by default,
with one section for each profile and the options' names in it:

    [default]
    manager = arn:aws:bedrock-agentcore:us-west-2:111122223333:payment-manager/shop-abcdefghij
    instrument = payment-instrument-abcdefghijklmno
    user = alice
    max-price = 0.02

An option that may be repeated has one value on each line. Put no secrets into the file.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boto3_agentcore_payments.errors import CommandError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

PREFIX = "AGENTCORE_PAYMENTS_"
"""Prefix of the environment variables."""
FILE = ".agentcore-payments.ini"
"""The profile file, in the home directory."""

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True)
class Option:
    """An option of a command.

    Attributes:
        name: As on the command line without its dashes, e.g. ``max-price``.
        help: What it does.
        metavar: What stands for its value in the help; ``None`` for a switch.
        short: A one-letter name, with its dash.
        repeats: Whether it may be given several times.
        instead_of: Another option that cannot be given with it.
    """

    name: str
    help: str
    metavar: str | None = None
    short: str | None = None
    repeats: bool = False
    instead_of: str | None = None

    @property
    def key(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.key.upper()


@dataclass(frozen=True)
class Settings:
    """The settings of a command, from all sources.

    Attributes:
        texts: Values by the options' names in Python.
        lists: Values of options that may be repeated.
        switches: Names of the switches that are on.
    """

    texts: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    switches: frozenset[str]

    def text(self, key: str) -> str | None:
        """Return a value, or ``None`` if no source has one."""
        return self.texts.get(key)

    def all(self, key: str) -> Sequence[str]:
        """Return every value of an option that may be repeated."""
        return self.lists.get(key, ())

    def on(self, key: str) -> bool:
        """Return whether a switch is on."""
        return key in self.switches


def add_options(parser: argparse.ArgumentParser, options: Sequence[Option]) -> None:
    """Add options to a command, and those that choose file and profile."""
    for option in options:
        names = [option.short] if option.short else []
        names.append(f"--{option.name}")
        if option.metavar is None:
            parser.add_argument(*names, help=option.help, action="store_true", dest=option.key)
        else:
            parser.add_argument(
                *names,
                help=option.help,
                metavar=option.metavar,
                action="append" if option.repeats else "store",
                dest=option.key,
            )
    parser.add_argument("--profile", metavar="NAME", help="profile of the file (default: default)")
    parser.add_argument("--config", metavar="FILE", help=f"the profile file (default: ~/{FILE})")


def settle(
    arguments: argparse.Namespace,
    options: Sequence[Option],
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Combine command line, environment and profile file into the settings that apply.

    Args:
        arguments: The parsed command line.
        options: The command's options.
        environ: The environment; by default that of this process.

    Raises:
        CommandError: if a file, a profile, an option in it or a switch's value is not understood,
            or one source gives two options that exclude each other.
    """
    environment = os.environ if environ is None else environ
    sources = [
        ("the command line", _given(arguments, options)),
        ("the environment", _in_environment(environment, options)),
        _in_file(arguments, environment, options),
    ]
    found: dict[str, Sequence[str]] = {}
    for source, values in sources:
        taken = {**found}
        for option in options:
            if option.key not in values or option.key in found:
                continue
            rival = (option.instead_of or "").replace("-", "_")
            if rival and rival in values and rival not in found:
                raise CommandError(
                    f"{source} has both {option.name} and {option.instead_of}; give one"
                )
            if not _beaten(option, options, found):
                taken[option.key] = values[option.key]
        found = taken
    return Settings(
        texts={
            option.key: found[option.key][0]
            for option in options
            if option.metavar is not None and not option.repeats and option.key in found
        },
        lists={
            option.key: found[option.key]
            for option in options
            if option.repeats and option.key in found
        },
        switches=frozenset(
            option.key
            for option in options
            if option.metavar is None
            and option.key in found
            and _is_on(option.name, found[option.key][0])
        ),
    )


def _beaten(option: Option, options: Sequence[Option], found: Mapping[str, object]) -> bool:
    """Return whether a stronger source gave the other of two options that exclude each other."""
    return any(
        other.key in found
        for other in options
        if other.name == option.instead_of or other.instead_of == option.name
    )


def _given(arguments: argparse.Namespace, options: Sequence[Option]) -> dict[str, Sequence[str]]:
    values: dict[str, Sequence[str]] = {}
    for option in options:
        value = getattr(arguments, option.key)
        if value is True:
            values[option.key] = ["1"]
        elif isinstance(value, list):
            values[option.key] = value
        elif isinstance(value, str):
            values[option.key] = [value]
    return values


def _in_environment(
    environ: Mapping[str, str], options: Sequence[Option]
) -> dict[str, Sequence[str]]:
    return {
        option.key: _values(option, environ[option.variable])
        for option in options
        if environ.get(option.variable)
    }


def _in_file(
    arguments: argparse.Namespace, environ: Mapping[str, str], options: Sequence[Option]
) -> tuple[str, dict[str, Sequence[str]]]:
    path = arguments.config or environ.get(f"{PREFIX}CONFIG")
    profile = arguments.profile or environ.get(f"{PREFIX}PROFILE")
    file = Path(path) if path else _home_file(environ)
    if file is None or (path is None and not file.exists()):
        if profile:
            raise CommandError(f"there is no profile {profile!r}: no file {file or FILE}")
        return "no file", {}
    # A name that no section can have, so that [DEFAULT] is a profile like any other.
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        with file.open(encoding="utf-8") as lines:
            parser.read_file(lines)
    except (configparser.Error, UnicodeDecodeError) as error:
        raise CommandError(f"{file} is not a profile file: {error}") from error
    section = profile or "default"
    if not parser.has_section(section):
        if profile is None:
            return str(file), {}
        raise CommandError(f"there is no profile {profile!r} in {file}")
    names = {option.key: option for option in options}
    values: dict[str, Sequence[str]] = {}
    for name, value in parser.items(section):
        option = names.get(name.replace("-", "_"))
        if option is None:
            known = ", ".join(each.name for each in options)
            raise CommandError(f"{file} has an unknown option {name!r}; there are {known}")
        if value:
            values[option.key] = _values(option, value)
    return f"{file} [{section}]", values


def _home_file(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 (no error without a home)
    return None if home == "~" else Path(home) / FILE


def _values(option: Option, text: str) -> Sequence[str]:
    """Return the values in one text: of a repeated option one a line."""
    if not option.repeats:
        return [text.strip()]
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_on(name: str, text: str) -> bool:
    word = text.lower()
    if word not in _YES | _NO:
        raise CommandError(f"{name} is a switch: 1 or 0, not {text!r}")
    return word in _YES
