"""The WSGI application: payments answered straight, everything else by moto's whole server."""

from __future__ import annotations

import warnings
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def create() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """Make the application.

    A request for a payments operation does not go through moto's application, which spends a
    millisecond on finding its way; the backend's function for it keeps moto's rules on accounts,
    regions and permissions.

    Raises:
        MissingExtraError: If the extra ``emulator`` is not installed.
    """
    try:
        from boto3_agentcore_payments import emulator

        emulator.install()
        with warnings.catch_warnings():
            # Where Flask is missing, moto warns in three lines what the error below says in one.
            warnings.simplefilter("ignore", UserWarning)
            from moto.moto_server.werkzeug_app import (
                DomainDispatcherApplication,
                create_backend_app,
            )

        from boto3_agentcore_payments.emulator.backend.wsgi import answer_wsgi
    except ModuleNotFoundError as error:
        what = "the server"
        raise MissingExtraError(what, extra="emulator", module=error.name or "moto") from error
    rest = DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = answer_wsgi(environ)
        if answer is None:
            rested: Iterable[bytes] = rest(environ, start_response)
            return rested
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
        start_response(_REASONS.get(answer.status, f"{answer.status} "), headers)
        return (answer.body,)

    return application
