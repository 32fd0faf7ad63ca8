"""docs/coverage.md says what the code says."""

from __future__ import annotations

import coverage_table
import pytest

from boto3_agentcore_payments.emulator.engine import operations


def documented(text):
    """Return a function with this docstring."""

    def function():
        pass

    function.__doc__ = text
    return function


def test_the_page_is_up_to_date():
    assert coverage_table.main(["--check"]) == 0, "run: python tools/coverage_table.py"


@pytest.mark.parametrize("name", operations.OPERATIONS)
def test_every_operation_says_how_it_behaves(name):
    assert coverage_table.facts(operations.OPERATIONS[name])


def test_statements_are_read_with_their_sources():
    function = documented(
        """What it does.

        Behaviour:
            - [live, sdk] One statement
              over two lines.
            - [decided] Another one.

        Raises:
            - [model] not a statement
        """
    )
    assert coverage_table.facts(function) == [
        (("live", "sdk"), "One statement over two lines."),
        (("decided",), "Another one."),
    ]


def test_a_docstring_without_the_section_has_no_statements():
    assert coverage_table.facts(documented("What it does.")) == []


@pytest.mark.parametrize("item", ["- [rumour] It works.", "- It works."])
def test_a_statement_without_a_known_source_is_refused(item):
    with pytest.raises(ValueError, match="not '- \\[source\\] statement'"):
        coverage_table.facts(documented(f"What.\n\nBehaviour:\n    {item}\n"))
