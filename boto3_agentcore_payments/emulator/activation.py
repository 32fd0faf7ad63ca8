"""Add the emulator to moto without importing more of moto than the host program does.

moto has no plug-in system. It has modules that hold nothing but tables: which hosts there are
(``moto.backend_index``) and which function answers which path (each service's ``urls``). Those
tables are extended when, and only when, moto itself imports them; the emulator proper is imported
by the first request it has to answer.

Two services of moto are involved, ``bedrockagentcore`` (moto 5.2.4 on) and
``bedrockagentcorecontrol`` (5.2.0 on). Where an older moto lacks one, an empty stand-in takes its
place. ``tests/backend/test_moto_fingerprints.py`` lists every function of moto this rests on.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import logging
import re
import sys
from typing import TYPE_CHECKING

from _boto3_agentcore_payments_startup import Finder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

HOSTS = {
    "bedrockagentcore": "bedrock-agentcore",
    "bedrockagentcorecontrol": "bedrock-agentcore-control",
}
"""moto's package name of each plane's service, and the host name before the region."""

_log = logging.getLogger(__name__)


def url_bases(package: str) -> list[str]:
    """Return the patterns of a plane's hosts, in moto's form.

    The first is moto's own, from which moto derives the China and ISO hosts; the others are the
    FIPS and dual-stack hosts of the endpoint rule sets [model].
    """
    host = HOSTS[package]
    return [
        rf"https?://{host}\.(.+)\.amazonaws\.com",
        rf"https?://{host}-fips\.(.+)\.amazonaws\.com",
        rf"https?://{host}(?:-fips)?\.(.+)\.api\.(?:aws|amazonwebservices\.(?:com\.cn|eu))",
    ]


def activate() -> None:
    """Install the emulator, or log why that was not possible; never raise.

    The start-up hook calls this while ``moto.backend_index`` is being imported.
    """
    try:
        install()
    except Exception as error:  # noqa: BLE001 - the host program must not notice
        _warn("The AgentCore payments emulator could not be installed into moto", error)


def install() -> None:
    """Extend moto's tables, those already imported now and the others when they are."""
    if _stand_ins not in sys.meta_path:
        sys.meta_path.append(_stand_ins)
    _finder.install()


def _warn(what: str, error: BaseException) -> None:
    _log.warning("%s: %s: %s", what, type(error).__name__, error)


def _extend(module: ModuleType) -> None:
    try:
        _HOOKS[module.__name__](module)
    except Exception as error:  # noqa: BLE001 - the import that led here must succeed
        _warn(f"The AgentCore payments emulator could not extend {module.__name__}", error)


# The changes to each of moto's modules. Every function here may get the same module twice.


def _add_hosts(backend_index: ModuleType) -> None:
    patterns = backend_index.backend_url_patterns
    known = {pattern.pattern for _, pattern in patterns}
    added = [
        (package, re.compile(base))
        for package in HOSTS
        for base in url_bases(package)
        if base not in known
    ]
    patterns.extend(added)
    models = sys.modules.get("moto.core.models")
    if added and getattr(models, "botocore_stubber", None) is not None:
        _serve_running_mock(models, added)


def _serve_running_mock(
    models: ModuleType | None, added: list[tuple[str, re.Pattern[str]]]
) -> None:
    """Let a running ``mock_aws`` answer plain ``requests`` to the new hosts."""
    if models is None or not models.botocore_stubber.enabled:
        return
    stubber = models.botocore_stubber
    callback = getattr(stubber, "process_prepared_request", stubber.process_request)
    for method in models.RESPONSES_METHODS:
        for _, pattern in added:
            response = models.CallbackResponse(method=method, url=pattern, callback=callback)
            models.responses_mock.add(response)


def _add_routes(urls: ModuleType) -> None:
    from boto3_agentcore_payments.emulator.backend import urls as ours

    ours.put_in_front(urls, url_bases(urls.__name__.split(".")[1]))


def _add_control_surface(urls: ModuleType) -> None:
    from boto3_agentcore_payments.emulator.backend import control_urls

    control_urls.put_in_front(urls)


def _add_transitions(moto_api: ModuleType) -> None:
    from boto3_agentcore_payments.emulator.backend import transitions

    transitions.register_defaults(moto_api.state_manager)


def _add_inference(werkzeug_app: ModuleType) -> None:
    from boto3_agentcore_payments.emulator.backend import inference

    inference.route_payments_requests(werkzeug_app)


# The next three wait for modules that moto imports to answer a first request: those with the
# models may be half imported when the hooks are installed, because they import moto's backends.


def _add_resource_types(responses: ModuleType) -> None:  # noqa: ARG001 - importing adds them
    from moto.cloudformation import parsing

    from boto3_agentcore_payments.emulator import preference

    known = parsing.get_model_map()
    if preference.prefers_moto() and "AWS::BedrockAgentCore::PaymentManager" in known:
        return
    try:
        from boto3_agentcore_payments.emulator.backend import cloudformation
    except (AttributeError, ImportError) as error:
        _warn("This moto's CloudFormation has no place for payment resources", error)
    else:
        cloudformation.forget_known_types()


def _add_metrics(responses: ModuleType) -> None:  # noqa: ARG001 - importing adds them
    importlib.import_module("boto3_agentcore_payments.emulator.backend.metrics")


def _add_delivery_sources(responses: ModuleType) -> None:  # noqa: ARG001 - of the models beside it
    from boto3_agentcore_payments.emulator.backend import delivery_sources

    delivery_sources.accept_managers(importlib.import_module("moto.logs.models"))


_HOOKS: dict[str, Callable[[ModuleType], None]] = {
    "moto.backend_index": _add_hosts,
    "moto.bedrockagentcore.urls": _add_routes,
    "moto.bedrockagentcorecontrol.urls": _add_routes,
    "moto.cloudformation.responses": _add_resource_types,
    "moto.cloudwatch.responses": _add_metrics,
    "moto.logs.responses": _add_delivery_sources,
    "moto.moto_api": _add_transitions,
    "moto.moto_api._internal.urls": _add_control_surface,
    "moto.moto_server.werkzeug_app": _add_inference,
}


class _StandIns(importlib.abc.MetaPathFinder):
    """The last finder, which is asked for a service only if this moto lacks it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Offer an absent service's package, ``models`` and ``urls``."""
        del path, target
        if fullname not in _STAND_INS:
            return None
        return importlib.util.spec_from_loader(
            fullname, _StandIn(), is_package=fullname.count(".") == 1
        )


class _StandIn(importlib.abc.Loader):
    """Loads the parts of a moto service that moto itself uses."""

    def exec_module(self, module: ModuleType) -> None:
        from boto3_agentcore_payments.emulator.backend import stand_ins

        _, package, *rest = module.__name__.split(".")
        stand_ins.fill(module, package, url_bases(package), rest[0] if rest else "")


_STAND_INS = frozenset(
    f"moto.{package}{module}" for package in HOSTS for module in ("", ".models", ".urls")
)
_finder = Finder(dict.fromkeys(_HOOKS, _extend))
_stand_ins = _StandIns()
