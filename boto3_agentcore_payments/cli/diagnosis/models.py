"""Find where the service definitions come from, and what hides them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import model_copies, packaged_models
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok, wrong
from boto3_agentcore_payments.cli.model_copies import Condition
from boto3_agentcore_payments.damage import REINSTALL, damage_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import botocore.session

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding
    from boto3_agentcore_payments.cli.model_copies import Copy

TOPIC = "models"
_AWS_SERVICES = ("bedrock-agentcore", "bedrock-agentcore-control")


def check(session: botocore.session.Session) -> Iterator[Finding]:
    """Look for the source of each service's definition, then for copies where botocore searches."""
    searched = [Path(place) for place in session.get_component("data_loader").search_paths]
    own = packaged_models.root()
    for service in loader.SERVICES:
        # The loader hook answers after every directory that is searched: those win.
        place = next((place for place in (*searched, own) if _defines(place / service)), None)
        damage = damage_of(str(own / service))
        if damage:
            yield wrong(TOPIC, damage.text, damage.advice)
        elif place is None:
            yield wrong(TOPIC, f"{service}: not found", REINSTALL)
        else:
            yield ok(TOPIC, f"{service}: {place / service}")
    users = model_copies.default_directory()
    for directory in dict.fromkeys([users, *searched]):
        if directory == own or model_copies.holds_aws_models(directory):
            continue
        for service in loader.SERVICES:
            yield from _copy(model_copies.inspect(directory, service), default=directory == users)
        for service in _AWS_SERVICES:
            if _defines(directory / service):
                yield note(
                    TOPIC,
                    f"{directory / service} hides AWS's own {service}",
                    "remove it unless it is meant to",
                )


def _copy(copy: Copy, *, default: bool) -> Iterator[Finding]:
    where = "" if default else f" --directory {copy.directory.parent}"
    install = f"run: agentcore-payments install-models{where}"
    version = copy.manifest.version if copy.manifest else ""
    if copy.condition is Condition.ABSENT:
        return
    if copy.condition is Condition.CURRENT:
        yield ok(TOPIC, f"{copy.directory}: installed copy, up to date")
    elif copy.condition is Condition.NEWER:
        yield note(
            TOPIC,
            f"{copy.directory}: installed copy of the newer version {version}, used instead",
            "run: pip install --upgrade boto3-agentcore-payments",
        )
    elif copy.condition is Condition.OLDER:
        yield wrong(
            TOPIC, f"{copy.directory}: older copy of version {version} hides the package's", install
        )
    elif copy.condition is Condition.INCOMPLETE:
        yield wrong(TOPIC, f"{copy.directory}: installed copy is incomplete", install)
    elif copy.condition is Condition.CHANGED:
        changed = ", ".join(copy.changed)
        yield wrong(
            TOPIC,
            f"{copy.directory}: changed since it was installed: {changed}",
            f"{install} --force",
        )
    else:
        yield wrong(
            TOPIC,
            f"{copy.directory}: not installed by agentcore-payments, and hides the package's",
            f"remove it, or {install} --force",
        )


def _defines(service: Path) -> bool:
    return any(service.glob("*/service-2.json*"))
