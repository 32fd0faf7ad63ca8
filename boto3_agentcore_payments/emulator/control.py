"""What a test may do to the emulated service that no client of it can.

The same verbs are served under ``/moto-api/agentcore-payments/`` for tests in other processes and
languages; see ``emulator.backend.control_urls``.
"""

from __future__ import annotations

from boto3_agentcore_payments.emulator import install
from boto3_agentcore_payments.emulator.backend.verbs import DEFAULT_ACCOUNT, DEFAULT_REGION, Verbs

__all__ = ["PaymentsControl"]


class PaymentsControl(Verbs):
    """Controls the emulated service of one account and region, in this process.

    Args:
        account_id: The account, twelve digits; moto's default one if not given.
        region: The region.

    Raises:
        ValueError: if botocore knows no such region.
        MissingExtraError: if moto is not installed.
    """

    def __init__(self, account_id: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> None:
        install()
        super().__init__(account_id, region)
