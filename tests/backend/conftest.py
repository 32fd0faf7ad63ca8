"""Clients inside ``mock_aws``, and what most of these tests begin with."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from ready_shop import ClientShop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Keep the machine's own AWS configuration out."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws() -> Iterator[None]:
    """Run the test inside ``mock_aws``."""
    with mock_aws():
        yield


@pytest.fixture
def world(aws: None) -> ClientShop:
    """The default region's clients, inside ``mock_aws``."""
    return ClientShop()


@pytest.fixture
def make_world(aws: None) -> type[ClientShop]:
    """Make worlds of other regions or with other client arguments."""
    return ClientShop


@pytest.fixture
def world_at() -> type[ClientShop]:
    """Make worlds outside ``mock_aws``, for servers."""
    return ClientShop


def _segment(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


@pytest.fixture
def unsigned_token() -> Callable[..., str]:
    """Make a JWT whose signature is not checked."""

    def make(**claims: Any) -> str:
        header = {"alg": "RS256", "typ": "JWT"}
        return f"{_segment(header)}.{_segment(claims)}.c2lnbmF0dXJl"

    return make


@pytest.fixture
def with_bearer() -> Callable[[Any, str], Any]:
    """Make a client send a bearer token instead of its signature, as AWS's SDK does."""

    def register(client: Any, token: str) -> Any:
        def replace(request: Any, **_: Any) -> None:
            request.headers["Authorization"] = f"Bearer {token}"

        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{service}.*", replace)
        return client

    return register
