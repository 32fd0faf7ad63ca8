"""AgentCore payments, emulated inside moto.

Where start-up activation is on, importing moto is enough and nothing here needs to be called.
:func:`install` is the explicit way. Importing this package imports neither moto nor botocore.
"""

from __future__ import annotations

from boto3_agentcore_payments.errors import MissingExtraError

__all__ = ["install"]


def install(*, prefer_moto: bool | None = None) -> None:
    """Make moto answer the payments operations, in this process.

    Safe to call any number of times, before or after moto is imported, and inside a running
    ``mock_aws``. A ``ThreadedMotoServer`` that has already answered a request for an AgentCore
    host keeps the routes it has; call this before it starts.

    Args:
        prefer_moto: Where moto should one day implement a payments operation itself, let moto
            answer it. By default this package answers, and says so in the log; environment
            variable ``BOTO3_AGENTCORE_PAYMENTS_PREFER_MOTO=1`` changes the default.

    Raises:
        MissingExtraError: if moto is not installed.
    """
    from boto3_agentcore_payments.emulator.activation import install as install_into_moto
    from boto3_agentcore_payments.emulator.preference import prefer_moto as choose

    try:
        import moto.backend_index  # noqa: F401 - extended when it is imported
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "moto":
            raise
        raise MissingExtraError("The emulator", extra="emulator", module="moto") from error
    if prefer_moto is not None:
        choose(prefer_moto)
    install_into_moto()
