"""JSON from outside is refused if it is nested too deeply."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boto3_agentcore_payments import json_text
from boto3_agentcore_payments.json_text import (
    MAX_NESTING,
    NestedTooDeeplyError,
    check_nesting,
    read_json,
)

TOO_DEEP = "[" * (MAX_NESTING + 1)


def depth_of(value):
    """Return how deep a value is nested."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_the_limit_is_allowed_and_one_more_is_not(pair):
    first, last = ("[", "]") if pair == "[]" else ('{"a":', "}")
    inner = "[]" if pair == "[]" else "{}"
    good = first * (MAX_NESTING - 1) + inner + last * (MAX_NESTING - 1)
    assert depth_of(read_json(good)) == MAX_NESTING
    with pytest.raises(NestedTooDeeplyError, match="more than 128 levels deep"):
        read_json(first + good + last)


def test_many_shallow_values_are_not_deep():
    text = json.dumps([{"a": [1]}] * 10_000)
    assert len(read_json(text)) == 10_000


def test_brackets_in_text_do_not_count():
    text = json.dumps(["[{" * 1000 + '"' + "\\", "]" * 5])
    assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        TOO_DEEP,
        TOO_DEEP + "]" * len(TOO_DEEP),
        '{"a":' * 1000,
        '["\\"",' * 1000,
        "[" * 100_000 + '"',
    ],
)
def test_deep_text_is_refused_whether_it_is_json_or_not(text):
    with pytest.raises(NestedTooDeeplyError):
        check_nesting(text)


@pytest.mark.parametrize(
    "text", ['"' + "\\" * 500_001, '\\"' * 300_000, '"[' * 300_000, "[]" * 500_000]
)
def test_no_text_takes_long(text):
    started = time.process_time()
    with contextlib.suppress(NestedTooDeeplyError):
        check_nesting("[" * 100 + "]" * 100 + text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("text", [b"\xff", b"", b"{", b'{"a": 1} x', "[}", "NaN", "[-Infinity]"])
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r".+"):
        read_json(text)


def test_near_the_recursion_limit_it_is_still_a_value_error(monkeypatch):
    def at_the_limit(*_args, **_options):
        raise RecursionError

    monkeypatch.setattr(json_text, "_decode", at_the_limit)
    with pytest.raises(NestedTooDeeplyError):
        read_json("[]")


def test_a_raised_recursion_limit_does_not_end_the_process():
    program = (
        "import sys; sys.setrecursionlimit(10**6)\n"
        "from boto3_agentcore_payments.json_text import read_json\n"
        "try: read_json(b'[' * 10**6)\n"
        "except ValueError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "JSON is nested more than 128 levels deep"


@given(
    st.recursive(
        st.none() | st.text(alphabet='[]{}"\\a'),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='[{"\\'), inner),
        max_leaves=200,
    )
)
def test_whatever_json_writes_is_read_as_the_library_reads_it(value):
    text = json.dumps(value)
    assert read_json(text) == value
    assert read_json(text.encode()) == value


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 400 + ".0"])
def test_a_number_no_float_can_hold_is_refused(number):
    with pytest.raises(ValueError, match="a number is out of range"):
        read_json(f'{{"exp": {number}}}')


def test_a_number_a_float_can_hold_is_read():
    assert read_json("[1e308, -0.5]") == [1e308, -0.5]
