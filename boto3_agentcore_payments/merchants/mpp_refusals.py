"""Translate a ledger's refusal into MPP's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpp.errors import CredentialReplayedError, PaymentError, VerificationFailedError

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.errors import SettlementError


def refused(error: SettlementError) -> PaymentError:
    """Return pympp's error for a payment that the ledger did not settle."""
    if error.reason == "already_settled":
        return CredentialReplayedError(str(error))
    return VerificationFailedError(str(error))
