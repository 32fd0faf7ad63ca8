"""Clients as any caller has them, and the resources to call them with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> Iterator[Any]:
    """boto3 clients inside ``mock_aws``, and what most rules begin with."""
    pytest.importorskip("moto", reason="the emulator lives in moto")
    from moto import mock_aws
    from ready_shop import ClientShop

    with mock_aws():
        yield ClientShop("us-west-2")
