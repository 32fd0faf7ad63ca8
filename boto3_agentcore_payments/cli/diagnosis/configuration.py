"""Check the AWS configuration: region, credentials, endpoints."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import botocore.exceptions
import botocore.session
from botocore.config import Config

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis.findings import note, ok, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boto3_agentcore_payments.cli.diagnosis.findings import Finding

_SOME_REGION = "us-east-1"
_MAYBE_URL = re.compile(r"\S*[/@?#]\S*")


def check(session: botocore.session.Session) -> Iterator[Finding]:
    """Look at the profile, the region, the source of credentials and each service's endpoint."""
    profile = session.get_config_variable("profile")
    try:
        session.get_scoped_config()
    except botocore.exceptions.ProfileNotFound:
        known = ", ".join(session.available_profiles) or "none"
        yield wrong(
            "profile",
            f"{profile} is not in the AWS configuration (known: {known})",
            "correct AWS_PROFILE, or add the profile",
        )
        return
    if profile:
        yield ok("profile", str(profile))
    region = session.get_config_variable("region")
    yield _region(region)
    yield _credentials(session)
    for service in loader.SERVICES:
        yield from _endpoint(session, service, region or _SOME_REGION)


def _region(region: str | None) -> Finding:
    if region:
        return ok("region", region)
    return note(
        "region", "none is configured", "give region_name to each client, or set AWS_REGION"
    )


def _credentials(session: botocore.session.Session) -> Finding:
    try:
        credentials = session.get_credentials()
    except (botocore.exceptions.BotoCoreError, OSError, ValueError) as error:
        # ValueError: a credential_process that prints no JSON.
        return wrong("credentials", _one_line(error), "correct the AWS configuration")
    if credentials is None:
        return note(
            "credentials",
            "none are configured",
            "for AWS itself run: aws configure; for the emulator any will do, such as test",
        )
    return ok("credentials", f"from {credentials.method}")


def _endpoint(session: botocore.session.Session, service: str, region: str) -> Iterator[Finding]:
    variable = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    topic = "endpoint"
    try:
        given = _url(session, service, region)
        regular = _url(session, service, region, ignore_configured=True)
    except botocore.exceptions.UnknownServiceError:
        return  # the checks of activation and of the models say why
    except botocore.exceptions.InvalidRegionError as error:
        yield wrong(topic, f"{service}: {_one_line(error)}", "correct the region")
        return
    except (botocore.exceptions.BotoCoreError, ValueError) as error:
        # botocore repeats what is configured, which may hold a password anywhere.
        yield wrong(
            topic,
            f"{service}: {_MAYBE_URL.sub('(not shown)', _one_line(error))}",
            f"correct {variable}, AWS_ENDPOINT_URL or endpoint_url in the configuration file",
        )
        return
    given, regular = _origin(given), _origin(regular)
    if given == regular:
        yield ok(topic, f"{service}: {given}")
        return
    named = (name for name in (variable, "AWS_ENDPOINT_URL") if os.environ.get(name))
    source = next(named, "the configuration file")
    yield note(topic, f"{service}: {given}, from {source}, instead of {regular}")


def _url(
    session: botocore.session.Session, service: str, region: str, *, ignore_configured: bool = False
) -> str:
    client = session.create_client(
        service,
        region_name=region,
        # Given so that nothing is asked of a credential provider; nothing is sent either.
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 - not a secret
        config=Config(ignore_configured_endpoint_urls=ignore_configured or None),  # type: ignore[call-arg]
    )
    return str(client.meta.endpoint_url)


def _origin(url: str) -> str:
    """Return a URL's scheme, host and port; the rest may be secret."""
    split = urlsplit(url)
    host = split.netloc.rpartition("@")[2]
    # If the password contains a slash, its beginning looks like the host.
    if "@" in url and "@" not in split.netloc:
        host = "(not shown)"
    return f"{split.scheme}://{host}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
