"""Payments to sign, on every network, and the field's own libraries to judge them."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from boto3_agentcore_payments.emulator.engine.ports import Prepared, WalletKey
from boto3_agentcore_payments.emulator.engine.vendors import VENDORS
from boto3_agentcore_payments.emulator.proofs import LocalProver, networks, solana_transfer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3_agentcore_payments.emulator.proofs.networks import Network

# The libraries that judge proofs take newer Pythons than the emulator that makes them.
collect_ignore: list[str] = []
if sys.version_info < (3, 10):
    collect_ignore += ["test_eip3009.py", "test_permit2.py", "test_x402_svm.py"]
if sys.version_info < (3, 11):
    collect_ignore += [f"test_mpp_{name}.py" for name in ("charge", "evm", "solana", "tempo")]

EVM_SHOP = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"


class RichLedger:
    """Every wallet holds everything and nothing was ever paid: only the proof is judged."""

    def balance(self, network: Network, address: str) -> int:
        """Return more than any payment."""
        del network, address
        return 2**65

    def signed_amount(self, network: Network, payer: str, proof_id: str) -> int:
        """Know every proof, for more than any payment."""
        del network, payer, proof_id
        return 2**65

    def is_settled(self, network: Network, payer: str, proof_id: str) -> bool:
        """Know of no payment."""
        del network, payer, proof_id
        return False

    def settle(self, network: Network, payer: str, proof_id: str, amount: int | None = None) -> int:
        """Accept anything."""
        del network, payer, proof_id
        return amount or 0


@dataclass(frozen=True)
class Payments:
    """Short ways to ask for payments and to sign them.

    Attributes:
        prover: The prover under test.
        seed: Seed of the wallets.
    """

    prover: LocalProver
    seed: str = "seed"

    def wallet(
        self, network: str, identity: str = "payment-instrument-1", vendor: str = "StripePrivy"
    ) -> WalletKey:
        """Return the key name of a wallet of one kind; Privy's can pay by every method."""
        kept = VENDORS[vendor]
        return WalletKey(self.seed, identity, network, kept.title, kept.mpp_methods)

    def address(self, network: str, identity: str = "payment-instrument-1") -> str:
        """Return a wallet's address."""
        return self.prover.wallet_address(self.wallet(network, identity))

    def requirements(self, named: str = "eip155:84532", **changes: Any) -> dict[str, Any]:
        """Return valid x402 version 2 requirements on a network, with some members changed.

        A change to ``None`` stays as JSON null; ``...`` removes the member.
        """
        network = networks.find(named)
        assert network is not None
        solana = network.wallet_network == networks.SOLANA
        extra = {"name": network.domain_name, "version": network.domain_version}
        if solana:
            extra = {"feePayer": self.facilitator}
        whole: dict[str, Any] = {
            "scheme": "exact",
            "network": named,
            "amount": "10000",
            "asset": network.usdc,
            "payTo": str(Keypair.from_seed(b"s" * 32).pubkey()) if solana else EVM_SHOP,
            "maxTimeoutSeconds": 300,
            "extra": extra,
            **changes,
        }
        return {name: value for name, value in whole.items() if value is not ...}

    @property
    def facilitator(self) -> str:
        """Address of the local facilitator's fee payer on Solana."""
        from boto3_agentcore_payments.merchants.parties import local_wallet

        return self.prover.wallet_address(local_wallet("facilitator", networks.SOLANA))

    @property
    def evm_facilitator(self) -> str:
        """Address of the local facilitator on EVM networks."""
        from boto3_agentcore_payments.merchants.parties import local_wallet

        return self.prover.wallet_address(local_wallet("facilitator", networks.ETHEREUM))

    def prepare_x402(
        self,
        payload: Any,
        *,
        version: str = "2",
        wallet: str | None = None,
        now: datetime | None = None,
        **more: Any,
    ) -> Prepared:
        """Prepare an x402 payment; the wallet fits the network unless given."""
        if wallet is None:
            named = payload.get("network") if isinstance(payload, dict) else None
            solana = isinstance(named, str) and named.startswith("solana")
            wallet = networks.SOLANA if solana else networks.ETHEREUM
        return self.prover.payment_types["CRYPTO_X402"].prepare(
            {"version": version, "payload": payload, **more},
            wallet=self.wallet(wallet),
            found=None,
            now=now or datetime.now(timezone.utc),
        )

    def sign_x402(self, payload: Any, **options: Any) -> dict[str, Any]:
        """Sign an x402 payment and return the proof's payload."""
        output = self.prepare_x402(payload, **options).sign().payment_output
        signed: dict[str, Any] = output["payload"]
        return signed

    def prepare_mpp(
        self,
        *headers: Any,
        wallet: str = networks.ETHEREUM,
        vendor: str = "StripePrivy",
        now: datetime | None = None,
        **more: Any,
    ) -> Prepared:
        """Prepare an MPP payment; a change to ``...`` removes a member of the input."""
        given = {"version": "1", "wwwAuthenticateHeaders": list(headers), **more}
        return self.prover.payment_types["MPP"].prepare(
            {name: value for name, value in given.items() if value is not ...},
            wallet=self.wallet(wallet, vendor=vendor),
            found=None,
            now=now or datetime.now(timezone.utc),
        )


