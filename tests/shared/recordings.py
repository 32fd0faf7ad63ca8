"""Answers recorded of the live service, and a comparison of the emulator's with them.

The files are third-party data and no part of this repository. Each is one call: ``operation``,
``situation``, ``region``, ``request``, then ``response`` or ``error``.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "AGENTCORE_PAYMENTS_RECORDINGS"

ACCEPTED = {
    "paymentInstrument.paymentInstrumentDetails.embeddedCryptoWallet.redirectUrl": (
        "the recorded path, on a host under .invalid, so that no test opens a vendor's page"
    ),
    "nextToken": "opaque to a client: base64 of a JSON object here too, with other members",
}
"""Members whose values may differ in more than ids, times and addresses, and why."""

_FORMS = tuple(
    re.compile(form)
    for form in (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
        r"payment-(instrument|session)-[0-9a-zA-Z-]{15}",
        r"0x[0-9a-fA-F]{40}",
        r"https://hub\.cdp\.coinbase\.(com|invalid)/[0-9a-f]{12}",
        (
            r"https://bedrock-agentcore\.us-west-2\.amazonaws\.com/identities/oauth2/authorize"
            r"\?request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A[A-Za-z0-9+/]{48}"
        ),
    )
)
# Texts that end, or whose parts end, in something random.
_RANDOM_END = (
    (re.compile(r"([a-z0-9_]+)-[a-z0-9]{10}"), r"\1-*"),
    (re.compile(r"(arn:aws:bedrock-agentcore:.+/[a-z0-9]+)-[a-z0-9]{10}"), r"\1-*"),
    (re.compile(r"(arn:aws:secretsmanager:.+)-[0-9a-f]{8}/(\w+)-[0-9a-zA-Z]{6}"), r"\1-*/\2-*"),
)
_TIME = _FORMS[0]


class Recording(NamedTuple):
    """One recorded call."""

    name: str
    operation: str
    region: str
    request: dict[str, Any]
    response: dict[str, Any] | None
    error: dict[str, Any] | None


def read(directory: Path) -> dict[str, Recording]:
    """Return every recording of a directory, by its file's name without the ending."""
    recordings = {}
    for path in sorted(directory.glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        recordings[path.stem] = Recording(
            path.stem,
            said["operation"],
            said["region"],
            said["request"],
            said.get("response"),
            said.get("error"),
        )
    return recordings


class Comparison:
    """Compares answers with recordings, and maps recorded ids to the ids of this run."""

    def __init__(self) -> None:
        self.real: dict[str, str] = {}

    def here(self, value: Any) -> Any:
        """Return a recorded value with the ids of this run."""
        if isinstance(value, dict):
            return {name: self.here(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.here(inner) for inner in value]
        if isinstance(value, str):
            for recorded in sorted(self.real, key=len, reverse=True):
                value = value.replace(recorded, self.real[recorded])
        return value

    def differences(self, recorded: Any, answered: Any, path: str = "") -> list[str]:
        """Return what differs, each with its path; ids that are new are learnt."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            found = [f"{path}.{name} is missing" for name in recorded.keys() - answered.keys()]
            found += [f"{path}.{name} is too much" for name in answered.keys() - recorded.keys()]
            for name in recorded.keys() & answered.keys():
                inner = f"{path}.{name}" if path else name
                found += self.differences(recorded[name], answered[name], inner)
            return found
        if isinstance(recorded, list) and isinstance(answered, list):
            if len(recorded) != len(answered):
                return [f"{path} has {len(answered)} entries, not {len(recorded)}"]
            pairs = enumerate(zip(recorded, answered))
            return [
                one
                for number, (left, right) in pairs
                for one in self.differences(left, right, f"{path}[{number}]")
            ]
        return self._of_values(recorded, answered, path)

    def _of_values(self, recorded: Any, answered: Any, path: str) -> list[str]:
        expected = self.here(recorded)
        if expected == answered or path in ACCEPTED:
            return []
        if isinstance(recorded, str) and isinstance(answered, str) and _alike(recorded, answered):
            if recorded in self.real:
                return [f"{path} is {answered!r}, which was {self.real[recorded]!r} before"]
            if not _TIME.fullmatch(recorded):
                self.real[recorded] = answered
            return []
        return [f"{path} is {answered!r}, not {expected!r}"]


def times(answer: Any, path: str = "") -> dict[str, str]:
    """Return every time of an answer, by its path."""
    if isinstance(answer, dict):
        parts = [(f"{path}.{name}", inner) for name, inner in answer.items()]
    elif isinstance(answer, list):
        parts = [(f"{path}[{number}]", inner) for number, inner in enumerate(answer)]
    else:
        return {path: answer} if isinstance(answer, str) and _TIME.fullmatch(answer) else {}
    return {key: value for place, inner in parts for key, value in times(inner, place).items()}


def as_text(answer: Any) -> Any:
    """Return an answer as recordings have it: times as text, without what boto3 adds."""
    if isinstance(answer, dict):
        return {
            name: as_text(inner) for name, inner in answer.items() if name != "ResponseMetadata"
        }
    if isinstance(answer, list):
        return [as_text(inner) for inner in answer]
    if isinstance(answer, datetime):
        return answer.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return answer


def _alike(recorded: str, answered: str) -> bool:
    if any(form.fullmatch(recorded) and form.fullmatch(answered) for form in _FORMS):
        return True
    return any(
        form.fullmatch(recorded)
        and form.fullmatch(answered)
        and form.sub(shown, recorded) == form.sub(shown, answered)
        for form, shown in _RANDOM_END
    )
