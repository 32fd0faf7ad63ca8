"""Choose who answers a payments operation that moto implements: moto or this package."""

from __future__ import annotations

import os

PREFER_MOTO_VARIABLE = "BOTO3_AGENTCORE_PAYMENTS_PREFER_MOTO"
"""Environment variable with the default: ``1`` lets moto answer."""

_chosen: dict[str, bool] = {}


def prefer_moto(choice: bool) -> None:  # noqa: FBT001 - the choice is all there is to say
    """Choose for this process, whatever the environment says."""
    _chosen["moto"] = choice


def prefers_moto() -> bool:
    """Return whether moto answers a payments operation that it implements itself."""
    if "moto" not in _chosen:
        _chosen["moto"] = os.environ.get(PREFER_MOTO_VARIABLE, "") not in {"", "0"}
    return _chosen["moto"]
