"""aiobotocore and aioboto3, unchanged: clients, paginators, waiters, errors."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from running_server import Serving

aiobotocore_session = pytest.importorskip(
    "aiobotocore.session", reason="needs aiobotocore: run nox -s aio aioboto3"
)

ROLE = "arn:aws:iam::123456789012:role/payments"


@pytest.fixture(params=["aiobotocore", "aioboto3"])
def client(request: pytest.FixtureRequest, serving: Serving) -> Callable[[str], Any]:
    """A function that makes an asynchronous client of a service."""
    if request.param == "aiobotocore":
        make = aiobotocore_session.get_session().create_client
    else:
        aioboto3 = pytest.importorskip("aioboto3", reason="needs aioboto3: run nox -s aioboto3")
        make = aioboto3.Session().client
    options = {
        "endpoint_url": serving.url,
        "region_name": "us-west-2",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    return lambda service: make(service, **options)


async def make_manager(client: Callable[[str], Any]) -> str:
    async with client("bedrock-agentcore-payments-control") as control:
        made = await control.create_payment_manager(
            name="shop", authorizerType="AWS_IAM", roleArn=ROLE
        )
        waiter = control.get_waiter("payment_manager_ready")
        await waiter.wait(paymentManagerId=made["paymentManagerId"])
        return str(made["paymentManagerArn"])


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        return await work()

    return asyncio.run(whole())


def test_a_waiter_waits(client: Callable[[str], Any]) -> None:
    assert run(lambda: make_manager(client)).startswith("arn:aws:bedrock-agentcore:us-west-2:")


def test_a_paginator_walks_every_page(client: Callable[[str], Any]) -> None:
    async def work() -> tuple[list[str], list[str]]:
        arn = await make_manager(client)
        async with client("bedrock-agentcore-payments") as payments:
            answers = await asyncio.gather(
                *(
                    payments.create_payment_session(
                        paymentManagerArn=arn, userId="alice", expiryTimeInMinutes=60
                    )
                    for _ in range(5)
                )
            )
            made = [answer["paymentSession"]["paymentSessionId"] for answer in answers]
            pages = payments.get_paginator("list_payment_sessions").paginate(
                paymentManagerArn=arn, userId="alice", PaginationConfig={"PageSize": 2}
            )
            listed = [
                session["paymentSessionId"]
                async for page in pages
                for session in page["paymentSessions"]
            ]
            return made, listed

    made, listed = run(work)
    assert len(made) == 5
    assert sorted(made) == sorted(listed)


def test_a_modelled_error_is_raised(client: Callable[[str], Any]) -> None:
    async def work() -> None:
        arn = await make_manager(client)
        async with client("bedrock-agentcore-payments") as payments:
            await payments.get_payment_session(
                paymentManagerArn=arn,
                userId="alice",
                paymentSessionId="payment-session-000000000000000",
            )

    with pytest.raises(ClientError) as refused:
        run(work)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert type(refused.value).__name__ == "ResourceNotFoundException"


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the example is written for 3.10 on")
def test_the_example_runs(serving: Serving, environment: dict[str, str]) -> None:
    example = Path(__file__).parent.parent.parent / "examples" / "async_sessions.py"
    ran = subprocess.run(
        [sys.executable, str(example), serving.url],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.count("payment-session-") == 3
