"""A tool for a model: fetch a URL, paying where that is asked, and say in words what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.pay.demands import shortened
from boto3_agentcore_payments.pay.errors import (
    MerchantRefused,
    OutcomeUnknown,
    OverBudget,
    PaymentError,
    PolicyRefusal,
    SessionUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.pay.payer import Payer

_FIRST_ERROR = 400


def fetch_tool(
    payer: Payer, *, timeout: float = 60, max_characters: int = 20_000
) -> Callable[[str], str]:
    """Return a function that frameworks can offer to a model as a tool.

    It takes a URL and returns text in any case: the content, or the reason it is missing and what
    to do about it. It never raises what a model should read, and no proof, token or key is in what
    it returns. Its name, annotations and docstring are what the model is told of it.

    The model chooses the URL, and what is free is fetched from anywhere that this process reaches:
    run it where that is meant, or wrap it. The content is the merchant's words, not yours.

    Args:
        payer: Who pays, with the policy that holds whatever the model says.
        timeout: Seconds to wait for an answer.
        max_characters: Characters of the content that the model gets.
    """

    def fetch(url: str) -> str:
        """Fetch a URL. If it has to be paid for, it is paid within a budget that a person set.

        If the answer begins with "Refused", nothing was paid and trying again does not help: tell
        the user why.

        Args:
            url: What to fetch, an http or https URL.
        """
        from requests import RequestException

        try:
            answer = payer.pay(url, timeout=timeout)
        except MissingExtraError:
            raise
        except PaymentError as error:
            return _explained(error)
        except (RequestException, ValueError) as error:
            return f"Failed: {shortened(str(error)) or type(error).__name__}. Nothing was paid."
        text = answer.text[:max_characters]
        if len(answer.text) > max_characters:
            text += f"\n[cut after {max_characters} characters]"
        if answer.status_code >= _FIRST_ERROR:
            return f"Failed: HTTP {answer.status_code}. {text}"
        return text

    return fetch


def _explained(error: PaymentError) -> str:
    """Return what a model can make of an error."""
    words = " ".join(str(error).split())
    if isinstance(error, OutcomeUnknown):
        return (
            f"Unknown: {words}. Fetching the same URL again goes on with the same payment and does "
            "not pay twice."
        )
    if isinstance(error, MerchantRefused):
        return f"Failed: {words}. Do not buy it again; tell the user."
    if isinstance(error, (PolicyRefusal, OverBudget, SessionUnavailable)):
        return f"Refused: {words}. Nothing was paid. Only a person can change this; tell the user."
    return f"Failed: {words}. Tell the user."
