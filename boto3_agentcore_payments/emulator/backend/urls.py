"""Put the payments routes in front of a moto service's own routes.

Both planes are served on both hosts: moto's server mode tells a service by its signing name, and
the two planes share one.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from boto3_agentcore_payments.emulator.backend import billing_keys
from boto3_agentcore_payments.emulator.backend.responses import MotoHandler, dispatch_payments
from boto3_agentcore_payments.emulator.engine.operations import OPERATIONS
from boto3_agentcore_payments.emulator.preference import PREFER_MOTO_VARIABLE, prefers_moto

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_log = logging.getLogger(__name__)
FRONT_PATHS = (
    r"{0}/payments/(?P<payments_path>[\s\S]+)$",
    r"{0}/identities/(?P<identities_path>[\s\S]+)$",
)
"""Every path of the 27 operations [model]; both prefixes are shared with AWS's other operations.

moto turns a named group into a Flask converter, which allows no parentheses inside it. The groups
accept a line break too, which the model's patterns then refuse.
"""


def put_in_front(urls: ModuleType, bases: list[str]) -> None:
    """Extend a moto service's ``urls`` module.

    Args:
        urls: The module, with ``url_bases`` and ``url_paths``; the tables are changed in place
            where they can be, because moto may hold them already.
        bases: Patterns of every host of the service.
    """
    urls.url_bases.extend(base for base in bases if base not in urls.url_bases)
    paths: dict[str, Callable[..., Any]] = urls.url_paths
    if FRONT_PATHS[0] in paths:
        return
    theirs = dict(paths)
    _report_overlap(theirs)
    handler = dispatch_payments(_fallback(theirs))
    paths.clear()
    ours = {**dict.fromkeys(FRONT_PATHS, handler), billing_keys.ROUTE: billing_keys.show_keys}
    paths.update(ours, **theirs)


def _fallback(theirs: dict[str, Callable[..., Any]]) -> Callable[[str], MotoHandler | None]:
    """Return a function that finds moto's own handler for a path."""
    routes = [(re.compile(path.format("")), handler) for path, handler in theirs.items()]

    def find(path: str) -> MotoHandler | None:
        return next((handler for pattern, handler in routes if pattern.match(path)), None)

    return find


def _report_overlap(theirs: dict[str, Callable[..., Any]]) -> None:
    """Log it if moto itself answers payments operations."""
    overlap = moto_operations(theirs)
    if overlap:
        answering = "moto" if prefers_moto() else "boto3-agentcore-payments"
        _log.warning(
            "This moto implements %s itself; %s answers. %s=1 or install(prefer_moto=True) lets "
            "moto answer.",
            ", ".join(sorted(overlap)),
            answering,
            PREFER_MOTO_VARIABLE,
        )


def moto_operations(theirs: dict[str, Callable[..., Any]]) -> set[str]:
    """Return the payments operations for which moto's response classes have a method."""
    classes = [getattr(handler, "__self__", None) for handler in theirs.values()]
    return {
        name
        for name in OPERATIONS
        if any(hasattr(responses, xform_name(name)) for responses in classes)
    }
