"""Every host of both planes reaches the payments operations, and moto keeps its own."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from ready_shop import error_of

NOBODY = "shop-abcdefghij"


@pytest.mark.parametrize("plane", ["bedrock-agentcore", "bedrock-agentcore-control"])
@pytest.mark.parametrize(
    "suffix",
    [
        ".eu-central-1.amazonaws.com",
        "-fips.us-east-1.amazonaws.com",
        ".us-west-2.api.aws",
        "-fips.us-west-2.api.aws",
        ".us-gov-west-1.amazonaws.com",
        ".cn-north-1.amazonaws.com.cn",
        ".cn-north-1.api.amazonwebservices.com.cn",
    ],
)
def test_both_planes_answer_on_every_host(make_world: Any, plane: str, suffix: str) -> None:
    region = suffix.split(".")[1]
    world = make_world(region, endpoint_url=f"https://{plane}{suffix}")
    with pytest.raises(ClientError) as caught:
        world.control.get_payment_manager(paymentManagerId=NOBODY)
    problem = f"Payment manager not found: {NOBODY}"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)
    arn = f"arn:aws:bedrock-agentcore:{region}:123456789012:payment-manager/{NOBODY}"
    listed = world.data.list_payment_sessions(paymentManagerArn=arn, userId="alice")
    assert listed["paymentSessions"] == []


@pytest.mark.parametrize(
    "config",
    [
        Config(use_fips_endpoint=True),
        Config(use_dualstack_endpoint=True),
        Config(use_fips_endpoint=True, use_dualstack_endpoint=True),
    ],
    ids=["fips", "dual-stack", "both"],
)
def test_endpoint_variants_of_the_client_are_served(make_world: Any, config: Config) -> None:
    world = make_world("us-east-1", config=config)
    assert world.control.list_payment_managers()["paymentManagers"] == []


def test_manager_arn_names_the_partition(make_world: Any) -> None:
    assert (
        make_world("cn-north-1")
        .manager()
        .startswith("arn:aws-cn:bedrock-agentcore:cn-north-1:123456789012:payment-manager/shop-")
    )


def test_regions_do_not_share_state(make_world: Any) -> None:
    make_world("us-east-1").manager()
    assert make_world("eu-west-1").control.list_payment_managers()["paymentManagers"] == []


def test_unknown_region_is_named(make_world: Any) -> None:
    world = make_world(
        "moon-east-1", endpoint_url="https://bedrock-agentcore.moon-east-1.amazonaws.com"
    )
    with pytest.raises(ClientError, match="Region moon-east-1 is unknown to botocore"):
        world.control.list_payment_managers()


def test_unknown_region_is_served_where_moto_allows_it(
    make_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ALLOW_NONEXISTENT_REGION", "true")
    world = make_world(
        "moon-east-1", endpoint_url="https://bedrock-agentcore.moon-east-1.amazonaws.com"
    )
    assert world.control.list_payment_managers()["paymentManagers"] == []


def test_motos_own_operations_go_on_working(aws: None) -> None:
    pytest.importorskip("moto.bedrockagentcore.responses", reason="this moto has no data plane")
    if "bedrock-agentcore-control" not in boto3.Session().get_available_services():
        pytest.skip("this botocore does not know AgentCore, and so neither does its moto")
    control = boto3.client("bedrock-agentcore-control", region_name="us-east-1")
    data = boto3.client("bedrock-agentcore", region_name="us-east-1")
    if not hasattr(data, "create_event"):
        pytest.skip("this botocore has no memory operations")
    memory = control.create_memory(name="notes", eventExpiryDuration=30)["memory"]["id"]
    event = {"memoryId": memory, "actorId": "actor", "sessionId": "session"}
    data.create_event(eventTimestamp=1, payload=[{"blob": {"a": 1}}], **event)
    assert len(data.list_events(**event)["events"]) == 1


@pytest.mark.parametrize("plane", ["bedrock-agentcore", "bedrock-agentcore-control"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/payments/noSuchOperation"),
        ("GET", "/payments/createPaymentSession"),
        ("PUT", "/payments/managers/shop-abcdefghij"),
        ("POST", "/identities/NoSuchOperation"),
    ],
)
def test_what_no_operation_has_is_unknown(aws: None, plane: str, method: str, path: str) -> None:
    import requests

    answer = requests.request(
        method, f"https://{plane}.us-east-1.amazonaws.com{path}", data="{}", timeout=5
    )
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (
        404,
        "UnknownOperationException",
    )
    assert answer.json() == {"message": "No operation has this method and path"}


def test_unknown_other_services_are_as_before(aws: None) -> None:
    import requests

    answer = requests.get("https://nosuchservice.us-east-1.amazonaws.com/payments/x", timeout=5)
    assert answer.status_code in {400, 404}


@pytest.mark.parametrize("plane", ["bedrock-agentcore", "bedrock-agentcore-control"])
def test_motos_proxy_finds_the_routes(plane: str) -> None:
    proxy = pytest.importorskip("moto.moto_proxy.proxy3", reason="moto[proxy] is not installed")
    handler = proxy.MotoRequestHandler(5005).get_handler_for_host(
        f"https://{plane}.us-east-1.amazonaws.com", "/payments/managers-list"
    )
    assert handler.__module__ == "boto3_agentcore_payments.emulator.backend.responses"
