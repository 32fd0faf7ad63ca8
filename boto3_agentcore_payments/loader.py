"""The loader hook: botocore finds this package's service definitions as if they were its own.

botocore finds the definition of a service through ``botocore.loaders.Loader``, which looks for
``<service>/<API version>/<type>.json`` in a list of directories. ``extend`` changes that class,
and its copy in the AWS CLI, ``awscli.botocore.loaders.Loader``, where they have been imported:

* **Search order.** Directories of ``AWS_DATA_PATH`` or of the configuration's ``data_path``, then
  ``~/.aws/models``, then botocore's own directory, then ours. What a user puts into the first two
  under the name of one of our services therefore wins over ours, file by file, as botocore's rules
  say; of several API versions the latest wins, wherever it lies.
* **Which loaders.** Every loader that searches botocore's own directory, including one that already
  exists and has cached a list of services without ours. A loader made with
  ``include_default_search_paths=False`` does not search botocore's directory and does not see ours,
  until ``register`` adds it.
* **Additions.** ``service-2`` describes the service as botocore 1.44.5 does. What AWS has added
  since is in ``service-2.sdk-extras.json`` beside it, which botocore merges by itself. Two cases
  leave it out, wherever a copy of it is found. First, a botocore whose own AgentCore models have
  payments without the additions, so that its client and ours agree. Second, a ``service-2`` that
  the user wrote, to which nothing is added.
* **Cost.** botocore scans the directories of all services, twice for a client, to learn whether a
  service exists. For our own two services the versions of that one service are looked up instead,
  by the loader's own methods and in its own order.
* **Nothing else changes.** For any other service each method passes its arguments on and returns
  what the original returns. ``search_paths`` does not show our directory, so that code which
  copies, compares or changes that list finds what it expects. Loaders get no attribute. No
  configuration is read and no session is touched: reading ``data_path`` before boto3 has set the
  profile would pin the wrong profile.
* **Faults.** ``extend`` may be called at any time, from any thread, any number of times. Where
  something is wrong (botocore older than 1.31, a loader that lacks the methods above, service
  definitions that are missing or damaged) botocore goes on as it is, and one
  ``AgentCorePaymentsWarning`` says what is wrong when one of our services is asked for, before
  botocore raises its own ``UnknownServiceError``.

Importing this module imports neither botocore nor boto3.
"""

from __future__ import annotations

import functools
import os
import sys
import threading

# botocore has imported all of these. Tools that check types at run time (beartype) need them.
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

DATA_PLANE = "bedrock-agentcore-payments"
CONTROL_PLANE = "bedrock-agentcore-payments-control"
SERVICES = (DATA_PLANE, CONTROL_PLANE)
"""Names of our services, as in ``boto3.client(name)``."""

MODULES = ("botocore.loaders", "awscli.botocore.loaders")
"""The modules whose ``Loader`` is changed."""

OLDEST_BOTOCORE = "1.31.0"
"""The oldest botocore that the clients work with."""

_EXTRAS = ".sdk-extras"

ADDITIONS = f"service-2{_EXTRAS}"
"""The file with AWS's later additions to the operations, without ``.json``."""

BOTOCORE_WITHOUT_ADDITIONS = ((1, 43, 6), (1, 44, 7))
"""The first botocore with payments operations, and the first one that has the additions."""

_LOCATIONS = "_potential_locations"
_METHODS = (
    _LOCATIONS,
    "determine_latest_version",
    "list_api_versions",
    "list_available_services",
    "load_data",
    "load_service_model",
)
_ERRORS = ("DataNotFoundError", "UnknownServiceError")
_MARK = "_boto3_agentcore_payments"

_lock = threading.Lock()
_warned: set[str] = set()


@functools.cache
def data_directory() -> str:
    """Return the directory that holds one directory for each of our services.

    In an installed package it is ``data`` inside the package; in a checkout, editable or on
    ``sys.path``, it is ``data`` at the top of the repository.
    """
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, "data")
    checkout = os.path.join(os.path.dirname(package), "data")
    if not os.path.isdir(installed) and os.path.isdir(os.path.join(checkout, DATA_PLANE)):
        return checkout
    return installed


