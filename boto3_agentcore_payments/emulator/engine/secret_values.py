"""The three ways a credential provider's secret is held; no value is ever in a ``repr``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from boto3_agentcore_payments.emulator.engine.errors import AccessDeniedException

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


class StoredSecret(Protocol):
    """One secret of a credential provider."""

    @property
    def arn(self) -> str:
        """Its ARN in AWS Secrets Manager, which answers may show."""
        ...

    @property
    def json_key(self) -> str | None:
        """Where in the secret's JSON the value is, for an EXTERNAL one; else ``None``."""
        ...

    def reveal(self, state: PaymentsState) -> str:
        """Return the value, for making a token and for nothing else."""
        ...


@dataclass(frozen=True)
class GivenSecret:
    """MANAGED: the caller gave the value."""

    arn: str
    value: str = field(repr=False)
    json_key: None = None

    def reveal(self, state: PaymentsState) -> str:
        """Return the value as it was given."""
        del state
        return self.value


@dataclass(frozen=True)
class ManagedSecret:
    """MANAGED, of a QUICK_CREATE connector: the service issued it, and rotates it on request."""

    arn: str
    vendor: str
    kind: str
    identity: str = field(repr=False)
    generation: int = 1
    json_key: None = None

    def reveal(self, state: PaymentsState) -> str:
        """Return the test secret of this generation."""
        return state.require_vendor_tokens().managed_secret(
            self.vendor, self.kind, f"{self.identity}/{self.generation}"
        )

    def rotated(self) -> ManagedSecret:
        """Return the next generation."""
        return replace(self, generation=self.generation + 1)


@dataclass(frozen=True)
class ExternalSecret:
    """EXTERNAL: the value is in a secret of the caller's own."""

    arn: str
    secret_id: str
    json_key: str

    def reveal(self, state: PaymentsState) -> str:
        """Return the value read from the caller's secret.

        Raises:
            AccessDeniedException: it cannot be read (our decision).
        """
        try:
            if state.secret_reader is not None:
                return state.secret_reader(self.secret_id, self.json_key)
        except LookupError:
            pass
        message = f"The secret {self.arn} or its key {self.json_key} cannot be read"
        raise AccessDeniedException(message)