def encoded(value: Any) -> str:
    """Return base64url of JSON, as MPP writes it."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def challenge_header(parameters: Mapping[str, str]) -> str:
    """Return a ``WWW-Authenticate`` value with these parameters."""
    return "Payment " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())


class Challenges:
    """MPP challenges made by hand, so that they can be wrong."""

    def request(self, method: str = "evm", **changes: Any) -> dict[str, Any]:
        """Return a valid request object of a method, with some members changed."""
        by_method: dict[str, dict[str, Any]] = {
            "evm": {
                "currency": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "recipient": EVM_SHOP,
                "methodDetails": {"chainId": 84532, "credentialTypes": ["authorization"]},
            },
            "tempo": {
                "currency": "0x20c0000000000000000000000000000000000000",
                "recipient": EVM_SHOP,
                "methodDetails": {"chainId": 42431, "feePayer": True},
            },
            "solana": {
                "currency": "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU",
                "recipient": str(Keypair.from_seed(b"s" * 32).pubkey()),
                "methodDetails": {
                    "network": "devnet",
                    "decimals": 6,
                    "feePayer": True,
                    "feePayerKey": str(Keypair.from_seed(b"f" * 32).pubkey()),
                },
            },
        }
        whole = {"amount": "10000", **by_method[method], **changes}
        return {name: value for name, value in whole.items() if value is not ...}

    def header(self, kind: str = "evm", *, asked: Any = None, **changes: Any) -> str:
        """Return a valid header of a method, with another request or parameters changed."""
        whole = {
            "id": "challenge-1",
            "realm": "shop.example",
            "method": kind,
            "intent": "charge",
            "request": encoded(self.request(kind) if asked is None else asked),
            **changes,
        }
        return challenge_header({name: value for name, value in whole.items() if value is not ...})


@pytest.fixture(scope="session")
def payments() -> Payments:
    """A prover and ways to use it."""
    return Payments(LocalProver())


@pytest.fixture(scope="session")
def challenges() -> Challenges:
    """MPP challenges."""
    return Challenges()


@pytest.fixture(scope="session")
def facilitator() -> Any:
    """The x402 library's own verification, for wallets that can pay anything."""
    from boto3_agentcore_payments.merchants.facilitator import LocalFacilitator
    from boto3_agentcore_payments.merchants.tills import Till

    return LocalFacilitator(Till(RichLedger()))


@pytest.fixture(scope="session")
def judge(facilitator: Any) -> Any:
    """Ask the x402 library about a signed payment; returns its ``VerifyResponse``."""
    from x402.schemas import PaymentPayload, PaymentRequirements
    from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

    def version_2(requirements: dict[str, Any], payload: dict[str, Any]) -> Any:
        accepted = PaymentRequirements.model_validate(requirements)
        return facilitator.verify(
            PaymentPayload(x402_version=2, payload=payload, accepted=accepted), accepted
        )

    def version_1(requirements: dict[str, Any], payload: dict[str, Any]) -> Any:
        whole = {"resource": "http://shop.example/", **requirements}
        return facilitator.verify(
            PaymentPayloadV1(
                scheme=requirements["scheme"], network=requirements["network"], payload=payload
            ),
            PaymentRequirementsV1.model_validate(whole),
        )

    def ask(requirements: dict[str, Any], payload: dict[str, Any], *, version: str = "2") -> Any:
        return (version_1 if version == "1" else version_2)(requirements, payload)

    return ask


class Pympp:
    """Challenges that pympp issues, and its reading of what pays them."""

    def issue(
        self, method: str, request: dict[str, Any], *, realm: str = "shop.example", **more: Any
    ) -> Any:
        """Return a challenge that is payable for five minutes."""
        from mpp import Challenge

        expires = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
        return Challenge.create(
            secret_key="k",
            realm=realm,
            method=method,
            intent="charge",
            request=request,
            expires=expires.replace("+00:00", "Z"),
            **more,
        )

    def pay(self, payments: Payments, challenge: Any, **options: Any) -> Any:
        """Pay a challenge and return the credential as pympp reads it."""
        from mpp import Credential

        header = challenge.to_www_authenticate(challenge.realm)
        output = payments.prepare_mpp(header, **options).sign().payment_output
        assert output["selectedPaymentId"] == challenge.id
        assert output["version"] == "1"
        credential = Credential.from_authorization(output["paymentCredential"])
        assert credential.challenge == challenge.to_echo()
        return credential


