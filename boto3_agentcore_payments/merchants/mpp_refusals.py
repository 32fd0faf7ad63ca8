"""What a chain's refusal is in MPP's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpp.errors import CredentialReplayedError, PaymentError, VerificationFailedError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.errors import SettlementError


def refused(error: SettlementError) -> PaymentError:
    """Return how pympp says that the ledger did not settle a payment."""
    if error.reason == "already_settled":
        return CredentialReplayedError(str(error))
    return VerificationFailedError(str(error))
