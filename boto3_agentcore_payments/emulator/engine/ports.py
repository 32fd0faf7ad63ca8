"""The protocols through which the engine uses everything outside it.

The engine decides *whether* a payment happens (ownership, budget, idempotency, expiry). The
implementations of these protocols decide the rest: what a payment *is* and how it is signed, what a
wallet vendor's token looks like, where a caller's secrets are, and how soon a status changes. They
are in ``emulator.proofs`` and ``emulator.backend``; a test may pass any other object of the same
shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from boto3_agentcore_payments.errors import AgentCorePaymentsError, MissingExtraError

if TYPE_CHECKING:
    from datetime import datetime


DEFAULT_SEED = "boto3-agentcore-payments"
"""Default seed, from which test keys, page tokens and ids are derived."""


@dataclass(frozen=True)
class WalletKey:
    """Names one deterministic test wallet; holds no key material.

    Attributes:
        seed: The emulator's seed.
        identity: What distinguishes this wallet from all others of the same seed.
        network: ``ETHEREUM`` or ``SOLANA`` (model: ``CryptoWalletNetwork``).
        vendor: The vendor's name in messages, e.g. ``Coinbase``; the key does not depend on it.
        mpp_methods: MPP methods that the vendor's wallets can pay with; ``None`` for all.
    """

    seed: str = field(repr=False)
    identity: str
    network: str
    vendor: str = ""
    mpp_methods: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SignedProof:
    """A proof as ProcessPayment returns it, and what the ledger keeps of it.

    Attributes:
        payment_output: The content of the ``paymentOutput`` member that the payment type names.
        proof_id: What makes this authorization single-use where it is settled: the EIP-3009
            nonce, the Permit2 nonce, the Solana transaction's signature; or the id of a payment
            on the AWS bill.
    """

    payment_output: dict[str, Any] = field(repr=False)
    proof_id: str


class ProofSigningError(AgentCorePaymentsError):
    """Signing failed after the payload was accepted.

    Args:
        step: The step that failed, in words for the caller; never key material.
    """

    def __init__(self, step: str) -> None:
        self.step = step
        super().__init__(f"Payment proof could not be signed: {step}")


@dataclass(frozen=True)
class Prepared:
    """A payment whose payload obeys every rule but which is not signed yet.

    Attributes:
        amount: Atomic units of the asset; 10**-8 US dollars on the AWS bill.
        charge: What the session is charged when it is signed, in 10**-8 US dollars.
        network: CAIP-2 name of the chain, e.g. ``eip155:84532``; ``aws:base`` on the AWS bill.
        chain: The model's ``BlockchainChainId`` if it lists this network, else ``None``.
        asset: Token address on that chain; ``iso4217:USD`` on the AWS bill.
        pay_to: Recipient's address; a product id of AWS Marketplace on the AWS bill.
        payer: The payer's own address; the account on the AWS bill.
        scheme: The x402 scheme or MPP intent, e.g. ``exact`` or ``charge``.
        step: The name of the signing step in an error, in words for the caller.
        signer: The function that signs; it holds the key, so it is never shown.
        captured: Whether signing already moves the money, as on the AWS bill.
    """

    amount: int
    charge: int
    network: str
    chain: str | None
    asset: str
    pay_to: str
    payer: str
    scheme: str
    step: str = field(repr=False)
    signer: Callable[[], SignedProof] = field(repr=False, compare=False)
    captured: bool = False

    def sign(self) -> SignedProof:
        """Sign the payment.

        Raises:
            ProofSigningError: if the signer fails; it names the step. Neither its text nor its
                context holds key material, whatever the library put in its own error.
            MissingExtraError: if a library that the signature needs is not installed.
        """
        try:
            return self.signer()
        except MissingExtraError:
            raise
        except Exception:  # noqa: BLE001, S110 - any library error becomes the one below
            pass
        # Raised outside the handler: a chained library error could carry the key it was given.
        raise ProofSigningError(self.step)


class PaymentType(Protocol):
    """One payment type: its place in a request, what it needs, and how a payment is prepared.

    Attributes:
        name: A value of the model's ``PaymentType``, e.g. ``CRYPTO_X402``.
        input_member: Its member of ``paymentInput``.
        output_member: Its member of ``paymentOutput``.
        takes_wallet: Whether the instrument's wallet pays.
    """

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def input_member(self) -> str:
        """Member of ``paymentInput``."""
        ...

    @property
    def output_member(self) -> str:
        """Member of ``paymentOutput``."""
        ...

    @property
    def takes_wallet(self) -> bool:
        """Whether the instrument's wallet pays."""
        ...

    def look_up(self, payment_input: Any, *, now: datetime) -> Any:
        """Look up what :meth:`prepare` needs and may have to wait for, e.g. a seller's keys.

        Called before any lock is taken, so it may call back into the emulator. It refuses
        nothing: the return value says what could not be found, so that :meth:`prepare` can refuse
        it in the service's order. Not called for a repeated ``clientToken``.

        Args:
            payment_input: The content of :attr:`input_member`, not checked yet.
            now: Timezone-aware service time.

        Returns:
            Anything; ``None`` for a type that needs nothing.
        """
        ...

    def prepare(
        self,
        payment_input: Any,
        *,
        wallet: WalletKey | None,
        found: Any,
        now: datetime,
    ) -> Prepared:
        """Check the payload and return what would be signed; change nothing.

        Args:
            payment_input: The content of :attr:`input_member`.
            wallet: The wallet that pays; ``None`` for a type that takes no wallet.
            found: What :meth:`look_up` returned.
            now: Timezone-aware service time; validity windows are counted from it.

        Raises:
            ValidationException: if the payload breaks a rule; in the documented order and wording.
            MissingExtraError: if a library this kind of payment needs is not installed.
        """
        ...


