"""Amazon Bedrock AgentCore payments as separate boto3 clients.

After installation ``boto3.client("bedrock-agentcore-payments")`` and
``boto3.client("bedrock-agentcore-payments-control")`` work without importing anything. Importing
this package activates them where Python does not process start-up files (a directory on
``PYTHONPATH``, a frozen program) or are switched off by ``BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD=0``.
The import itself imports neither botocore nor boto3. It may happen at any time and be repeated. If
it happens before pytest starts, this word keeps pytest from warning that it can no longer rewrite
the module's assertions: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from _boto3_agentcore_payments_startup import install

if TYPE_CHECKING:
    from boto3_agentcore_payments.clients import control_client, payments_client
    from boto3_agentcore_payments.registration import register

__all__ = ["__version__", "control_client", "payments_client", "register"]

__version__: str
"""Version of the installed distribution, for example ``"0.1.0"``; looked up on first access."""

install()


def __getattr__(name: str) -> object:
    if name == "register":
        from boto3_agentcore_payments.registration import register

        return register
    if name in {"control_client", "payments_client"}:
        from boto3_agentcore_payments import clients

        return getattr(clients, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("boto3-agentcore-payments")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
