"""Let a test do to the emulated service what its clients cannot do.

The same verbs are served under ``/moto-api/agentcore-payments/`` for tests in other processes and
languages; see ``emulator.backend.control_urls``.
"""

from __future__ import annotations

from boto3_agentcore_payments.emulator import install
from boto3_agentcore_payments.emulator.backend.verbs import Verbs

__all__ = ["PaymentsControl"]


class PaymentsControl(Verbs):
    """Controls the emulated service in this process.

    The id of a manager, connector, instrument or payment is found in any account and region, and
    lists cover all of them, unless the arguments say which. If one must be chosen, it is that of
    ``AWS_DEFAULT_REGION``, as boto3 chooses it.

    Args:
        account_id: Only this account, twelve digits; if one must be chosen, moto's default one.
        region: Only this region.

    Raises:
        ValueError: if botocore knows no such region.
        MissingExtraError: if moto is not installed.
    """

    def __init__(self, account_id: str | None = None, region: str | None = None) -> None:
        install()
        super().__init__(account_id, region)
