"""The 27 operations together: names and members as modelled, errors without a trace."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from pathlib import Path
from threading import Thread

from boto3_agentcore_payments.emulator.engine import quick_create
from boto3_agentcore_payments.emulator.engine.errors import ServiceError
from boto3_agentcore_payments.emulator.engine.operations import OPERATIONS

ROOT = Path(__file__).parents[2]
MODELS = [
    json.loads(path.read_text())
    for path in sorted((ROOT / "data").glob("bedrock-agentcore-payments*/*/service-2.json"))
]
VAULT = "arn:aws:acps:us-east-1:123456789012:token-vault/default/paymentcredentialprovider"


def model_of(operation):
    return next(model for model in MODELS if operation in model["operations"])


LEFT_OUT = {
    "PaymentConnectorSummary": {"lastUpdatedAt"},
    "EmbeddedCryptoWallet": {"linkedAccounts"},
}
"""Members that the model requires and the service leaves out, as recorded."""


def test_every_modelled_operation_is_here_and_no_other():
    assert set(OPERATIONS) == {name for model in MODELS for name in model["operations"]}
    assert len(OPERATIONS) == 27


def check(model, shape_name, value, path):
    """Compare a value with its modelled shape: known members, required members, types, enums."""
    shape = model["shapes"][shape_name]
    kind = shape["type"]
    if shape.get("document"):
        return
    if kind == "structure":
        assert set(value) <= set(shape["members"]), path
        required = set(shape.get("required", ())) - LEFT_OUT.get(shape_name, set())
        assert required <= set(value), path
        for name, inner in value.items():
            check(model, shape["members"][name]["shape"], inner, f"{path}.{name}")
    elif kind == "list":
        for inner in value:
            check(model, shape["member"]["shape"], inner, f"{path}[]")
    elif kind == "timestamp":
        assert isinstance(value, datetime), path
        assert value.tzinfo is not None, path
    elif kind == "string":
        assert isinstance(value, str), path
        assert value in shape.get("enum", [value]), path
        assert shape.get("min", 0) <= len(value) <= shape.get("max", len(value)), path


def every_request(shop):
    """Return one good request for each operation, in an order in which all succeed."""
    quick = shop.create_connector(
        shop.manager_id, provisionMode="QUICK_CREATE", credentialProviderConfigurations=[]
    )["paymentConnectorId"]
    shop.state.balances.fund(shop.address(), "BASE", 1)
    connector = {"paymentManagerId": shop.manager_id, "paymentConnectorId": shop.connector_id}
    vault = {
        "name": "vault",
        "credentialProviderVendor": "CoinbaseCDP",
        "providerConfigurationInput": {
            "coinbaseCdpConfiguration": {"apiKeyId": "a", "apiKeySecret": "b", "walletSecret": "c"}
        },
    }
    session = shop.of(paymentSessionId=shop.create_session("1")["paymentSessionId"])
    own = shop.of(paymentInstrumentId=shop.instrument_id)
    mine = {**own, "paymentConnectorId": shop.connector_id}
    quick_create.approve_authorization(shop.state, quick)
    return [
        (
            "CreatePaymentManager",
            {
                "name": "Other",
                "authorizerType": "CUSTOM_JWT",
                "authorizerConfiguration": {"customJWTAuthorizer": {"discoveryUrl": "https://x"}},
                "roleArn": "arn:aws:iam::123456789012:role/x",
                "tags": {"team": "a"},
            },
        ),
        ("GetPaymentManager", {"paymentManagerId": shop.manager_id}),
        ("ListPaymentManagers", {"maxResults": 1}),
        (
            "UpdatePaymentManager",
            {
                "paymentManagerId": shop.manager_id,
                "authorizerType": "CUSTOM_JWT",
                "authorizerConfiguration": {"customJWTAuthorizer": {"discoveryUrl": "https://y"}},
            },
        ),
        ("GetPaymentManager", {"paymentManagerId": shop.manager_id}),
        (
            "CreatePaymentConnector",
            {
                "paymentManagerId": shop.manager_id,
                "name": "Quick",
                "type": "CoinbaseCDP",
                "provisionMode": "QUICK_CREATE",
                "credentialProviderConfigurations": [],
            },
        ),
        ("GetPaymentConnector", {**connector, "paymentConnectorId": quick}),
        ("ListPaymentConnectors", {"paymentManagerId": shop.manager_id, "maxResults": 1}),
        (
            "CreatePaymentConnector",
            {
                "paymentManagerId": shop.manager_id,
                "name": "Manual",
                "type": "StripePrivy",
                "credentialProviderConfigurations": [
                    {"stripePrivy": {"credentialProviderArn": f"{VAULT}/y"}}
                ],
            },
        ),
        (
            "UpdatePaymentConnector",
            {
                **connector,
                "description": "d",
                "credentialProviderConfigurations": [
                    {"coinbaseCDP": {"credentialProviderArn": f"{VAULT}/z"}}
                ],
            },
        ),
        (
            "RotatePaymentConnectorCredentials",
            {
                "paymentManagerId": shop.manager_id,
                "paymentConnectorId": quick,
                "credentialsToRotate": {"coinbaseCDP": {"secrets": ["API_KEY"]}},
            },
        ),
        ("CreatePaymentCredentialProvider", {**vault, "tags": {"team": "a"}}),
        ("GetPaymentCredentialProvider", {"name": "vault"}),
        ("ListPaymentCredentialProviders", {"maxResults": 1}),
        ("UpdatePaymentCredentialProvider", vault),
        (
            "GetResourcePaymentToken",
            {
                "workloadIdentityToken": "t",
                "resourceCredentialProviderName": "vault",
                "paymentTokenRequest": {
                    "coinbaseCdpTokenRequest": {"requestMethod": "GET", "requestPath": "/x"}
                },
            },
        ),
        ("DeletePaymentCredentialProvider", {"name": "vault"}),
        (
            "CreatePaymentInstrument",
            shop.of(
                paymentConnectorId=shop.connector_id,
                paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
                paymentInstrumentDetails={"embeddedCryptoWallet": {"network": "SOLANA"}},
            ),
        ),
        ("GetPaymentInstrument", own),
        ("GetPaymentInstrumentBalance", {**mine, "chain": "BASE", "token": "USDC"}),
        ("ListPaymentInstruments", shop.of(maxResults=1)),
        (
            "CreatePaymentSession",
            shop.of(
                expiryTimeInMinutes=15,
                limits={"maxSpendAmount": {"value": "1", "currency": "USD"}},
            ),
        ),
        ("GetPaymentSession", session),
        ("ListPaymentSessions", shop.of(maxResults=1)),
        (
            "ProcessPayment",
            {
                **session,
                "paymentInstrumentId": shop.instrument_id,
                "paymentType": "CRYPTO_X402",
                "paymentInput": {"cryptoX402": {"version": "2", "payload": {"amount": "1"}}},
            },
        ),
        ("DeletePaymentSession", session),
        ("DeletePaymentInstrument", mine),
        ("DeletePaymentConnector", connector),
    ]


class Coinbase:
    """Makes a token out of nothing."""

    def issue(self, vendor, request, credentials, *, now):
        del vendor, request, credentials, now
        return {"bearerToken": "x"}

    def problem_of(self, vendor, member, value):
        del vendor, member, value


def test_every_answer_has_the_modelled_members_and_no_other(new_shop):
    shop = new_shop(vendor_tokens=Coinbase())
    requests = every_request(shop)
    empty = shop.create_manager()["paymentManagerId"]
    requests.append(("DeletePaymentManager", {"paymentManagerId": empty}))
    assert {operation for operation, _ in requests} == set(OPERATIONS)
    for operation, params in requests:
        model = model_of(operation)
        answer = shop.call(operation, **params)
        check(model, model["operations"][operation]["output"]["shape"], answer, operation)


KEPT_OF_REFUSALS = ("attempts", "listeners")
"""An attempt to pay is kept although it was refused: that is what the list is for."""


def fingerprint(value, seen=None):
    """Spell out everything a state holds, object by object, except ids and refused attempts."""
    seen = set() if seen is None else seen
    if isinstance(value, (str, int, bytes, float, datetime, type(None))):
        return repr(value)
    if id(value) in seen:
        return "again"
    seen.add(id(value))
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value)
    elif isinstance(value, set):
        parts = enumerate(sorted(map(repr, value)))
    elif type(value).__module__.startswith("boto3_agentcore_payments"):
        names = [*getattr(value, "__slots__", ()), *getattr(value, "__dict__", ())]
        ignored = ("random", *KEPT_OF_REFUSALS)
        parts = [(name, getattr(value, name)) for name in names if name not in ignored]
    else:
        parts = ()
    return [type(value).__name__, *((repr(name), fingerprint(part, seen)) for name, part in parts)]


def broken(params):
    """Return copies of a request, each with one member that the service cannot accept."""
    strange = {
        "paymentManagerId": "shop-0000000000",
        "paymentManagerArn": "arn:aws:bedrock-agentcore:us-east-1:123456789012:payment-manager/x",
        "paymentConnectorId": "coins-0000000000",
        "paymentInstrumentId": "payment-instrument-000000000000000",
        "paymentSessionId": "payment-session-000000000000000",
        "userId": "",
        "name": "unknown",
        "roleArn": "nonsense",
        "nextToken": "forged",
        "maxResults": 0,
        "limits": {"maxSpendAmount": {"value": "0", "currency": "USD"}},
        "paymentInput": {"cryptoX402": {"version": "2", "payload": {}}},
        "chain": "SOLANA",
        "workloadIdentityToken": "invalid",
        "credentialProviderVendor": "StripePrivy",
        "type": "StripePrivy",
    }
    return [{**params, name: value} for name, value in strange.items() if name in params]


def test_no_error_leaves_a_trace(new_shop):
    shop = new_shop(vendor_tokens=Coinbase())
    refusals = 0
    for operation, params in every_request(shop):
        for bad in broken(params):
            before = fingerprint(shop.state)
            try:
                shop.call(operation, **bad, clientToken=shop.token())
            except ServiceError:
                refusals += 1
                assert fingerprint(shop.state) == before, (operation, bad)
        shop.call(operation, **params)
    assert refusals > 40


def spoil(value):
    """Empty a value and everything inside it."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            spoil(inner)
    value.clear()


def test_no_request_is_changed(new_shop):
    shop = new_shop(vendor_tokens=Coinbase())
    for operation, params in every_request(shop):
        before = json.dumps(params)
        shop.call(operation, **params, clientToken=shop.token())
        assert json.dumps(params) == before, operation


def test_the_state_shares_nothing_with_requests_or_answers(new_shop):
    shop = new_shop(vendor_tokens=Coinbase())
    for operation, params in every_request(shop):
        mine = copy.deepcopy(params)
        answer = shop.call(operation, **mine, clientToken=shop.token())
        before = fingerprint(shop.state)
        spoil(mine)
        spoil(answer)
        assert fingerprint(shop.state) == before, operation


def test_a_run_with_the_same_seed_gives_the_same_names(new_shop):
    first, second = new_shop(seed="s"), new_shop(seed="s")
    assert (first.arn, first.connector_id, first.instrument_id) == (
        second.arn,
        second.connector_id,
        second.instrument_id,
    )
    assert new_shop(seed="t").arn != first.arn


def test_an_operation_waits_for_the_lock(shop):
    done = []
    thread = Thread(target=lambda: done.append(shop.create_session()))
    with shop.state.lock:
        thread.start()
        thread.join(0.05)
        assert not done
    thread.join()
    assert done
