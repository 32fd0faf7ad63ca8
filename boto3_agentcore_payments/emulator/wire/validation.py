r"""Is a request what the model allows: one generic, model-driven validator.

A check is compiled once for every shape of a definition. It looks at everything the model says.
All failures of a request are reported together, up to ``MAX_FAILURES``, each with the path of the
value as the caller wrote it (``limits.maxSpendAmount.value``, ``linkedAccounts[0].email``).

Behaviour:
    - [model] Required members, types, ranges, lengths, enums, unions (exactly one member), sizes
      of lists and maps are checked; a failure is a ValidationException with reason
      ``FieldValidationFailed``, whose ``fieldList`` names every wrong value by its path.
    - [model] A pattern holds for the whole value; ``\d`` means the ASCII digits.
    - [model] Nothing at or below a ``sensitive`` shape is ever quoted in a message.
    - [decided] A member the model does not have is refused by its name.
    - [decided] The wording of the messages, and at most 20 of them for one request.
    - [decided] Types are JSON's, strictly: ``true`` is no integer, nor are ``"15"`` and ``15.0``.
    - [decided] ``null`` is not an element of a list or a value of a map.
    - [decided] Text with lone surrogates is refused: it can be neither stored nor signed.
    - [decided] A document (any JSON) is nested at most 100 deep.
    - [decided] Text with a pattern but no maximum is at most 4096 characters long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments.emulator.engine.errors import ValidationException
from boto3_agentcore_payments.emulator.wire import checks, quirks
from boto3_agentcore_payments.emulator.wire.checks import MAX_FAILURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3_agentcore_payments.emulator.wire.checks import Check, Failure, ModelShape, Traits


def refusal(failures: list[Failure]) -> ValidationException:
    """Return the error for everything found wrong with a request.

    Args:
        failures: ``(path, what is wrong)``, at least one.
    """
    shown = failures[:MAX_FAILURES]
    text = "; ".join(f"{path} {problem}" for path, problem in shown)
    if len(failures) == 1:
        counted = "1 value is"
    elif len(failures) <= MAX_FAILURES:
        counted = f"{len(failures)} values are"
    else:
        counted = f"more than {MAX_FAILURES} values are"
    return ValidationException(
        f"{counted} not valid: {text}", reason="FieldValidationFailed", fields=tuple(shown)
    )


class Validators:
    """Compiled checks of one definition's shapes.

    Args:
        service: Name of the service definition, for its quirks.
        traits: Gives every trait of a shape.
    """

    def __init__(self, service: str, traits: Callable[[ModelShape], Traits]) -> None:
        self._service = service
        self._traits = traits
        self._checks: dict[tuple[str, bool], Check] = {}

    def of(self, shape: ModelShape | None, *, secret: bool = False) -> Check:
        """Return the check of a shape.

        Args:
            shape: A shape of the definition, or ``None`` for an operation without input.
            secret: Whether the shape is used below a sensitive one.
        """
        if shape is None:
            return lambda _value: None
        traits = self._traits(shape)
        secret = secret or bool(traits.get("sensitive"))
        key = (str(shape.name), secret)
        if key not in self._checks:
            self._checks[key] = self._compile(shape, traits, secret=secret)
        return self._checks[key]

    def _compile(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        kind = "document" if traits.get("document") else str(shape.type_name)
        compilers: dict[str, Callable[[], Check]] = {
            "structure": lambda: self._structure(shape, traits, secret=secret),
            "document": lambda: checks.document,
            "list": lambda: checks.sequence(self.of(shape.member, secret=secret), traits),
            "map": lambda: checks.mapping(
                self.of(shape.key, secret=secret),
                self.of(shape.value, secret=secret),
                traits,
                secret=secret,
            ),
            "string": lambda: self._string(shape, traits, secret=secret),
            "integer": lambda: checks.integer(traits, secret=secret),
            "long": lambda: checks.integer(traits, secret=secret),
            "boolean": lambda: checks.boolean,
        }
        if kind not in compilers:
            message = f"{shape.name}: type {kind!r} is not supported in a request"
            raise NotImplementedError(message)
        return compilers[kind]()

    def _structure(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        members = {}
        for name, member in shape.members.items():
            wire_name = member.serialization.get("name", name)
            # A member that travels outside the body is known by its own name.
            in_body = member.serialization.get("location") is None
            members[wire_name if in_body else name] = self.of(member, secret=secret)
        tolerated = quirks.optional_members(self._service, shape.name)
        required = frozenset(traits.get("required", ())) - tolerated
        check = checks.structure(members, required, secret=secret)
        return checks.union(check, tuple(members)) if traits.get("union") else check

    def _string(self, shape: ModelShape, traits: Traits, *, secret: bool) -> Check:
        if traits.get("enum"):
            return checks.choice(tuple(traits["enum"]), secret=secret)
        pattern = quirks.pattern(self._service, shape.name, traits.get("pattern"))
        return checks.text(traits, pattern, secret=secret)