class PaymentProver(Protocol):
    """The emulated payment types, and the wallets' addresses.

    Attributes:
        payment_types: The types by name; any other is refused as not emulated.
    """

    @property
    def payment_types(self) -> Mapping[str, PaymentType]:
        """The emulated payment types by name."""
        ...

    def wallet_address(self, wallet: WalletKey) -> str:
        """Return the wallet's public address: EVM checksum form or Solana base58.

        Raises:
            MissingExtraError: if the library for that kind of wallet is not installed.
        """
        ...


@dataclass(frozen=True)
class VendorCredentials:
    """A credential provider's values, by the members that requests name them with.

    Attributes:
        names: Values that may be shown: ``apiKeyId``, or ``appId`` and ``authorizationId``.
        secrets: Values that may not: ``apiKeySecret`` and ``walletSecret``, or ``appSecret`` and
            ``authorizationPrivateKey``; each as the caller stored it.
    """

    names: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


class VendorTokens(Protocol):
    """Makes tokens for the wallet vendors' own APIs."""

    def issue(
        self,
        vendor: str,
        request: Mapping[str, Any],
        credentials: VendorCredentials,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        """Return the content of the vendor's member of ``paymentTokenResponse``.

        Args:
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.
            request: The content of the vendor's member of ``paymentTokenRequest``;
                ``requestHost`` may be missing.
            credentials: The provider's credentials to sign with.
            now: Timezone-aware service time.

        Raises:
            ValidationException: if no token can be made for the request.
            MissingExtraError: if the library that signs is not installed.
        """
        ...

    def problem_of(self, vendor: str, member: str, value: str) -> str | None:
        """Return what is wrong with a secret's form, in words that quote nothing of it.

        Args:
            vendor: ``CoinbaseCDP`` or ``StripePrivy``.
            member: The secret's member, e.g. ``apiKeySecret``.
            value: Its value.

        Raises:
            MissingExtraError: if the library that reads keys is not installed.
        """
        ...

    def managed_secret(self, vendor: str, kind: str, identity: str) -> str:
        """Return a test secret as the vendor would issue it to a QUICK_CREATE connector.

        Args:
            vendor: ``CoinbaseCDP``.
            kind: ``API_KEY`` or ``WALLET_SECRET`` (model: ``CoinbaseCdpSecret``).
            identity: What distinguishes this secret from all others, including the seed; the same
                identity gives the same secret.
        """
        ...


SecretReader = Callable[[str, str], str]
"""Called with the secret's id or ARN and the JSON key; returns the value, or raises LookupError."""


class ServiceRoleReader(Protocol):
    """Knows the IAM roles of an account that the service uses."""

    def can_assume(self, role_arn: str, source_arn: str) -> bool:
        """Return whether a role exists and trusts the service.

        Args:
            role_arn: The role.
            source_arn: The resource it is assumed for, ``aws:SourceArn``.
        """
        ...

    def allows(self, role_arn: str, action: str, resource: str) -> bool:
        """Return whether a role's own policies allow an action on a resource."""
        ...

    def service_linked(self, service: str) -> str | None:
        """Return the ARN of the account's service-linked role for a service, or ``None``.

        Args:
            service: The service's principal, e.g. ``agenticcommerce.marketplace.amazonaws.com``.
        """
        ...


class Lifecycle(Protocol):
    """The status of one resource.

    Attributes:
        held: Whether a test holds the resource in its status.
    """

    @property
    def held(self) -> bool:
        """Whether a test holds the resource in its status."""
        ...

    def current(self) -> str:
        """Return the current status, after any transition that is due; not counted as a read."""
        ...

    def observe(self) -> str:
        """Count one read by a client, then return the current status."""
        ...

    def answered(self) -> str:
        """Return the status of the last answer, however long ago; make no transition."""
        ...

    def begin(self, status: str) -> None:
        """Enter a status, end any hold, and follow the transitions from there."""
        ...

    def force(self, status: str) -> None:
        """Put the resource into any status and hold it there until :meth:`release`."""
        ...

    def release(self) -> None:
        """End a hold; transitions continue from the held status."""
        ...


Transitions = tuple[tuple[str, str], ...]
"""(from, to) pairs of statuses."""

LifecycleFactory = Callable[[str, Transitions, str], Lifecycle]
"""Called with the model name, the transitions and the first status."""


class Journal(Protocol):
    """Who is told which rows of a state changed; called with the state's lock held."""

    def performed(
        self, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Note an operation that succeeded."""
        ...

    def settled(self, process_payment_id: str, chain: str, addresses: tuple[str, str]) -> None:
        """Note a payment whose money moved between two addresses on a chain."""
        ...
