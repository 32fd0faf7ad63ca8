"""The payer's policy: every rule is checked before anything is signed.

Anything unclear is refused, such as an amount given as a float or an approval that is not ``True``.
"""

from __future__ import annotations

import functools
import inspect
import re
import threading
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.pay import destinations, networks
from boto3_agentcore_payments.pay.demands import AnyCase
from boto3_agentcore_payments.pay.errors import (
    NotAllowed,
    NotApproved,
    OverCeiling,
    OverTotal,
    PolicyRefusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from boto3_agentcore_payments.pay.demands import Demand, Offer, Quote

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_EXACT = Context(prec=100)
"""Context for sums of amounts: nothing is rounded, whatever the caller's own context."""
_LIMIT = re.compile(r"[1-9][0-9]{0,77}", re.ASCII)


def dollars(value: object, name: str) -> Decimal:
    """Return an amount of US dollars that a caller gave.

    Args:
        value: Plain decimal text such as ``"0.05"``, a ``Decimal`` or an integer.
        name: The argument, for the message.

    Raises:
        TypeError: if it is a float, which is inexact, or of any other type.
        ValueError: if it is negative or not a plain decimal number.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        message = f'{name} must be text such as "0.05" or a Decimal, not {type(value).__name__}'
        raise TypeError(message)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not _PLAIN.fullmatch(text):
        message = f'{name} must be an amount of US dollars such as "0.05", not {value!r}'
        raise ValueError(message)
    return Decimal(text)


class Total:
    """The total that the payer may spend over its life; exact and thread-safe.

    Args:
        most: US dollars, or ``None`` for no bound.
    """

    def __init__(self, most: Decimal | None) -> None:
        self.most = most
        self._spent = Decimal(0)
        self._lock = threading.Lock()

    @property
    def spent(self) -> Decimal:
        """US dollars spent or reserved so far."""
        return self._spent

    def reserve(self, amount: Decimal) -> bool:
        """Reserve an amount if it fits, atomically; return whether it did."""
        with self._lock:
            after = _EXACT.add(self._spent, amount)
            if self.most is not None and after > self.most:
                return False
            self._spent = after
            return True

    def release(self, amount: Decimal) -> None:
        """Release an amount that was not spent after all."""
        with self._lock:
            self._spent = _EXACT.subtract(self._spent, amount)


class Policy:
    """The rules of one payer; see :class:`Payer` for each argument.

    Raises:
        TypeError: if an amount is a float, or ``pre_sign_policy`` is asynchronous.
        ValueError: if an amount, an origin or a limit is malformed.
    """

    def __init__(
        self,
        *,
        max_price: object,
        max_total: object,
        allowed_origins: Iterable[str] | None,
        allowed_recipients: Iterable[str] | None,
        allowed_networks: Iterable[str] | None,
        approve: Callable[[Quote], Any] | None,
        pre_sign_policy: Callable[[Any], Any] | None,
        allow_private: bool,
        buyer_pays_gas_fees: bool,
        permit2_allowance_limit: str | None,
    ) -> None:
        self.max_price = dollars(max_price, "max_price")
        self.total = Total(None if max_total is None else dollars(max_total, "max_total"))
        self.origins = _texts(allowed_origins, "allowed_origins", destinations.configured_origin)
        self.recipients = _texts(allowed_recipients, "allowed_recipients", _recipient)
        self.networks = _texts(allowed_networks, "allowed_networks", networks.caip2)
        _check_flag("allow_private", allow_private)
        _check_flag("buyer_pays_gas_fees", buyer_pays_gas_fees)
        _check_callable("approve", approve)
        _check_callable("pre_sign_policy", pre_sign_policy)
        if pre_sign_policy is not None and _is_async(pre_sign_policy):
            message = "pre_sign_policy must not be asynchronous: AWS's SDK calls it synchronously"
            raise TypeError(message)
        if permit2_allowance_limit is not None and not (
            isinstance(permit2_allowance_limit, str) and _LIMIT.fullmatch(permit2_allowance_limit)
        ):
            message = "permit2_allowance_limit must be text of 1 to 78 digits, in atomic units"
            raise ValueError(message)
        self.approve = approve
        self.pre_sign_policy = pre_sign_policy
        self.allow_private = allow_private
        self.buyer_pays_gas_fees = buyer_pays_gas_fees
        self.permit2_allowance_limit = permit2_allowance_limit

    def destination_refusal(self, url: str, peer: str | None) -> NotAllowed | None:
        """Return why nothing may be paid to a URL, or ``None``.

        Args:
            url: Where the 402 came from.
            peer: IP address that sent it; ``None`` behind a proxy or without a socket.
        """
        here = destinations.origin(url)
        if self.origins is not None and here not in self.origins:
            return NotAllowed(f"{here} is not one of allowed_origins; add it to pay there")
        if self.allow_private:
            return None
        if peer is None:
            return NotAllowed(
                f"the address behind {here} cannot be checked (a proxy or no socket is between); "
                "allow_private=True pays all the same"
            )
        if not destinations.is_public(peer):
            return NotAllowed(
                f"{here} is at the private address {peer}; allow_private=True pays there"
            )
        return None

    def offer_refusal(self, offer: Offer, quote: Quote) -> PolicyRefusal | None:
        """Return why an offer may not be paid, or ``None``; the total is checked separately."""
        if self.networks is not None and offer.network not in self.networks:
            return NotAllowed(
                f"network {offer.network} is not one of allowed_networks: {quote}", quote=quote
            )
        if self.recipients is not None:
            for each in offer.recipients or (offer.pay_to,):
                if _recipient(each) not in self.recipients:
                    return NotAllowed(
                        f"recipient {each} is not one of allowed_recipients: {quote}", quote=quote
                    )
        if offer.amount > self.max_price:
            return OverCeiling(
                f"the price is above max_price={self.max_price}: {quote}; raise max_price to pay",
                quote=quote,
            )
        return None

    def over_total(self, quote: Quote) -> OverTotal:
        """Return the refusal of a price that no longer fits into the total."""
        return OverTotal(
            f"{self.total.spent} USD of max_total={self.total.most} are spent or reserved, and "
            f"this would go above: {quote}",
            quote=quote,
        )

    def check_pre_sign(self, demand: Demand, quote: Quote) -> None:
        """Ask ``pre_sign_policy`` as AWS's SDK does: only exactly ``True`` allows.

        Raises:
            NotApproved: if it returns anything else or raises.
        """
        if self.pre_sign_policy is None:
            return
        shown = {
            "statusCode": 402,
            "headers": AnyCase(demand.headers),
            "body": demand.body.decode("utf-8", "replace"),
        }
        try:
            answer = self.pre_sign_policy(shown)
        except Exception as error:
            message = f"pre_sign_policy raised {type(error).__name__}: {quote}"
            raise NotApproved(message, quote=quote) from error
        self._close(answer)
        if answer is not True:
            raise NotApproved(f"pre_sign_policy did not return True: {quote}", quote=quote)

    def check_approval(self, answer: object, quote: Quote) -> None:
        """Check what ``approve`` returned: only exactly ``True`` allows.

        Raises:
            NotApproved: if it is anything else.
        """
        if inspect.isawaitable(answer):
            self._close(answer)
            message = (
                f"approve is asynchronous, which only async_httpx_client() can wait for: {quote}"
            )
            raise NotApproved(message, quote=quote)
        if answer is not True:
            raise NotApproved(f"approve did not return True: {quote}", quote=quote)

    @staticmethod
    def _close(answer: object) -> None:
        if inspect.iscoroutine(answer):
            answer.close()  # or Python warns about a coroutine that was never awaited


def _check_flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        message = f"{name} must be True or False, not {value!r}"
        raise TypeError(message)


def _check_callable(name: str, value: object) -> None:
    if value is not None and not callable(value):
        message = f"{name} must be callable, not {type(value).__name__}"
        raise TypeError(message)


def _recipient(text: str) -> str:
    return text.lower() if text[:2].lower() == "0x" else text


def _texts(
    values: Iterable[str] | None, name: str, normal: Callable[[str], str]
) -> frozenset[str] | None:
    if values is None:
        return None
    if isinstance(values, str):
        message = f"{name} must be a list of texts, not one text"
        raise TypeError(message)
    found = list(values)
    if not all(isinstance(each, str) for each in found):
        message = f"{name} must be a list of texts"
        raise TypeError(message)
    return frozenset(normal(each) for each in found)


def _is_async(callback: Any) -> bool:
    while isinstance(callback, functools.partial):
        callback = callback.func
    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
        getattr(callback, "__call__", None)  # noqa: B004 (an object with an async __call__)
    )
