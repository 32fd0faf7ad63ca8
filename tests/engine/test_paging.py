"""Lists in pages: whole, stable under changes, and closed to foreign tokens."""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.engine.paging import Collection, PageTokens, take_page

INVALID = "nextToken is invalid"
WALK = 100_000


class Item:
    """Something with a number."""

    def __init__(self, sequence):
        self.sequence = sequence


def walk(shop, size, user="alice", **params):
    pages, more = [], {}
    while True:
        answer = shop.call(
            "ListPaymentSessions", **shop.of(user, maxResults=size, **params, **more)
        )
        pages.append([one["paymentSessionId"] for one in answer["paymentSessions"]])
        if "nextToken" not in answer:
            return pages
        more = {"nextToken": answer["nextToken"]}


@pytest.mark.parametrize(("size", "lengths"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (9, [5])])
def test_a_walk_sees_each_session_once_in_order(shop, size, lengths):
    created = [shop.create_session()["paymentSessionId"] for _ in range(5)]
    pages = walk(shop, size)
    assert [len(page) for page in pages] == lengths
    assert [one for page in pages for one in page] == created


def test_the_default_page_has_a_hundred(shop):
    for _ in range(101):
        shop.create_session()
    answer = shop.call("ListPaymentSessions", **shop.of())
    assert len(answer["paymentSessions"]) == 100
    assert "nextToken" in answer


@pytest.mark.parametrize("operation", ["ListPaymentSessions", "ListPaymentInstruments"])
@pytest.mark.parametrize("size", [0, -1, 1001, 2**31])
def test_a_page_has_a_size_between_1_and_1000(shop, refused, operation, size):
    message = f"maxResults must be between 1 and 1000. Received: {size}"
    with refused("ValidationException", message) as caught:
        shop.call(operation, **shop.of(maxResults=size))
    assert caught.value.members["fieldList"] == [{"name": "maxResults", "message": message}]


def test_credential_providers_come_twenty_a_page(service, refused):
    with refused("ValidationException", "maxResults must be between 1 and 20. Received: 21"):
        service.call("ListPaymentCredentialProviders", maxResults=21)


def test_managers_and_connectors_come_in_pages_too(shop):
    shop.create_manager()
    shop.create_connector(shop.manager_id)
    first = shop.call("ListPaymentManagers", maxResults=1)
    second = shop.call("ListPaymentManagers", maxResults=1, nextToken=first["nextToken"])
    assert "nextToken" not in second
    assert first["paymentManagers"] != second["paymentManagers"]
    params = {"paymentManagerId": shop.manager_id, "maxResults": 1}
    first = shop.call("ListPaymentConnectors", **params)
    second = shop.call("ListPaymentConnectors", **params, nextToken=first["nextToken"])
    assert "nextToken" not in second
    assert first["paymentConnectors"] != second["paymentConnectors"]


def token_for_more(shop):
    for _ in range(2):
        shop.create_session()
    return shop.call("ListPaymentSessions", **shop.of(maxResults=1))["nextToken"]


def test_a_token_of_another_user_is_refused(shop, refused):
    token = token_for_more(shop)
    with refused("ValidationException", INVALID) as caught:
        shop.call("ListPaymentSessions", **shop.of("bob", nextToken=token))
    assert caught.value.members["fieldList"] == [{"name": "nextToken", "message": INVALID}]


def test_a_token_of_another_operation_is_refused(shop, refused):
    with refused("ValidationException", INVALID):
        shop.call("ListPaymentInstruments", **shop.of(nextToken=token_for_more(shop)))


def test_a_token_of_another_filter_is_refused(shop, refused):
    shop.create_instrument()
    token = shop.call("ListPaymentInstruments", **shop.of(maxResults=1))["nextToken"]
    with refused("ValidationException", INVALID):
        shop.call(
            "ListPaymentInstruments",
            **shop.of(paymentConnectorId=shop.connector_id, nextToken=token),
        )


def test_a_token_of_another_manager_is_refused(shop, refused):
    other = shop.create_manager()["paymentManagerArn"]
    with refused("ValidationException", INVALID):
        shop.call(
            "ListPaymentSessions",
            userId="alice",
            paymentManagerArn=other,
            nextToken=token_for_more(shop),
        )


def test_a_token_of_another_emulator_is_refused(new_shop, refused):
    shop, other = new_shop(), new_shop(seed="another seed")
    params = {"userId": "alice", "paymentManagerArn": shop.arn}
    token = token_for_more(shop)
    with refused("ValidationException", INVALID):
        other.call("ListPaymentSessions", **params, nextToken=token)


