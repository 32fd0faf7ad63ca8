"""What the arguments of the control surface's verbs may be, and the resources they name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.engine import finding
from boto3_agentcore_payments.emulator.engine.errors import ResourceNotFoundException
from boto3_agentcore_payments.emulator.engine.faults import EVERY_OPERATION
from boto3_agentcore_payments.emulator.engine.identifiers import last_part
from boto3_agentcore_payments.emulator.wire import definitions

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.engine.ports import Lifecycle
    from boto3_agentcore_payments.emulator.engine.resources import Connector, Manager
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


def units(amount: int | str, name: str = "amount") -> int:
    """Read atomic units; a float or a fraction is an error, because it may have lost some.

    Args:
        amount: The argument.
        name: The argument's name, for the error.

    Raises:
        ValueError: if it is not a whole number of 0 or more.
    """
    if isinstance(amount, str) and amount.isascii() and amount.isdigit():
        return int(amount)
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise ValueError(
            f"{name} must be a whole number of atomic USDC units, 0 or more, not {amount!r}"
        )
    return amount


def switch(value: bool, name: str) -> bool:  # noqa: FBT001 - the switch itself
    """Read a switch; the text ``"false"`` is an error, because it would count as true.

    Args:
        value: The argument.
        name: The argument's name, for the error.

    Raises:
        TypeError: if it is neither True nor False.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return value


def count(value: int, name: str) -> int:
    """Read a number of things.

    Args:
        value: The argument.
        name: The argument's name, for the error.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, as {value} is")
    return value


def _pascal_case(name: str) -> str:
    """Return a name in the form of operations: ``process_payment`` as ``ProcessPayment``."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def check_operation(operation: str) -> None:
    """Check that an operation exists, or is ``*``.

    Raises:
        ValueError: if it does not; suggests the nearest one.
    """
    if operation != EVERY_OPERATION and operation not in definitions.operations():
        near = difflib.get_close_matches(_pascal_case(operation), definitions.operations(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown operation {operation!r}{hint}")


_STATUS_SHAPES = {
    "manager": ("GetPaymentManager", ("status",)),
    "connector": ("GetPaymentConnector", ("status",)),
    "instrument": ("GetPaymentInstrument", ("paymentInstrument", "status")),
}


def _enum(operation: str, member_path: tuple[str, ...], *, of_input: bool = False) -> list[str]:
    model = definitions.operations()[operation].model
    shape: Any = model.input_shape if of_input else model.output_shape
    for member in member_path:
        shape = shape.members[member]
    return list(shape.enum)


def statuses(kind: str) -> list[str]:
    """Return the statuses that the model gives a kind of resource."""
    return _enum(*_STATUS_SHAPES[kind])


def chains() -> list[str]:
    """Return the model's names, and CAIP-2 names where a payable network has none."""
    from boto3_agentcore_payments.emulator.proofs import networks

    payable = (*networks.X402_NETWORKS, *networks.TEMPO_NETWORKS.values())
    unnamed = [network.caip2 for network in payable if network.chain is None]
    return [*_enum("GetPaymentInstrumentBalance", ("chain",), of_input=True), *unnamed]


def caip2(network: str) -> str:
    """Return a network's CAIP-2 name; a name that x402 does not know stays as it is."""
    from boto3_agentcore_payments.emulator.proofs import networks

    found = networks.find(network)
    return network if found is None else found.caip2


def lifecycle_of(
    state: PaymentsState, resource: str, *, settle: bool = True
) -> tuple[str, Lifecycle]:
    """Return the kind of a resource and its status object.

    Args:
        state: Where it is.
        resource: Its id or ARN.
        settle: Whether looking it up moves its status on, as every look does.

    Raises:
        ResourceNotFoundException: if there is no such resource.
    """
    identifier = last_part(resource)
    finders: dict[str, Callable[[PaymentsState, str], Any]] = {
        "manager": finding.find_manager if settle else _unsettled_manager,
        "connector": finding.find_connector_anywhere if settle else _unsettled_connector,
        "instrument": finding.find_instrument_anywhere,
    }
    for kind, find in finders.items():
        found = find(state, identifier)
        if found is not None:
            lifecycle: Lifecycle = found.lifecycle
            return kind, lifecycle
    raise ResourceNotFoundException(f"Resource not found: {resource}")


def _unsettled_manager(state: PaymentsState, identifier: str) -> Manager | None:
    return state.managers.get(identifier)


def _unsettled_connector(state: PaymentsState, identifier: str) -> Connector | None:
    found = (manager.connectors.get(identifier) for manager in state.managers)
    return next((connector for connector in found if connector is not None), None)
