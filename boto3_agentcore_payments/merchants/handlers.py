"""What a buyer gets: a text, or the answer of a handler of the user's own."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Union

from flask import Response, jsonify, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication
    from flask.typing import ResponseReturnValue

    Handler = Union[WSGIApplication, Callable[..., Any]]
    View = Callable[[], ResponseReturnValue]

_WSGI_ARGUMENTS = 2


def view(content: str, handler: Handler | None) -> View:
    """Return the Flask view that gives a buyer what was paid for.

    Args:
        content: The text of ``{"content": ...}``, where there is no handler.
        handler: A WSGI application, or a callable of the ``flask.Request`` or of nothing; what it
            returns is what a Flask view may return.

    Raises:
        TypeError: if the handler takes more than two arguments or cannot be called.
    """
    if handler is None:
        return lambda: jsonify(content=content)
    count = _arguments(handler)
    call: Any = handler
    if count == _WSGI_ARGUMENTS:
        return lambda: Response.from_app(call, request.environ, buffered=True)
    if count == 1:
        # The request itself, not Flask's proxy to it: the handler may keep it.
        return lambda: call(request._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    answer: View = call
    return answer


def _arguments(handler: Any) -> int:
    """Return how many positional arguments a handler takes without defaults."""
    if not callable(handler):
        raise TypeError(f"A handler is a WSGI application or a callable, not {handler!r}")
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    count = sum(
        parameter.kind in positional and parameter.default is inspect.Parameter.empty
        for parameter in inspect.signature(handler).parameters.values()
    )
    if count > _WSGI_ARGUMENTS:
        raise TypeError(
            "A handler takes (environ, start_response), the request, or nothing; "
            f"{handler!r} takes {count} arguments"
        )
    return count
