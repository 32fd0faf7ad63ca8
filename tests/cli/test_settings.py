"""Options from the command line, the environment and a profile file."""

from __future__ import annotations

import argparse

import pytest

from boto3_agentcore_payments.cli import settings
from boto3_agentcore_payments.cli.settings import Option
from boto3_agentcore_payments.errors import CommandError

OPTIONS = (
    Option("max-price", "", "USD"),
    Option("session", "", "ID"),
    Option("new-session", "", "USD", instead_of="session"),
    Option("instrument", "", "ID", repeats=True),
    Option("json", ""),
)


@pytest.fixture
def settle(tmp_path):
    """Settle a command line, an environment and a profile file in the home directory."""

    def run(*line: str, file: str | None = None, **environ: str) -> settings.Settings:
        if file is not None:
            (tmp_path / settings.FILE).write_text(file)
        parser = argparse.ArgumentParser()
        settings.add_options(parser, OPTIONS)
        names = {settings.PREFIX + name: value for name, value in environ.items()}
        return settings.settle(parser.parse_args(line), OPTIONS, {"HOME": str(tmp_path), **names})

    return run


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(settle):
    file = "[default]\nmax-price = 3\nsession = c\njson = yes\n"
    found = settle("--max-price", "1", file=file, MAX_PRICE="2", SESSION="b")
    assert (found.text("max_price"), found.text("session"), found.on("json")) == ("1", "b", True)


def test_nothing_said_is_nothing(settle):
    found = settle()
    assert (found.text("max_price"), found.all("instrument"), found.on("json")) == (None, (), False)


def test_repeated_option_has_one_value_a_line(settle):
    assert settle(INSTRUMENT="a\nb\n").all("instrument") == ["a", "b"]
    assert settle(file="[default]\ninstrument =\n  a\n  b\n").all("instrument") == ["a", "b"]
    assert settle("--instrument", "a", "--instrument", "b", INSTRUMENT="c").all("instrument") == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(("word", "on"), [("1", True), ("YES", True), ("off", False), ("0", False)])
def test_switch_in_the_environment(settle, word, on):
    assert settle(JSON=word).on("json") is on


def test_switch_with_another_value_is_refused(settle):
    with pytest.raises(CommandError, match="json is a switch: 1 or 0, not 'maybe'"):
        settle(JSON="maybe")


def test_profile_is_chosen_by_name(settle):
    file = "[default]\nsession = a\n[work]\nsession = b\n"
    assert settle("--profile", "work", file=file).text("session") == "b"
    assert settle(file=file, PROFILE="work").text("session") == "b"


def test_percent_signs_stand_for_themselves(settle):
    assert settle(file="[default]\nsession = %(x)s\n").text("session") == "%(x)s"


def test_unknown_profile_is_refused(settle):
    with pytest.raises(CommandError, match="there is no profile 'work' in "):
        settle("--profile", "work", file="[default]\n")
    with pytest.raises(CommandError, match="there is no profile 'work'"):
        settle("--profile", "work", "--config", "/dev/null")


def test_profile_without_a_file_is_refused(settle):
    with pytest.raises(CommandError, match="there is no profile 'work': no file "):
        settle(PROFILE="work")


def test_file_that_was_asked_for_must_be_there(settle, tmp_path):
    with pytest.raises(FileNotFoundError):
        settle("--config", str(tmp_path / "nothing"))


def test_unknown_option_in_a_file_is_refused(settle):
    with pytest.raises(CommandError, match="unknown option 'max-prize'; there are max-price, "):
        settle(file="[default]\nmax-prize = 3\n")


def test_file_of_another_kind_is_refused(settle):
    with pytest.raises(CommandError, match="is not a profile file"):
        settle(file="max-price: 3\n")


@pytest.mark.parametrize("order", [1, -1])
def test_two_options_of_one_source_that_exclude_each_other_are_refused(settle, order):
    line = ["--session=a", "--new-session=1"][::order]
    with pytest.raises(CommandError, match="the command line has both new-session and session"):
        settle(*line)


def test_stronger_source_wins_between_options_that_exclude_each_other(settle):
    found = settle("--session", "a", NEW_SESSION="1")
    assert (found.text("session"), found.text("new_session")) == ("a", None)
    found = settle("--new-session", "1", SESSION="a")
    assert (found.text("session"), found.text("new_session")) == (None, "1")
