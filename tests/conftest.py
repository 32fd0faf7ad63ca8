"""What every test starts from: made-up credentials, and no network beyond this machine."""

from __future__ import annotations

import socket

import pytest

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SECURITY_TOKEN": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_SETTINGS = (
    "AWS_CONFIG_FILE",
    "AWS_DATA_PATH",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD",
)
_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 (compared with, not bound to)

_connect = socket.socket.connect


def _connect_locally(self: socket.socket, address: object) -> None:
    """Let connections to this machine through; refuse others and name the address."""
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOCAL):
        raise RuntimeError(f"a test must not connect to {address}")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def _no_real_aws() -> object:
    """Keep the machine's AWS configuration and the network out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _SETTINGS:
            patch.delenv(name, raising=False)
        for name, value in _CREDENTIALS.items():
            patch.setenv(name, value)
        patch.setattr(socket.socket, "connect", _connect_locally)
        yield
