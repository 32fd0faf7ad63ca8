"""Functions that return our clients with their types, for type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from boto3_agentcore_payments.registration import register

if TYPE_CHECKING:
    from typing import Any

    import boto3.session
    from botocore.config import Config

    from boto3_agentcore_payments.types import (
        BedrockAgentCorePaymentsClient,
        BedrockAgentCorePaymentsControlClient,
    )


def payments_client(
    session: boto3.session.Session | None = None,
    *,
    region_name: str | None = None,
    api_version: str | None = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    endpoint_url: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    config: Config | None = None,
    aws_account_id: str | None = None,
) -> BedrockAgentCorePaymentsClient:
    """Return ``boto3.client("bedrock-agentcore-payments")``, typed.

    The client is boto3's own. The arguments are those of ``boto3.client``; boto3 fills in those
    left out.

    Args:
        session: Session that makes the client; boto3's default session if ``None``. Our services
            are registered with it first, in case its loader does not search botocore's directory.
        region_name: Region, for example ``"us-west-2"``.
        api_version: Version of the API; there is one.
        use_ssl: Whether to use HTTPS; ignored if ``endpoint_url`` is given.
        verify: Whether to verify certificates, or the path of a CA bundle.
        endpoint_url: Where to send the calls, for example ``"http://127.0.0.1:5005"``.
        aws_access_key_id: Access key, in place of the session's.
        aws_secret_access_key: Secret key, in place of the session's.
        aws_session_token: Session token, in place of the session's.
        config: botocore's ``Config`` for the client.
        aws_account_id: Account of the credentials, for a boto3 that knows this argument.

    Raises:
        TypeError: if ``session`` is not a session, or ``aws_account_id`` is given to a boto3 that
            does not know it.
    """
    return cast("BedrockAgentCorePaymentsClient", _client("bedrock-agentcore-payments", **locals()))


def control_client(
    session: boto3.session.Session | None = None,
    *,
    region_name: str | None = None,
    api_version: str | None = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    endpoint_url: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    config: Config | None = None,
    aws_account_id: str | None = None,
) -> BedrockAgentCorePaymentsControlClient:
    """Return ``boto3.client("bedrock-agentcore-payments-control")``, typed.

    Args:
        session: See ``payments_client``.
        region_name: See ``payments_client``.
        api_version: See ``payments_client``.
        use_ssl: See ``payments_client``.
        verify: See ``payments_client``.
        endpoint_url: See ``payments_client``.
        aws_access_key_id: See ``payments_client``.
        aws_secret_access_key: See ``payments_client``.
        aws_session_token: See ``payments_client``.
        config: See ``payments_client``.
        aws_account_id: See ``payments_client``.

    Raises:
        TypeError: if ``session`` is not a session, or ``aws_account_id`` is given to a boto3 that
            does not know it.
    """
    made = _client("bedrock-agentcore-payments-control", **locals())
    return cast("BedrockAgentCorePaymentsControlClient", made)


def _client(service: str, session: boto3.session.Session | None, **options: Any) -> Any:
    """Return a client, passing on only the arguments that were given."""
    import boto3

    if session is not None:
        register(session)
    # boto3-stubs knows only AWS's services and would reject ours.
    make: Any = (session or boto3).client
    return make(service, **{name: given for name, given in options.items() if given is not None})
