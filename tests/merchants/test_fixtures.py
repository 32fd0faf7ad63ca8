"""The merchants as pytest fixtures."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import requests

pytest_plugins = ["boto3_agentcore_payments.merchants.fixtures"]
opened: list[str] = []


# pympp takes Python 3.11.
KINDS = ["x402_merchant", *(["mpp_merchant"] if sys.version_info >= (3, 11) else [])]


@pytest.mark.parametrize("kind", KINDS)
def test_fixture_opens_a_merchant(kind: str, request: pytest.FixtureRequest) -> None:
    open_shop: Any = request.getfixturevalue(kind)
    shops = [open_shop(price="0.01"), open_shop(price="0.02")]
    for shop in shops:
        assert requests.get(shop.url, timeout=10).status_code == 402
        opened.append(shop.url)
    assert shops[0].url != shops[1].url


def test_merchants_are_closed_when_their_test_ends() -> None:
    assert opened
    for url in opened:
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)
