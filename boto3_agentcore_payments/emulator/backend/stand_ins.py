"""Stand-ins for a moto service that the installed moto does not have yet.

moto asks a service for its backends, only to learn the URLs, and for its ``urls`` module. The
stand-in answers only payments paths; any other path on its hosts stays unknown.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict, BaseBackend

if TYPE_CHECKING:
    from types import ModuleType

_REGIONS = ["us-east-1"]
"""moto looks for the URLs in this region, whatever region a request is for."""


def fill(module: ModuleType, package: str, bases: list[str], part: str) -> None:
    """Give a stand-in module its content.

    Args:
        module: The empty module.
        package: moto's name for the service.
        bases: Patterns of the service's hosts.
        part: Which module of the service: ``""`` (the package), ``models`` or ``urls``.
    """
    name = f"{package}_backends"
    if part == "urls":
        module.__dict__.update(url_bases=bases, url_paths={})
    elif part == "models":
        module.__dict__[name] = _backends(package)
    else:
        models = importlib.import_module(f"moto.{package}.models")
        module.__dict__[name] = getattr(models, name)


def _backends(package: str) -> BackendDict[Any]:
    class StandInBackend(BaseBackend):
        """Provides the URLs and nothing else."""

        @property
        def _url_module(self) -> ModuleType:
            return importlib.import_module(f"moto.{package}.urls")

    return BackendDict(
        StandInBackend, package, use_boto3_regions=False, additional_regions=_REGIONS
    )
