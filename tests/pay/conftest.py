"""Fixtures around ``pay_world``: a service, shops, payers, and the three clients."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pay_world

from pay_world import ARN, FETCHERS, SESSION, WALLET, Service, Shop

collect_ignore_glob: list[str] = []
if sys.version_info < (3, 10):  # x402 takes Python 3.10
    collect_ignore_glob += ["test_*.py"]
elif sys.version_info < (3, 11):  # and pympp 3.11
    collect_ignore_glob += ["test_mcp.py", "test_mpp.py", "test_emulator.py"]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def shops():
    opened: list[Shop] = []

    def open_shop() -> Shop:
        opened.append(Shop())
        return opened[-1]

    yield open_shop
    for each in opened:
        each.close()


@pytest.fixture
def shop(shops) -> Shop:
    return shops()


@pytest.fixture
def new_payer(service):
    from boto3_agentcore_payments.pay import Payer

    made: list[Payer] = []

    def new(client: Any = None, **options: Any) -> Payer:
        arguments: dict[str, Any] = {
            "payment_manager_arn": ARN,
            "payment_session_id": SESSION,
            "payment_instrument_ids": [WALLET],
            "user_id": "alice",
            "max_price": "0.05",
            "allow_private": True,
            **options,
        }
        made.append(Payer(client or service, **arguments))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture(params=FETCHERS)
def fetch(request):
    """Fetch a URL through each of the three clients."""
    return FETCHERS[request.param]
