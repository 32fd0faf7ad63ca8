"""What a buyer gets: a text, or the answer of the user's own handler."""

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
        content: The text of ``{"content": ...}``, used without a handler.
        handler: A WSGI application, or a callable that takes the ``flask.Request`` or no argument
            and returns what a Flask view may return.

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
        # Pass the request itself, not Flask's proxy, because the handler may keep it.
        return lambda: call(request._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    answer: View = call
    return answer


def _arguments(handler: Any) -> int:
    """Return how many required positional arguments a handler has."""
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
