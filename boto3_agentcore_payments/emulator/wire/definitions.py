"""The two service definitions, and how a method and a path lead to an operation.

Requests are matched against this package's own models, so every operation is known with any
version of botocore, and on any host, so one server answers for both planes. A definition is read
when the first request needs it.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from botocore.loaders import ExtrasProcessor
from botocore.model import ServiceModel

from boto3_agentcore_payments.emulator.wire import serializing, validation
from boto3_agentcore_payments.loader import ADDITIONS, SERVICES, data_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel

    from boto3_agentcore_payments.emulator.wire.validation import Check, ModelShape, Traits


def load_definition(service_name: str) -> dict[str, Any]:
    """Return the content of a service's ``service-2.json``, with AWS's later additions."""
    (path,) = Path(data_directory(), service_name).glob("*/service-2.json")
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    additions = json.loads(path.with_name(f"{ADDITIONS}.json").read_text(encoding="utf-8"))
    ExtrasProcessor().process(definition, [additions])
    return definition


class Definition:
    """One service definition.

    Args:
        service_name: One of ``SERVICES``.

    Attributes:
        model: botocore's model of the service.
        operations: Its operations by name, in the definition's order.
        validators: Validators of its shapes.
        serializers: Serializers of its shapes.
    """

    def __init__(self, service_name: str) -> None:
        self.service_name = service_name
        raw = load_definition(service_name)
        self._shapes: Mapping[str, Mapping[str, Any]] = raw["shapes"]
        self.model = ServiceModel(raw, service_name)
        self.validators = validation.Validators(service_name, self.traits)
        self.serializers = serializing.Serializers()
        self.operations = {
            name: Operation(self, name, members["http"])
            for name, members in raw["operations"].items()
        }
        self._exact: dict[tuple[str, str], Route] = {}
        self._with_labels: dict[tuple[str, int], list[tuple[tuple[str, ...], Operation]]] = {}
        for operation in self.operations.values():
            if "{" in operation.uri:
                segments = tuple(operation.uri.split("/"))
                key = (operation.method, len(segments))
                self._with_labels.setdefault(key, []).append((segments, operation))
            else:
                self._exact[operation.method, operation.uri] = Route(operation, {})

    def traits(self, shape: ModelShape) -> Traits:
        """Return every trait the definition gives a shape.

        botocore's ``Shape.metadata`` keeps a list of traits that differs between its versions
        (``pattern`` is a late addition), so traits are read from the definition itself.
        """
        return self._shapes[shape.name]

    def find(self, method: str, path: str) -> Route | None:
        """Return the route to one of its operations, see :func:`find`."""
        route = self._exact.get((method, path))
        if route is not None:
            return route
        segments = path.split("/")
        for template, operation in self._with_labels.get((method, len(segments)), ()):
            labels = {}
            for expected, segment in zip(template, segments):
                if expected.startswith("{"):
                    labels[expected[1:-1]] = unquote(segment)
                elif expected != segment:
                    break
            else:
                return Route(operation, labels)
        return None


class Operation:
    """One operation, with its validator and serializers made on first use.

    Args:
        definition: The definition it belongs to.
        name: Its name, e.g. ``CreatePaymentSession``.
        http: The operation's ``http`` trait in the definition.

    Attributes:
        method: HTTP method.
        uri: Request URI template of the model, e.g. ``/payments/managers/{paymentManagerId}``.
        status: HTTP status of a successful answer.
    """

    def __init__(self, definition: Definition, name: str, http: Mapping[str, Any]) -> None:
        self.definition = definition
        self.name = name
        self.method = str(http["method"])
        self.uri = str(http["requestUri"])
        self.status = int(http.get("responseCode", 200))

    @functools.cached_property
    def model(self) -> OperationModel:
        """Botocore's model of the operation."""
        return self.definition.model.operation_model(self.name)

    @functools.cached_property
    def inputs(self) -> InputMembers:
        """Where each member of the input travels."""
        return InputMembers.of(self.model.input_shape)

    @functools.cached_property
    def validate(self) -> Check:
        """The check of the whole input; see ``validation``."""
        return self.definition.validators.of(self.model.input_shape)

    @functools.cached_property
    def serialize(self) -> Callable[[Mapping[str, Any]], bytes]:
        """Turn output members into a response body; see ``serializing``."""
        return self.definition.serializers.body(self.model.output_shape, self.status)

    @functools.cached_property
    def error_shapes(self) -> dict[str, ModelShape]:
        """The errors the model lists for this operation, by code."""
        shapes: Any = self.model.error_shapes
        return {str(shape.name): shape for shape in shapes}


class InputMembers(NamedTuple):
    """Where the members of an input travel.

    Attributes:
        body: Member names by their name in the JSON body.
        headers: ``(member, header name)``.
        query: ``(member, query parameter, type of the shape)``.
        labels: Member names by URI label.
    """

    body: Mapping[str, str]
    headers: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str, str], ...]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, shape: ModelShape | None) -> InputMembers:
        """Sort the members of an input shape by location."""
        body: dict[str, str] = {}
        labels: dict[str, str] = {}
        headers: list[tuple[str, str]] = []
        query: list[tuple[str, str, str]] = []
        for member, member_shape in (shape.members if shape is not None else {}).items():
            location = member_shape.serialization.get("location")
            name = member_shape.serialization.get("name", member)
            if location is None:
                body[name] = member
            elif location == "header":
                headers.append((member, name))
            elif location == "querystring":
                query.append((member, name, member_shape.type_name))
            elif location == "uri":
                labels[name] = member
            else:  # pragma: no cover - only a model with a new location
                raise NotImplementedError(f"{member}: location {location!r} is not supported")
        return cls(body, tuple(headers), tuple(query), labels)


class Route(NamedTuple):
    """An operation and the URI labels a path gave it, percent-decoded.

    A label whose percent-encoding is not UTF-8 holds replacement characters, which no identifier
    allows.
    """

    operation: Operation
    labels: Mapping[str, str]


@functools.cache
def definition(service_name: str) -> Definition:
    """Return the definition of a service, read once.

    Args:
        service_name: One of ``SERVICES``.
    """
    return Definition(service_name)


def find(method: str, path: str) -> Route | None:
    """Find the operation a request is for.

    Args:
        method: HTTP method, upper case.
        path: Path as sent, percent-encoded, without the query string.

    Returns:
        The operation with its URI labels, or ``None`` if neither service has such a path. An
        empty label matches; validation refuses it.
    """
    for service_name in SERVICES:  # the data plane, with the most calls, first
        route = definition(service_name).find(method, path)
        if route is not None:
            return route
    return None


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Return every operation of both services by name."""
    return {
        name: operation
        for service_name in SERVICES
        for name, operation in definition(service_name).operations.items()
    }