def sees_services(loader: Any) -> bool:
    """Return whether a loader searches botocore's own directory, or ours by name."""
    paths = loader.search_paths
    return loader.BUILTIN_DATA_PATH in paths or data_directory() in paths


def takes_additions(botocore_version: str) -> bool:
    """Return whether a version of botocore, such as ``"1.44.8"``, gets the additions."""
    first, end = BOTOCORE_WITHOUT_ADDITIONS
    return not first <= version_numbers(botocore_version) < end


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, up to three: ``(1, 44, 8)`` for ``"1.44.8"``."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def extend() -> None:
    """Change the ``Loader`` of each module of ``MODULES`` that has been imported, once."""
    for name in MODULES:
        if sys.modules.get(name) is not None:
            try:
                # Another thread may be importing it just now; this waits until it has finished.
                __import__(name)
            except ImportError:
                continue
            with _lock:
                _extend(sys.modules[name])


def is_extended(module_name: str) -> bool:
    """Return whether the ``Loader`` of a module has been changed."""
    loader = getattr(sys.modules.get(module_name), "Loader", None)
    return _is_marked(getattr(loader, "load_service_model", None))


def _is_marked(function: object) -> bool:
    return getattr(function, _MARK, False) is True


def _extend(module: ModuleType) -> None:
    loader: Any = getattr(module, "Loader", None)
    if is_extended(module.__name__) or not hasattr(loader, "load_service_model"):
        return
    obstacle = _obstacle(module)
    if obstacle:
        replacements = {"load_service_model": _explaining(loader.load_service_model, obstacle)}
    else:
        # In this order, so that another thread never sees a service that cannot be loaded.
        replacements = {
            _LOCATIONS: _searching_ours(getattr(loader, _LOCATIONS), module),
            "load_service_model": _loading_ours(loader.load_service_model, module),
            "list_available_services": _listing_ours(loader.list_available_services),
        }
    for name, function in replacements.items():
        setattr(function, _MARK, True)
        setattr(loader, name, function)


def _obstacle(module: ModuleType) -> str | None:
    """Return why a module's ``Loader`` cannot be changed, or ``None``."""
    botocore, version = _version(module)
    numbers = version_numbers(version)
    if numbers and numbers < version_numbers(OLDEST_BOTOCORE):
        return f"they need botocore {OLDEST_BOTOCORE} or newer, and this is {botocore} {version}"
    missing = [name for name in _METHODS if not hasattr(module.Loader, name)]
    missing += [name for name in _ERRORS if not hasattr(module, name)]
    if missing:
        return f"the loader of {botocore} {version} is not one we know: it lacks {missing[0]}"
    return None


def _version(module: ModuleType) -> tuple[str, str]:
    """Return the name and the version of the botocore that a module belongs to."""
    botocore = module.__name__.rpartition(".")[0]
    return botocore, str(getattr(sys.modules.get(botocore), "__version__", ""))


