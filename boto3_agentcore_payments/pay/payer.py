"""The payer: one user's session and wallets, a policy, and the clients that pay under it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

from boto3_agentcore_payments.pay import clients
from boto3_agentcore_payments.pay.adapters import X402Scheme, mpp_method
from boto3_agentcore_payments.pay.commands import Call, carry_out, carry_out_async
from boto3_agentcore_payments.pay.core import Core
from boto3_agentcore_payments.pay.errors import PaymentError
from boto3_agentcore_payments.pay.flow import Chain, Quoted
from boto3_agentcore_payments.pay.journal import Journal
from boto3_agentcore_payments.pay.policy import Policy
from boto3_agentcore_payments.pay.service import Service, left_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    import httpx
    import requests
    from typing_extensions import Self

    from boto3_agentcore_payments.pay.clients.requests_session import PayingSession
    from boto3_agentcore_payments.pay.demands import Quote
    from boto3_agentcore_payments.pay.purchases import Purchase
    from boto3_agentcore_payments.pay.receipts import Receipt


class Payer:
    """Pays for URLs with ``ProcessPayment``, under a policy checked before anything is signed.

    Thread-safe. Any number of clients can share the policy and the open purchases of one payer.

    Args:
        client: A boto3 client with the operations: this package's ``bedrock-agentcore-payments``
            or AWS's ``bedrock-agentcore``. An aiobotocore client pays through
            :meth:`async_httpx_client`.
        payment_manager_arn: The payment manager.
        payment_session_id: The session whose budget is spent.
        payment_instrument_ids: The wallets that may pay, the preferred one first; AWS Billing's is
            ``aws.agentcorepayments.awsbilling.v1``.
        user_id: The user who pays; left out with a CUSTOM_JWT manager, whose client carries the
            bearer token.
        max_price: The most that one payment may cost, in US dollars: text such as ``"0.05"`` or a
            ``Decimal``, not a float.
        max_total: The most that all payments of this payer may cost together, in US dollars;
            ``None`` leaves that to the session's budget.
        allowed_origins: Origins that may be paid, e.g. ``"https://shop.example"``; ``None`` for
            any.
        allowed_recipients: Addresses (for AWS Billing product ids) that may be paid; ``None`` for
            any.
        allowed_networks: CAIP-2 names or x402 labels that may be paid on; ``None`` for any.
        approve: Called with the :class:`Quote` of each payment; only ``True`` pays. May be
            asynchronous in the asynchronous client.
        pre_sign_policy: The callable of AWS's SDK of that name: called with the 402 as
            ``{"statusCode", "headers", "body"}``; only exactly ``True`` pays.
        allow_private: Whether to pay even if the address is private, loopback or unknown.
        journal: A file, of mode 0600, with what a new payer needs to continue after a crash.
        on_receipt: Called with a :class:`Receipt` when its outcome is known or lost, and again if
            it changes later.
        agent_name: The agent's name for the service's logs and metrics.
        order: Sort key of the quotes of one 402, instead of the default order.
        buyer_pays_gas_fees: Let the wallet pay network fees beside the price (MPP).
        permit2_allowance_limit: Let the service approve this allowance, in atomic units, for
            Permit2 before it signs (x402 ``upto``).

    Raises:
        TypeError: if an amount is a float, or an argument has another type than it should.
        ValueError: if an argument is malformed.
        JournalError: if the journal cannot be used.

    Attributes:
        receipts: What was paid, oldest first.
    """

    def __init__(
        self,
        client: Any,
        *,
        payment_manager_arn: str,
        payment_session_id: str,
        payment_instrument_ids: Sequence[str],
        user_id: str | None = None,
        max_price: str | int | Decimal,
        max_total: str | int | Decimal | None = None,
        allowed_origins: Iterable[str] | None = None,
        allowed_recipients: Iterable[str] | None = None,
        allowed_networks: Iterable[str] | None = None,
        approve: Callable[[Quote], Any] | None = None,
        pre_sign_policy: Callable[[Any], bool] | None = None,
        allow_private: bool = False,
        journal: str | os.PathLike[str] | None = None,
        on_receipt: Callable[[Receipt], Any] | None = None,
        agent_name: str | None = None,
        order: Callable[[Quote], Any] | None = None,
        buyer_pays_gas_fees: bool = False,
        permit2_allowance_limit: str | None = None,
    ) -> None:
        if isinstance(payment_instrument_ids, str) or not list(payment_instrument_ids):
            message = "payment_instrument_ids must be a list of at least one instrument id"
            raise ValueError(message)
        policy = Policy(
            max_price=max_price,
            max_total=max_total,
            allowed_origins=allowed_origins,
            allowed_recipients=allowed_recipients,
            allowed_networks=allowed_networks,
            approve=approve,
            pre_sign_policy=pre_sign_policy,
            allow_private=allow_private,
            buyer_pays_gas_fees=buyer_pays_gas_fees,
            permit2_allowance_limit=permit2_allowance_limit,
        )
        service = Service(
            client,
            payment_manager_arn=payment_manager_arn,
            payment_session_id=payment_session_id,
            payment_instrument_ids=payment_instrument_ids,
            user_id=user_id,
            agent_name=agent_name,
        )
        self._core = Core(
            service, policy, None if journal is None else Journal(journal), on_receipt, order
        )
        self._own: PayingSession | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Return a text with the payer and its limits, and no secrets."""
        policy = self._core.policy
        return (
            f"<Payer session={self._core.service.payment_session_id!r} "
            f"max_price={policy.max_price} max_total={policy.total.most} "
            f"spent={policy.total.spent}>"
        )

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: two payers would not share open purchases and a total."""
        message = "a Payer cannot be pickled or copied; make one in each process, with journal="
        raise TypeError(message)

    def __enter__(self) -> Self:
        """Return the payer."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the payer."""
        self.close()

    @property
    def receipts(self) -> list[Receipt]:
        """What was paid, oldest first."""
        return self._core.receipts

    def requests_session(self, **options: Any) -> PayingSession:
        """Return a ``requests.Session`` that pays.

        Its methods take ``purchase_id=`` beside requests' own arguments.

        Args:
            options: Attributes to set on the session, e.g. ``trust_env=False``.

        Raises:
            MissingExtraError: if requests is not installed.
        """
        session: PayingSession = clients.open_client("requests", self._core, **options)
        return session

    def httpx_client(self, **options: Any) -> httpx.Client:
        """Return an ``httpx.Client`` that pays.

        A purchase is named by ``extensions={"purchase_id": ...}``.

        Args:
            options: Arguments of ``httpx.Client``.

        Raises:
            MissingExtraError: if httpx is not installed.
        """
        client: httpx.Client = clients.open_client("httpx", self._core, **options)
        return client

    def async_httpx_client(self, **options: Any) -> httpx.AsyncClient:
        """Return an ``httpx.AsyncClient`` that pays.

        A purchase is named by ``extensions={"purchase_id": ...}``.

        Args:
            options: Arguments of ``httpx.AsyncClient``.

        Raises:
            MissingExtraError: if httpx is not installed.
        """
        client: httpx.AsyncClient = clients.open_client("httpx_async", self._core, **options)
        return client

    def pay(
        self, url: str, *, method: str = "GET", purchase_id: str | None = None, **options: Any
    ) -> requests.Response:
        """Fetch a URL, paying if the answer asks for it.

        Args:
            url: What to fetch.
            method: HTTP method.
            purchase_id: Your own name for the purchase; by default it is identified by method,
                URL and body.
            options: Arguments of ``requests.Session.request``, e.g. ``headers``, ``json``,
                ``timeout``.

        Returns:
            The merchant's answer, free or paid; the caller must check its status.

        Raises:
            PaymentError: if it cannot be paid; see its subclasses.
        """
        return self._session().request(method, url, purchase_id=purchase_id, **options)

    def quote(self, url: str, *, method: str = "GET", **options: Any) -> Quote | None:
        """Return what a URL would cost, paying nothing; ``None`` if it costs nothing.

        The quote is the one that would be paid. If the policy would refuse all, it is the first
        that a wallet could pay, with the reason in ``refusal``.

        Args:
            url: What to ask for.
            method: HTTP method.
            options: Arguments of ``requests.Session.request``.

        Raises:
            NothingPayable: if no wallet can pay what is offered.
        """
        from boto3_agentcore_payments.pay.clients.requests_session import chain

        session = self._session()
        try:
            with chain(Chain(quoting=True)):
                session.request(method, url, **options).close()
        except Quoted as found:
            return found.quote
        return None

    def remaining(self) -> Decimal:
        """Return what is left of the session's budget, in US dollars, as the service reports it.

        The result is ``Decimal("Infinity")`` for a session without a limit.

        Raises:
            botocore.exceptions.ClientError: if the service refuses, as for an unknown session.
            TypeError: if the client is asynchronous; see :meth:`async_remaining`.
        """
        return left_of(carry_out(Call(self._core.service.read_session), None))

    async def async_remaining(self) -> Decimal:
        """Return what :meth:`remaining` does, with an aiobotocore client too.

        Raises:
            botocore.exceptions.ClientError: if the service refuses, as for an unknown session.
        """
        return left_of(await carry_out_async(Call(self._core.service.read_session), None))

    def resume(self, receipt: Receipt, **options: Any) -> requests.Response:
        """Finish a purchase whose outcome is unknown, with the same proof; never pay again.

        Args:
            receipt: The ``receipt`` of the error that left the outcome unknown.
            options: Arguments of ``requests.Session.request``; headers of the first request that
                the merchant needs (the body and its type are remembered).

        Returns:
            The merchant's answer.

        Raises:
            ProofExpired: if the proof is no longer valid.
            SettledWithoutContent: if the merchant no longer accepts the proof.
            PaymentError: if nothing is open for this receipt, or as for :meth:`pay`.
        """
        found = self._find(receipt)
        headers = {**found.asked.headers, **(options.pop("headers", None) or {})}
        return self._session().request(
            found.asked.method,
            found.asked.url,
            purchase_id=found.asked.purchase_id,
            data=found.asked.body or None,
            headers=headers,
            **options,
        )

    def abandon(self, receipt: Receipt) -> None:
        """Give up an open purchase, so that the same request starts a new one and pays again.

        What was charged stays charged.

        Raises:
            PaymentError: if nothing is open for this receipt.
        """
        found = self._find(receipt)
        self._core.forget(found)
        self._core.book.close(found)

    def x402_scheme(self, scheme: str = "exact") -> X402Scheme:
        """Return a client scheme for x402's own client, of version 1 and 2.

        Args:
            scheme: ``exact`` or ``upto``.

        Raises:
            ValueError: if the service pays no such scheme.
        """
        return X402Scheme(self._core, scheme)

    def mpp_method(self, method: str = "evm") -> Any:
        """Return a client method for pympp's own client.

        Args:
            method: ``evm``, ``tempo`` or ``solana``.

        Raises:
            ValueError: if the service pays no such method.
            MissingExtraError: if pympp is not installed.
        """
        return mpp_method(self._core, method)

    def close(self) -> None:
        """Close the connections of :meth:`pay`, :meth:`quote` and :meth:`resume`."""
        with self._lock:
            session, self._own = self._own, None
        if session is not None:
            session.close()

    def _session(self) -> PayingSession:
        with self._lock:
            if self._own is None:
                from http.cookiejar import DefaultCookiePolicy

                self._own = self.requests_session()
                # Threads share this session, so purchases must not share cookies.
                self._own.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            return self._own

    def _find(self, receipt: Receipt) -> Purchase:
        found = self._core.book.find(receipt.purchase)
        if found is None and self._core.journal is not None:
            found = self._core.journal.read(receipt.purchase)
        if found is None:
            message = f"nothing is open for this receipt of {receipt.method} {receipt.url}"
            raise PaymentError(message, receipt=receipt)
        return found
