"""Our two services beside the AWS services they are cut from: models, clients without network.

Models in ~/.aws/models and AWS_DATA_PATH take no part.
"""

from __future__ import annotations

import functools
import io
import json
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

import boto3_agentcore_payments.loader

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parents[2] / "data"
AWS_NAMES = {
    "bedrock-agentcore-payments": "bedrock-agentcore",
    "bedrock-agentcore-payments-control": "bedrock-agentcore-control",
}
SERVICES = tuple(AWS_NAMES)
REGION = "us-west-2"


def loader() -> Loader:
    """A loader of botocore's own data and of ours, through the loader hook."""
    boto3_agentcore_payments.loader.extend()
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def session() -> botocore.session.Session:
    """A session that knows our services, whatever is installed."""
    created = botocore.session.Session()
    created.register_component("data_loader", loader())
    return created


@functools.cache
def definition(service: str, kind: str) -> Any:
    """One of our data files."""
    return loader().load_service_model(service, kind)


@functools.cache
def model(service: str) -> ServiceModel:
    """The model of a service, ours or AWS's."""
    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def operation(service: str, name: str) -> OperationModel:
    """The model of one of our operations."""
    return model(service).operation_model(name)


def aws_operation(service: str, name: str) -> OperationModel:
    """AWS's model of one of our operations."""
    return model(AWS_NAMES[service]).operation_model(name)


OPERATIONS = tuple(
    (service, name) for service in SERVICES for name in model(service).operation_names
)

each_service = pytest.mark.parametrize("service", SERVICES)
each_operation = pytest.mark.parametrize(
    ("service", "name"), OPERATIONS, ids=[name for _, name in OPERATIONS]
)


def botocore_has_payments() -> bool:
    """Whether the installed botocore knows the operations itself."""
    services = loader().list_available_services("service-2")
    return all(
        aws in services and any("Payment" in name for name in model(aws).operation_names)
        for aws in AWS_NAMES.values()
    )


needs_payments_in_botocore = pytest.mark.skipif(
    not botocore_has_payments(),
    reason="this botocore has no payments operations to compare with",
)


@dataclass
class Answer:
    """A canned HTTP answer."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


class RecordingClient:
    """A client whose requests are kept and answered from memory.

    Args:
        service: Name of the service, ours or AWS's.
        region: Region of the client.
        config: Further settings for the client.
    """

    def __init__(self, service: str, region: str = REGION, **config: Any) -> None:
        self.client = session().create_client(
            service,
            region,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="example",
            config=Config(retries={"max_attempts": 0}, **config),
        )
        self._answer = Answer(200, {})
        self._sent: list[AWSPreparedRequest] = []
        self.client.meta.events.register_last("before-send", self._reply)

    def call(
        self, name: str, params: dict[str, Any], answer: Answer | None = None
    ) -> tuple[AWSPreparedRequest, Any]:
        """Make one call at a fixed moment, with fixed random identifiers.

        Args:
            name: The operation's name in the model.
            params: Its parameters.
            answer: What comes back, by default an empty JSON object.

        Returns:
            The signed request, and the result or the exception.
        """
        self._answer = answer or Answer(200, {})
        method = getattr(self.client, botocore.xform_name(name))
        with fixed_moment():
            try:
                result = method(**params)
            except self.client.exceptions.ClientError as error:
                result = error
        return self._sent.pop(), result

    def _reply(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self._sent.append(request)
        body = self._answer.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = dict(self._answer.headers)
        return AWSResponse(request.url, self._answer.status, headers, _RawBody(content))


class _RawBody(io.BytesIO):
    """What botocore expects of an unread body."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Give all of it at once."""
        yield self.read()


@functools.cache
def recording_client(service: str) -> RecordingClient:
    """One client of a service for all tests."""
    return RecordingClient(service)


def clients(service: str) -> tuple[RecordingClient, RecordingClient]:
    """Our client and AWS's for the same operations."""
    return recording_client(service), recording_client(AWS_NAMES[service])


@contextmanager
def fixed_moment() -> Iterator[None]:
    """Hold still what makes two equal requests differ: the clock and random identifiers."""
    now = datetime(2026, 11, 2, 9, 0, tzinfo=timezone.utc).replace(tzinfo=None)
    token = uuid.UUID("3e1f7c90-5d2b-4a86-9c47-d8b06f2a1e53")
    clock = mock.patch("botocore.auth.get_current_datetime", return_value=now)
    with clock, mock.patch("uuid.uuid4", return_value=token):
        yield