class MppShop:
    """pympp's server for one method, without a port."""

    def __init__(self, method: str) -> None:
        from mpp.server.mpp import Mpp

        from boto3_agentcore_payments.merchants import mpp_shop
        from boto3_agentcore_payments.merchants.tills import Till

        (offer,) = mpp_shop.offers(price="0.01", method=method)
        chosen = mpp_shop.server_method(offer, method, Till(RichLedger()))
        server = Mpp([chosen], realm=mpp_shop.REALM, secret_key="k" * 32)
        self._charge = server[f"{method}/charge"](amount="0.01")
        self._wallet = networks.SOLANA if method == "solana" else networks.ETHEREUM

    def _ask(self, authorization: str | None = None) -> Any:
        from mpp.server.http import Request

        headers = {} if authorization is None else {"Authorization": authorization}
        return asyncio.run(self._charge(Request("GET", "http://shop.example/", headers)))

    def credential(self, payments: Payments) -> dict[str, Any]:
        """Return the content of a credential that pays a fresh challenge."""
        header = self._ask().challenge.headers["www-authenticate"]
        prepared = payments.prepare_mpp(header, wallet=self._wallet, buyerPaysGasFees=True)
        token = prepared.sign().payment_output["paymentCredential"].removeprefix("Payment ")
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        content: dict[str, Any] = json.loads(text)
        return content

    def answered(self, content: dict[str, Any]) -> int:
        """Return the status that a credential with this content gets."""
        from mpp.errors import PaymentError

        try:
            status: int = self._ask(f"Payment {encoded(content)}").status
        except PaymentError as error:
            status = error.status
        return status


@pytest.fixture(scope="session")
def pympp() -> Pympp:
    """pympp's challenges and credentials."""
    return Pympp()


@pytest.fixture(scope="session")
def shops() -> dict[str, MppShop]:
    """A shop for each MPP method."""
    return {method: MppShop(method) for method in ("evm", "tempo", "solana")}


class SolanaChain:
    """LiteSVM with a mint of USDC: Solana's runtime with its token and memo programs."""

    def __init__(self, mint: str) -> None:
        from solders.token.state import Mint

        litesvm = pytest.importorskip("solders.litesvm", reason="this solders has no LiteSVM")

        # Signatures of fee payers who are not asked here are missing; others have their own tests.
        self._svm = litesvm.LiteSVM().with_sigverify(False)
        self.mint = Pubkey.from_string(mint)
        self.blockhash = str(self._svm.latest_blockhash())
        self._put(self.mint, bytes(Mint(None, 2**64 - 1, 6, is_initialized=True)))

    def open_account(self, owner: str, amount: int = 0) -> None:
        """Give a wallet a token account with this balance, in atomic units."""
        from solders.token.state import TokenAccount, TokenAccountState

        account = TokenAccount(
            self.mint,
            Pubkey.from_string(owner),
            amount,
            delegate=None,
            state=TokenAccountState.Initialized,
            is_native=None,
            delegated_amount=0,
            close_authority=None,
        )
        place = solana_transfer.associated_account(Pubkey.from_string(owner), self.mint)
        self._put(place, bytes(account))

    def balance(self, owner: str) -> int:
        """Return a wallet's balance in atomic units."""
        from solders.token.state import TokenAccount

        place = solana_transfer.associated_account(Pubkey.from_string(owner), self.mint)
        return int(TokenAccount.from_bytes(self._svm.get_account(place).data).amount)

    def fund_fees(self, owner: str) -> None:
        """Give a wallet SOL for fees."""
        self._svm.airdrop(Pubkey.from_string(owner), 10**10)

    def send(self, transaction: str) -> str | None:
        """Execute a transaction in base64; return the chain's error, if any."""
        from solders.transaction import VersionedTransaction
        from solders.transaction_metadata import FailedTransactionMetadata

        outcome = self._svm.send_transaction(
            VersionedTransaction.from_bytes(base64.b64decode(transaction))
        )
        return str(outcome.err()) if isinstance(outcome, FailedTransactionMetadata) else None

    def _put(self, address: Pubkey, data: bytes) -> None:
        from solders.account import Account

        program = Pubkey.from_string(solana_transfer.TOKEN_PROGRAM)
        self._svm.set_account(address, Account(10**9, data, program))


@pytest.fixture
def solana_chain() -> SolanaChain:
    """Solana devnet's USDC on a chain of its own."""
    return SolanaChain(networks.SOLANA_CLUSTERS["devnet"].usdc)
