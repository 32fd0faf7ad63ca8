"""How a request gets from moto's routes to an answer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
import requests
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count
from ready_shop import ACCOUNT, error_of

from boto3_agentcore_payments.emulator.backend.models import payments_backends
from boto3_agentcore_payments.emulator.wire import definitions, parsing

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of a request, in order."""
    asked: list[str] = []
    find, read = definitions.find, parsing.read_json

    def noting_find(method: str, path: str) -> Any:
        asked.append("route")
        return find(method, path)

    def noting_read(text: Any) -> Any:
        asked.append("JSON")
        return read(text)

    monkeypatch.setattr(definitions, "find", noting_find)
    monkeypatch.setattr(parsing, "read_json", noting_read)
    return asked


def test_a_payment_finds_its_route_and_decodes_its_json_once(world: Any, asked: list[str]) -> None:
    arn = world.manager()
    instrument = world.instrument(arn, world.connector(arn))
    session = world.session(arn)
    asked.clear()
    world.pay(arn, session, instrument)
    assert asked == ["route", "JSON"]


def test_a_payment_with_a_bearer_token_does_so_too(
    world: Any, asked: list[str], with_bearer: Any, unsigned_token: Any
) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob"))
    asked.clear()
    world.session(arn, user="bob")
    assert asked == ["route", "JSON"]


def test_an_operation_that_only_the_definitions_have_is_not_emulated(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = definitions.load_definition

    def newer(service_name: str) -> dict[str, Any]:
        definition = load(service_name)
        http = {"method": "POST", "requestUri": "/payments/settleEverything", "responseCode": 200}
        # A location that no operation of today has: nothing of it may be looked at.
        shape = {
            "type": "structure",
            "members": {"x": {"shape": "Version", "location": "statusCode"}},
        }
        definition["shapes"]["SettleEverythingRequest"] = shape
        definition["operations"]["SettleEverything"] = {
            "name": "SettleEverything",
            "http": http,
            "input": {"shape": "SettleEverythingRequest"},
        }
        return definition

    monkeypatch.setattr(definitions, "load_definition", newer)
    monkeypatch.setattr(definitions, "definition", functools.cache(definitions.Definition))
    url = "https://bedrock-agentcore.us-east-1.amazonaws.com/payments/settleEverything"
    for authorization in ("", "Bearer e30.e30.e30"):
        headers = {"Authorization": authorization}
        answer = requests.post(url, data=b"{}", headers=headers, timeout=5)
        assert (answer.status_code, answer.headers["x-amzn-ErrorType"], answer.json()) == (
            404,
            "UnknownOperationException",
            {"message": "Operation SettleEverything is not emulated"},
        )


@pytest.fixture
def events(world: Any) -> Iterator[list[Any]]:
    """What a listener is told of the requests of the default region."""
    told: list[Any] = []
    listeners = payments_backends[ACCOUNT][world.region].state.listeners
    listeners.add(told.append)
    yield told
    listeners.remove(told.append)


def test_a_request_that_iam_denies_is_one_event(world: Any, events: list[Any]) -> None:
    @set_initial_no_auth_action_count(0)
    def act() -> None:
        world.session("arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/shop-abc")

    with pytest.raises(ClientError) as caught:
        act()
    (event,) = events
    message = "The security token included in the request is invalid."
    assert error_of(caught.value) == ("InvalidClientTokenId", message, 403)
    assert (event.outcome, event.error_code) == ("refused", "InvalidClientTokenId")
    assert (event.error_message, event.user, event.manager_id) == (message, "alice", "shop-abc")
    assert event.request_id == caught.value.response["ResponseMetadata"]["RequestId"]


def test_a_bearer_token_that_is_not_accepted_is_one_event(
    world: Any, events: list[Any], with_bearer: Any, unsigned_token: Any
) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob", exp=1))
    events.clear()
    with pytest.raises(ClientError) as caught:
        world.session(arn)
    (event,) = events
    message = "The bearer token has expired"
    assert error_of(caught.value) == ("UnauthorizedException", message, 401)
    assert (event.outcome, event.error_code) == ("refused", "UnauthorizedException")
    assert (event.operation, event.error_message) == ("CreatePaymentSession", message)
    assert event.request_id == caught.value.response["ResponseMetadata"]["RequestId"]