def _explaining(original: Callable[..., Any], obstacle: str) -> Callable[..., Any]:
    """Make a ``load_service_model`` that only warns why our services are not available."""

    @functools.wraps(original)
    def load_service_model(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except Exception:
            if _service_name(args, kwargs) in SERVICES:
                _warn_once(f"The AgentCore payments clients are not available: {obstacle}.")
            raise

    return load_service_model


def _searching_ours(
    original: Callable[..., Iterator[str]], module: ModuleType
) -> Callable[..., Iterator[str]]:
    """Make a ``_potential_locations`` that ends with our directory, for our services."""
    with_additions = takes_additions(_version(module)[1])

    @functools.wraps(original)
    def _potential_locations(
        self: Any,
        name: str | None = None,
        must_exist: bool = False,  # noqa: FBT001, FBT002 (botocore's signature)
        is_dir: bool = False,  # noqa: FBT001, FBT002 (botocore's signature)
    ) -> Iterator[str]:
        locations = original(self, name, must_exist, is_dir)
        if name is None or not name.startswith(DATA_PLANE):
            yield from locations
            return
        added = name.endswith(ADDITIONS)
        if added and not with_additions:
            locations = (path for path in locations if not _is_copy(path, name))
        yield from locations
        if name.replace(os.sep, "/").partition("/")[0] not in SERVICES or not sees_services(self):
            return
        # A ``service-2`` found elsewhere belongs to the user; nothing is added to it.
        definition = name.partition(_EXTRAS)[0]
        if added and (not with_additions or _any_exists(original(self, definition))):
            return
        path = os.path.join(data_directory(), name)
        if not must_exist or (os.path.isdir if is_dir else os.path.exists)(path):
            yield path

    return _potential_locations


def _is_copy(path: str, name: str) -> bool:
    """Return whether a file has the same content as our file of that name."""
    found = _content(f"{path}.json")
    return bool(found) and found == _content(os.path.join(data_directory(), f"{name}.json"))


def _any_exists(locations: Iterator[str]) -> bool:
    return any(os.path.exists(path + end) for path in locations for end in (".json", ".json.gz"))


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _listing_ours(original: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Make a ``list_available_services`` that adds our services to the loader's cached list."""

    @functools.wraps(original)
    def list_available_services(self: Any, type_name: str) -> list[str]:
        listed = original(self, type_name)
        if not sees_services(self):
            return listed
        missing = set(SERVICES).difference(listed)
        ours = [name for name in missing if _has(self, name, type_name)]
        return sorted([*listed, *ours]) if ours else listed

    return list_available_services


def _has(loader: Any, service_name: str, type_name: str) -> bool:
    try:
        loader.list_api_versions(service_name, type_name)
    except Exception:  # noqa: BLE001 (see below)
        # Ours are missing or unreadable; the user must still be able to use all other services.
        return False
    return True


def _loading_ours(original: Callable[..., Any], module: ModuleType) -> Callable[..., Any]:
    """Make a ``load_service_model`` that finds our services without scanning for all others."""
    data_not_found: type[Exception] = module.DataNotFoundError
    unknown_service: Callable[..., Exception] = module.UnknownServiceError
    find = _shortcut(module) or original

    @functools.wraps(original)
    def load_service_model(self: Any, *args: Any, **kwargs: Any) -> Any:
        service_name = _service_name(args, kwargs)
        if service_name not in SERVICES or not _lists_ours(self):
            return original(self, *args, **kwargs)
        try:
            return find(self, *args, **kwargs)
        except (data_not_found, ValueError, OSError):
            from boto3_agentcore_payments.damage import damage_of

            damage = damage_of(os.path.join(data_directory(), service_name))
        if damage is None:
            # The files are not ours, so botocore's own error is the right one.
            return original(self, *args, **kwargs)
        _warn_once(f"{damage}.")
        others = set(self.list_available_services("service-2")) - {service_name}
        raise unknown_service(
            service_name=service_name, known_service_names=", ".join(sorted(others))
        )

    return load_service_model


def _service_name(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0] if args else kwargs.get("service_name")


def _lists_ours(loader: Any) -> bool:
    """Return whether a loader's list of services is the one this module made.

    A subclass or a test that replaces ``list_available_services`` decides which services exist.
    """
    return sees_services(loader) and _is_marked(loader.list_available_services)


def _shortcut(module: ModuleType) -> Callable[..., Any] | None:
    """Rebuild botocore's ``load_service_model`` without the scan for all services.

    Returns:
        The function, or ``None`` for a loader that works in a different way.
    """
    instance_cache = getattr(module, "instance_cache", None)
    if not instance_cache or not hasattr(module.Loader, "_find_extras"):
        return None

    # The cache key consists of this function's name and arguments, so it is shared with the
    # original: a model is never loaded twice, nor its extras merged twice.
    def load_service_model(
        self: Any, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        latest = self.determine_latest_version(service_name, type_name)
        version = latest if api_version is None else api_version
        model = self.load_data(os.path.join(service_name, version, type_name))
        if not isinstance(model, dict) or not model:
            raise ValueError(f"{service_name}/{version}/{type_name} is not a definition")
        extras = self._find_extras(service_name, type_name, version)
        self._extras_processor.process(model, extras)
        return model

    function: Callable[..., Any] = instance_cache(load_service_model)
    return function


def _warn_once(message: str) -> None:
    with _lock:
        if message in _warned:
            return
        _warned.add(message)
    import warnings

    from boto3_agentcore_payments.errors import AgentCorePaymentsWarning

    warnings.warn(message, AgentCorePaymentsWarning, stacklevel=3)