@given(st.text(max_size=60))
def test_a_made_up_token_is_refused(token):
    with pytest.raises(ValidationException, match=INVALID):
        PageTokens("seed").read(("ListPaymentSessions",), token)


@given(st.integers(0, 2**63), st.data())
def test_a_token_with_any_character_changed_is_refused(sequence, data):
    tokens = PageTokens("seed")
    token = tokens.issue(("scope",), sequence)
    position = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[position]))
    with pytest.raises(ValidationException, match=INVALID):
        tokens.read(("scope",), token[:position] + other + token[position + 1 :])


PLACES = st.integers(0, 2**63) | st.text(max_size=128)


@given(st.lists(st.text()), PLACES)
def test_a_token_reads_as_it_was_issued_in_its_scope_only(scope, place):
    tokens = PageTokens("seed")
    token = tokens.issue(tuple(scope), place)
    assert tokens.read(tuple(scope), token) == place
    assert isinstance(json.loads(b64decode(token, validate=True)), dict)
    with pytest.raises(ValidationException, match=INVALID):
        tokens.read((*scope, ""), token)


@pytest.mark.parametrize(
    "said", [b"[]", b"1", b"{}", b'{"last":[1]}', b'{"last":1.5}', b"[" * 9999]
)
def test_a_token_that_says_something_else_is_refused(said):
    with pytest.raises(ValidationException, match=INVALID):
        PageTokens("seed").read(("scope",), b64encode(said).decode())


def test_equal_seeds_give_equal_tokens():
    assert PageTokens("seed").issue(("a",), 7) == PageTokens("seed").issue(("a",), 7)
    assert PageTokens("seed").issue(("a",), 7) != PageTokens("other").issue(("a",), 7)


class Walks(RuleBasedStateMachine):
    """Walk while others insert and delete.

    What was there from the walk's beginning to its end is seen exactly once, in order; nothing is
    seen twice; nothing is seen after it was deleted.
    """

    def __init__(self):
        super().__init__()
        self.tokens = PageTokens("seed")
        self.items = Collection()
        self.present = []
        self.numbers = count(1)
        self.begin()

    def begin(self):
        self.there_all_along = set(self.present)
        self.seen = []
        self.more = {}

    @rule(how_many=st.integers(1, 5))
    def insert(self, how_many):
        for _ in range(how_many):
            number = next(self.numbers)
            self.items.add(str(number), Item(number))
            self.present.append(number)

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def delete(self, data):
        number = data.draw(st.sampled_from(self.present))
        self.items.remove(str(number))
        self.present.remove(number)
        self.there_all_along.discard(number)

    @rule(size=st.integers(1, 4))
    def turn_the_page(self, size):
        page, self.more = take_page(self.tokens, self.more, self.items, scope=("walk",), size=size)
        numbers = [item.sequence for item in page]
        assert set(numbers) <= set(self.present)
        assert len(numbers) <= size
        self.seen += numbers
        assert self.seen == sorted(set(self.seen))
        if not self.more:
            assert self.there_all_along <= set(self.seen)
            self.begin()

    @invariant()
    def holds_what_is_present(self):
        assert [item.sequence for item in self.items] == self.present
        assert len(self.items) == len(self.present)


TestWalks = Walks.TestCase
TestWalks.settings = settings(deadline=None, max_examples=50)


def fill(shop, user, how_many):
    params = shop.of(user, expiryTimeInMinutes=60)
    for _ in range(how_many):
        shop.call("CreatePaymentSession", **params)


def page_work(shop, **params):
    """Return how many lines of Python one page of a hundred takes."""
    lines = 0

    def count_lines(frame, event, argument):
        nonlocal lines
        lines += event == "line"
        return count_lines

    request = shop.of(maxResults=100, **params)
    before = sys.gettrace()
    sys.settrace(count_lines)
    try:
        shop.call("ListPaymentSessions", **request)
    finally:
        sys.settrace(before)
    return lines


def test_a_walk_over_100_000_sessions_sees_each_once_and_its_end_is_as_cheap_as_its_start(shop):
    fill(shop, "alice", WALK)
    seen, more, last = set(), {}, {}
    while True:
        answer = shop.call("ListPaymentSessions", **shop.of(maxResults=1000, **more))
        seen.update(one["paymentSessionId"] for one in answer["paymentSessions"])
        if "nextToken" not in answer:
            break
        more = last = {"nextToken": answer["nextToken"]}
    assert len(seen) == WALK
    assert page_work(shop, **last) < 1.5 * page_work(shop)


def test_other_users_sessions_cost_nothing(new_shop):
    quiet, busy = new_shop(), new_shop()
    for shop in (quiet, busy):
        fill(shop, "alice", 200)
    fill(busy, "bob", 20_000)
    assert page_work(busy) == page_work(quiet)
