"""The control surface over HTTP: ``/moto-api/agentcore-payments/<verb>``.

A verb is a method of :class:`~boto3_agentcore_payments.emulator.control.PaymentsControl`, its
name written with dashes. Arguments are the members of a JSON object, by the method's names;
``account_id`` and ``region`` say where to look; without them an id is found in any account and
region, and lists cover all. The answer is ``{"result": ...}`` with what the method returns, or
``{"error": <code>, "message": <text>}``.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from boto3_agentcore_payments.emulator.backend import seeding
from boto3_agentcore_payments.emulator.backend.account_verbs import ChangedAccount
from boto3_agentcore_payments.emulator.backend.responses import MotoAnswer, body_of
from boto3_agentcore_payments.emulator.backend.verbs import Verbs
from boto3_agentcore_payments.emulator.engine.errors import ServiceError, SettlementError
from boto3_agentcore_payments.errors import MissingExtraError
from boto3_agentcore_payments.json_text import read_json

if TYPE_CHECKING:
    from types import ModuleType

_log = logging.getLogger(__name__)
_BASE = "/moto-api/agentcore-payments/"
_RESET = "{0}/moto-api/reset"
PATH = "{0}/moto-api/agentcore-payments/(?P<payments_verb>[a-z-]+)$"
READING = frozenset(
    {
        "account",
        "attempts",
        "balance",
        "billed",
        "billing-keys",
        "consent",
        "grant",
        "overview",
        "payments",
        "seeded",
        "wallet-hub",
    }
)
"""Verbs that change nothing, and answer to GET as well."""
_PLACE = ("account_id", "region")
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("amount", "max_amount"), (int, str)),
    "times": (int,),
    "minutes": (int,),
    "latency": (int, float),
    "drop_after": (bool,),
    **dict.fromkeys(("enabled", "valid", "needed", "checked"), (bool,)),
    **dict.fromkeys(("days", "limit"), (int,)),
    **dict.fromkeys(("jwks", "start"), (dict,)),
}
"""JSON types of arguments; all others are text."""


def _verbs() -> dict[str, Callable[..., Any]]:
    methods = inspect.getmembers(Verbs, inspect.isfunction)
    return {name.replace("_", "-"): method for name, method in methods if name[0] != "_"}


VERBS = _verbs()


def put_in_front(urls: ModuleType) -> None:
    """Extend ``moto.moto_api._internal.urls``."""
    theirs = dict(urls.url_paths)
    if PATH not in theirs:
        if _RESET in theirs:
            theirs[_RESET] = _returning_to_starts(theirs[_RESET])
        urls.url_paths.clear()
        urls.url_paths.update({PATH: control_payments}, **theirs)


def _returning_to_starts(theirs: Callable[..., MotoAnswer]) -> Callable[..., MotoAnswer]:
    """Return moto's reset, followed by the known starts."""

    def reset(request: Any, full_url: str, headers: Any) -> MotoAnswer:
        if request.method != "POST":
            return theirs(request, full_url, headers)
        return seeding.returning(lambda: theirs(request, full_url, headers))

    return reset


def control_payments(request: Any, full_url: str, headers: Any) -> MotoAnswer:
    """Answer one request to the control surface; a function of moto's ``url_paths``."""
    del headers
    parts = urlsplit(full_url)
    verb = parts.path.rpartition(_BASE)[2]
    method = VERBS.get(verb)
    if method is None:
        known = ", ".join(sorted(VERBS))
        return _error(404, "UnknownVerb", f"there is no verb {verb!r}; one of {known}")
    if request.method != "POST" and not (request.method == "GET" and verb in READING):
        return _error(405, "MethodNotAllowed", f"{verb} needs POST")
    status, document = _outcome(request, parts.query, verb, method)
    return _json(status, document)


def _outcome(
    request: Any, query: str, verb: str, method: Callable[..., Any]
) -> tuple[int, dict[str, Any]]:
    """Perform a verb; return the answer's status and document."""
    try:
        arguments = _arguments(request, query, method)
        place = {name: arguments.pop(name) for name in _PLACE if name in arguments}
        return 200, {"result": _plain(method(Verbs(**place), **arguments))}
    except ServiceError as error:
        status, code, message = error.status, error.code, error.message
    except SettlementError as error:
        status, code, message = 409, error.reason, str(error)
    except (ValueError, TypeError) as error:
        status, code, message = 400, "BadRequest", str(error)
    except MissingExtraError as error:
        status, code, message = 500, "MissingExtra", str(error)
    except Exception as error:  # noqa: BLE001 - a bug of ours must still be an answer
        _log.exception("control verb %s failed; this is a bug of the emulator", verb)
        status, code, message = 500, "InternalError", f"{type(error).__name__}; see the log"
    return status, {"error": code, "message": message}


def _arguments(request: Any, query: str, method: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of a verb, checked.

    Raises:
        ValueError: if the body is not a JSON object, or an argument is unknown, missing or of
            another type.
    """
    raw = body_of(request).strip()
    if request.method == "GET":
        arguments: Any = dict(parse_qsl(query, keep_blank_values=True))
    elif raw:
        arguments = _parsed(raw)
    else:
        arguments = {}
    if not isinstance(arguments, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - one error for every bad request
    parameters = dict(list(inspect.signature(method).parameters.items())[1:])
    for name, value in arguments.items():
        if name not in parameters and name not in _PLACE:
            known = ", ".join((*parameters, *_PLACE))
            raise ValueError(f"unknown argument {name!r}; one of {known}")
        _check(name, value, parameters.get(name))
    for name, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and name not in arguments:
            raise ValueError(f"argument {name!r} is missing")
    return arguments


def _parsed(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except ValueError:
        raise ValueError("the body is not JSON") from None


def _check(name: str, value: object, parameter: inspect.Parameter | None) -> None:
    if value is None and parameter is not None and parameter.default is None:
        return
    if value is None and parameter is not None and name in {"times", "limit"}:
        return
    kinds = _KINDS.get(name, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"argument {name!r} must be of type {wanted}")


def _plain(value: Any) -> Any:
    """Return a result as JSON values, with amounts of money as text so that nobody rounds them."""
    if value is None or isinstance(value, (str, int, float)):  # most of what an overview has
        return value
    if isinstance(value, ChangedAccount):
        return None
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {
            name: str(item)
            if name in {"amount", "settled_amount"} and item is not None
            else _plain(item)
            for name, item in value.items()
        }
    return value.isoformat() if isinstance(value, datetime) else value


def _json(status: int, document: Mapping[str, Any]) -> MotoAnswer:
    return status, {"Content-Type": "application/json"}, json.dumps(document)


def _error(status: int, code: str, message: str) -> MotoAnswer:
    return _json(status, {"error": code, "message": message})
