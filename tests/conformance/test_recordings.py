"""Every recorded answer of the live service, compared with the emulator's member by member."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from recordings import ACCEPTED, VARIABLE, Comparison, Recording, as_text, read, times

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANES = ("bedrock-agentcore-payments", "bedrock-agentcore-payments-control")
FIXTURE = "agentcore-cli-payment-fixture"
# What a file's request leaves out, or replaces by words, because it is secret.
JWT = {
    "customJWTAuthorizer": {
        "discoveryUrl": "https://id.example.com/.well-known/openid-configuration",
        "allowedAudience": ["shop"],
    }
}
ORDER = (
    "CreatePaymentManager.iam-role",
    "UpdatePaymentManager.description",
    "GetPaymentManager.after-update",
    "DeletePaymentManager.ready",
    "GetPaymentManager.after-delete",
    "ListPaymentManagers.seven",
    "GetPaymentManager.never-updated",
    "GetPaymentManager.another",
    "CreatePaymentCredentialProvider.coinbase-managed",
    "GetPaymentCredentialProvider.coinbase-managed",
    "CreatePaymentCredentialProvider.coinbase-managed-second",
    "GetPaymentCredentialProvider.another",
    "ListPaymentCredentialProviders.ten",
    "ListPaymentCredentialProviders.page-1",
    "ListPaymentCredentialProviders.page-2",
    "UpdatePaymentCredentialProvider.coinbase-new-key",
    "GetPaymentCredentialProvider.after-delete",
    "ListPaymentCredentialProviders.after-delete",
    "CreatePaymentCredentialProvider.stripe-privy-managed",
    "CreatePaymentConnector.manual",
    "UpdatePaymentConnector.description",
    "ListPaymentConnectors.two",
    "GetPaymentConnector.after-update",
    "DeletePaymentConnector.ready",
    "GetPaymentConnector.after-delete",
    "CreatePaymentConnector.quick-create",
    "DeletePaymentConnector.pending-authentication",
    "GetPaymentConnector.pending-after-delete",
    "CreatePaymentInstrument.coinbase-ethereum",
    "GetPaymentInstrument.by-id",
    "ListPaymentInstruments.one",
    "GetPaymentInstrument.after-delete",
    "CreatePaymentSession.limit-1.00",
    "GetPaymentSession.limit-1.00",
    "ListPaymentSessions.one",
    "DeletePaymentSession.unused",
    "GetPaymentSession.after-delete",
)


def secret(member: str) -> str:
    """Return a key as the vendor of this member makes them."""
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    if member == "apiKeySecret":
        key = ed25519.Ed25519PrivateKey.generate()
        raw = key.private_bytes_raw() + key.public_key().public_bytes_raw()
    elif member == "appSecret":
        raw = os.urandom(32)
    else:
        raw = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL
            if member == "walletSecret"
            else serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    return base64.b64encode(raw).decode()


def filled_in(value: Any, name: str = "") -> Any:
    """Return a recorded request with keys where the file says what stood there."""
    if isinstance(value, dict):
        return {member: filled_in(inner, member) for member, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner) for inner in value]
    return secret(name) if isinstance(value, str) and value.startswith("<") else value


class Replay:
    """The recorded account, rebuilt so far as a call needs it."""

    def __init__(self, recordings: dict[str, Recording]) -> None:
        self.recordings = recordings
        self.compared = Comparison()
        self.token = ""
        self.before = {
            "ListPaymentManagers.seven": self.managers,
            "CreatePaymentCredentialProvider.coinbase-managed": self.providers,
            "GetPaymentCredentialProvider.after-delete": lambda: self.delete_provider(
                f"{FIXTURE}-2"
            ),
            "ListPaymentCredentialProviders.after-delete": lambda: self.delete_provider(FIXTURE),
            "CreatePaymentConnector.manual": self.connector,
            "GetPaymentInstrument.after-delete": self.delete_instrument,
        }

    def call(self, operation: str, request: dict[str, Any], region: str = "us-west-2") -> Any:
        """Call an operation as any client does."""
        method = xform_name(operation)
        clients = [boto3.client(plane, region_name=region) for plane in PLANES]
        client = next(one for one in clients if hasattr(one, method))
        return as_text(getattr(client, method)(**request))

    def play(self, name: str) -> list[str]:
        """Make one recorded call; return what differs."""
        self.before.get(name, lambda: None)()
        recording = self.recordings[name]
        request = filled_in(self.compared.here(recording.request))
        if "nextToken" in request:
            request["nextToken"] = self.token
        try:
            answer = self.call(recording.operation, request, recording.region)
        except ClientError as error:
            said = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            answer = {"code": said["Code"], "status": status, "message": said["Message"]}
            return self.compared.differences(recording.error, answer)
        self.token = answer.get("nextToken", "")
        assert recording.response is not None
        return [
            *self.compared.differences(recording.response, answer),
            *of_times(recording.response, answer),
        ]

    def managers(self) -> None:
        for entry in self.recordings["ListPaymentManagers.seven"].response["paymentManagers"]:
            request = {
                name: entry[name]
                for name in ("name", "authorizerType", "roleArn", "description")
                if name in entry
            }
            if entry["authorizerType"] == "CUSTOM_JWT":
                request["authorizerConfiguration"] = JWT
            made = self.call("CreatePaymentManager", request)
            self.compared.real[entry["paymentManagerId"]] = made["paymentManagerId"]

    def providers(self) -> None:
        ten = self.recordings["ListPaymentCredentialProviders.ten"].response
        another = self.recordings["GetPaymentCredentialProvider.another"].response
        coinbase = another["providerConfigurationOutput"]["coinbaseCdpConfiguration"]
        inputs = {
            "CoinbaseCDP": {
                "coinbaseCdpConfiguration": {
                    "apiKeyId": coinbase["apiKeyId"],
                    "apiKeySecret": secret("apiKeySecret"),
                    "walletSecret": secret("walletSecret"),
                }
            },
            "StripePrivy": {
                "stripePrivyConfiguration": {
                    "appId": "app",
                    "appSecret": secret("appSecret"),
                    "authorizationId": "auth",
                    "authorizationPrivateKey": secret("authorizationPrivateKey"),
                }
            },
        }
        for entry in ten["credentialProviders"]:
            if not entry["name"].startswith(FIXTURE):
                vendor = entry["credentialProviderVendor"]
                self.call(
                    "CreatePaymentCredentialProvider",
                    {
                        "name": entry["name"],
                        "credentialProviderVendor": vendor,
                        "providerConfigurationInput": inputs[vendor],
                    },
                )

    def delete_provider(self, name: str) -> None:
        self.call("DeletePaymentCredentialProvider", {"name": name})

    def connector(self) -> None:
        manual = self.recordings["CreatePaymentConnector.manual"].request
        (theirs,) = (
            entry
            for entry in self.recordings["ListPaymentConnectors.two"].response["paymentConnectors"]
            if entry["name"] != manual["name"]
        )
        request = {**self.compared.here(manual), "name": theirs["name"]}
        made = self.call("CreatePaymentConnector", request)
        self.compared.real[theirs["paymentConnectorId"]] = made["paymentConnectorId"]

    def delete_instrument(self) -> None:
        created = self.recordings["CreatePaymentInstrument.coinbase-ethereum"].response
        members = ("userId", "paymentManagerArn", "paymentConnectorId", "paymentInstrumentId")
        request = {name: created["paymentInstrument"][name] for name in members}
        answer = self.call("DeletePaymentInstrument", self.compared.here(request))
        assert answer == {"status": "DELETED"}


def of_times(recorded: Any, answered: Any) -> list[str]:
    """Return which times of an answer do not stand to each other as the recorded ones do."""
    theirs, ours = times(recorded), times(answered)
    return [
        f"{left} and {right}: {ours[left]}, {ours[right]}"
        for left in theirs.keys() & ours.keys()
        for right in theirs.keys() & ours.keys()
        # Entries of a list were made here in another order; compare within one resource.
        if left.rpartition(".")[0].split("]")[0] == right.rpartition(".")[0].split("]")[0]
        if (theirs[left] == theirs[right] and ours[left] != ours[right])
        or (theirs[left] < theirs[right] and ours[left] > ours[right])
    ]


@pytest.fixture(scope="module")
def played() -> Iterator[dict[str, list[str]]]:
    """Return the differences of each recording; skip if there are no recordings."""
    where = os.environ.get(VARIABLE)
    if not where:
        pytest.skip(f"the recordings are not part of this repository; {VARIABLE} names where")
    moto = pytest.importorskip("moto", reason="the emulator lives in moto")
    recordings = read(Path(where))
    with moto.mock_aws():
        replay = Replay(recordings)
        yield {name: replay.play(name) for name in ORDER}


@pytest.mark.parametrize("name", ORDER)
def test_answer_is_as_recorded(played: dict[str, list[str]], name: str) -> None:
    assert played[name] == []


def test_every_recording_is_replayed() -> None:
    where = os.environ.get(VARIABLE)
    if not where:
        pytest.skip(f"the recordings are not part of this repository; {VARIABLE} names where")
    assert set(read(Path(where))) == set(ORDER)


@pytest.mark.parametrize(
    ("recorded", "answered", "found"),
    [
        ({"a": "x"}, {}, [".a is missing"]),
        ({}, {"a": "x"}, [".a is too much"]),
        ({"a": ["x"]}, {"a": []}, ["a has 0 entries, not 1"]),
        ({"a": "1.00"}, {"a": "1"}, ["a is '1', not '1.00'"]),
        ({"id": "shop-gx3nxzaira"}, {"id": "shop-ktdwha51g1"}, []),
        ({"id": "shop-gx3nxzaira"}, {"id": "other-ktdwha51g1"}, ["id is 'other-ktdwha51g1'"]),
        ({"at": "2026-09-08T20:14:31.151Z"}, {"at": "2026-09-08T20:14:31Z"}, ["at is '2026"]),
    ],
)
def test_a_comparison_finds_what_differs(recorded: Any, answered: Any, found: list[str]) -> None:
    differences = Comparison().differences(recorded, answered)
    assert len(differences) == len(found)
    assert all(one.startswith(start) for one, start in zip(differences, found))


def test_a_comparison_takes_no_second_id_for_the_same_thing() -> None:
    comparison = Comparison()
    assert comparison.differences("shop-gx3nxzaira", "shop-ktdwha51g1") == []
    assert comparison.differences("shop-gx3nxzaira", "shop-mncapbffse") != []


def test_times_in_another_order_are_found() -> None:
    early, late = "2026-09-08T20:14:31.151Z", "2026-09-08T20:14:32.139Z"
    recorded = {"createdAt": early, "updatedAt": early}
    assert of_times(recorded, {"createdAt": late, "updatedAt": late}) == []
    assert of_times(recorded, {"createdAt": early, "updatedAt": late}) != []


def test_every_accepted_difference_has_its_reason() -> None:
    assert all(ACCEPTED.values())
    assert len(json.dumps(ACCEPTED)) < 1000
