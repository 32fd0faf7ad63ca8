"""The first calls of a fresh server, many at once, while moto still imports its IAM."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from running_server import Serving

THREADS = 32
CALLS = {
    "payments": ("POST", "/payments/managers-list", "{}", "bedrock-agentcore"),
    "iam": ("POST", "/", "Action=ListRoles&Version=2010-05-08", "iam"),
    "sts": ("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", "sts"),
}


@pytest.mark.parametrize("_round", range(20))
def test_none_of_many_first_calls_fails(start_serving: Callable[..., Serving], _round: int) -> None:
    serving = start_serving()
    together = threading.Barrier(THREADS)

    def call(number: int) -> tuple[str, int]:
        name = ("payments", "iam", "payments", "sts")[number % 4]
        method, path, body, service = CALLS[name]
        scope = f"test/20260101/us-east-1/{service}/aws4_request"
        together.wait()
        status, _, _ = serving.ask(
            method,
            path,
            body,
            authorization=f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            content_type="application/x-www-form-urlencoded",
        )
        return name, status

    with ThreadPoolExecutor(THREADS) as threads:
        answered = list(threads.map(call, range(THREADS)))
    assert [(name, status) for name, status in answered if status != 200] == []
    assert serving.stop() == 0
