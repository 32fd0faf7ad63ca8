"""Everything the model says about a request is checked, each failure named by its path."""

from __future__ import annotations

import re
import time

import pytest

from boto3_agentcore_payments.emulator.wire import definitions, quirks, validation

USER = "X-Amzn-Bedrock-AgentCore-Payments-User-Id"
LABELS = {"paymentManagerId": "demo-0123456789"}
CONNECTOR = {"name": "wallets", "type": "CoinbaseCDP", "credentialProviderConfigurations": []}
COINBASE = "coinbaseCdpConfiguration"
ONE_INPUT = "must have exactly one of: cryptoX402, mpp, awsBillingX402"


def provider(**secrets):
    """Return a CreatePaymentCredentialProvider body."""
    configuration = {"apiKeyId": "key-1", "apiKeySecret": "c2VjcmV0", "walletSecret": "c2Vj"}
    return {
        "name": "coinbase",
        "credentialProviderVendor": "CoinbaseCDP",
        "providerConfigurationInput": {COINBASE: {**configuration, **secrets}},
    }


def test_a_refusal_names_reason_field_and_problem(send, engine, session):
    reply = send("CreatePaymentSession", {**session, "expiryTimeInMinutes": 481})
    assert (reply.status, reply.code) == (400, "ValidationException")
    assert reply.body == {
        "message": "1 value is not valid: expiryTimeInMinutes must be at most 480; received: 481",
        "reason": "FieldValidationFailed",
        "fieldList": [
            {"name": "expiryTimeInMinutes", "message": "must be at most 480; received: 481"}
        ],
    }
    assert engine.calls == []


@pytest.mark.parametrize("minutes", [15, 480])
def test_the_ends_of_a_range_are_allowed(send, session, minutes):
    assert send("CreatePaymentSession", {**session, "expiryTimeInMinutes": minutes}).status == 201


@pytest.mark.parametrize("minutes", [14, 0, -1, -(10**900)])
def test_a_number_below_the_minimum_is_refused(send, session, minutes):
    reply = send("CreatePaymentSession", {**session, "expiryTimeInMinutes": minutes})
    assert reply.fields["expiryTimeInMinutes"].startswith("must be at least 15; received: ")
    assert len(reply.response.body) < 500


@pytest.mark.parametrize("value", [True, False, "60", 60.0, 60.5, [60], {"value": 60}])
def test_only_a_json_integer_is_an_integer(send, session, value):
    reply = send("CreatePaymentSession", {**session, "expiryTimeInMinutes": value})
    assert reply.fields == {"expiryTimeInMinutes": "must be an integer"}


@pytest.mark.parametrize("value", [1, 1.5, True, ["a"], {"a": "b"}])
def test_only_a_json_string_is_a_string(send, session, value):
    reply = send("CreatePaymentSession", {**session, "paymentManagerArn": value})
    assert reply.fields == {"paymentManagerArn": "must be a string"}


@pytest.mark.parametrize("value", [0, 1, "true", [], {}])
def test_only_true_and_false_are_boolean(send, payment, value):
    payment["paymentType"] = "MPP"
    payment["paymentInput"] = {
        "mpp": {"version": "1", "wwwAuthenticateHeaders": ["x"], "buyerPaysGasFees": value}
    }
    reply = send("ProcessPayment", payment)
    assert reply.fields == {"paymentInput.mpp.buyerPaysGasFees": "must be a boolean"}


@pytest.mark.parametrize("value", [1, "a", True, ["a"]])
def test_only_a_json_object_is_a_structure(send, session, value):
    reply = send("CreatePaymentSession", {**session, "limits": value})
    assert reply.fields == {"limits": "must be an object"}


@pytest.mark.parametrize("value", [1, "a", True, {"0": "a"}])
def test_only_a_json_array_is_a_list(send, value):
    body = {**CONNECTOR, "credentialProviderConfigurations": value}
    reply = send("CreatePaymentConnector", body, labels=LABELS)
    assert reply.fields == {"credentialProviderConfigurations": "must be a list"}


@pytest.mark.parametrize("value", [1, "a", True, ["a"]])
def test_only_a_json_object_is_a_map(send, value):
    reply = send("CreatePaymentCredentialProvider", {**provider(), "tags": value})
    assert reply.fields == {"tags": "must be an object"}


def test_every_missing_member_is_named(send):
    reply = send("CreatePaymentSession", {})
    assert reply.fields == {
        "expiryTimeInMinutes": "is required",
        "paymentManagerArn": "is required",
    }
    assert reply.body["message"] == (
        "2 values are not valid: expiryTimeInMinutes is required; paymentManagerArn is required"
    )


def test_a_missing_member_below_the_top_is_named_by_its_path(send, session):
    session["limits"] = {"maxSpendAmount": {"value": "5"}}
    reply = send("CreatePaymentSession", session)
    assert reply.fields == {"limits.maxSpendAmount.currency": "is required"}


def test_an_unknown_member_is_ignored(send, engine, session):
    assert send("CreatePaymentSession", {**session, "budget": 5}).status == 201
    assert engine.params == session


def test_an_unknown_member_below_the_top_is_ignored(send, engine, session):
    session["limits"] = {
        "maxSpendAmount": {"value": "5", "currency": "USD", "unit": ["\ud800"]},
        "perDay": {"value": 1},
    }
    assert send("CreatePaymentSession", session).status == 201
    assert engine.params["limits"] == {"maxSpendAmount": {"value": "5", "currency": "USD"}}


def test_an_unknown_member_of_a_list_is_ignored(send, engine, instrument):
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    wallet["linkedAccounts"] = [{"email": {"emailAddress": "a@b.org", "verified": True}, "x": 1}]
    assert send("CreatePaymentInstrument", instrument).status == 201
    wallet = engine.params["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    assert wallet["linkedAccounts"] == [{"email": {"emailAddress": "a@b.org"}}]


def test_an_unknown_member_does_not_stand_for_a_required_one(send, session):
    session["limits"] = {"maxSpendAmount": {"value": "5", "Currency": "USD"}}
    reply = send("CreatePaymentSession", session)
    assert reply.fields == {"limits.maxSpendAmount.currency": "is required"}


def test_member_names_are_exact(send, engine, session):
    token = session.pop("clientToken")
    assert send("CreatePaymentSession", {**session, "ClientToken": token}).status == 201
    assert "clientToken" not in engine.params


def test_a_value_outside_an_enum_is_refused(send, instrument):
    instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]["network"] = "BITCOIN"
    reply = send("CreatePaymentInstrument", instrument)
    assert reply.fields == {
        "paymentInstrumentDetails.embeddedCryptoWallet.network": (
            "must be one of: ETHEREUM, SOLANA; received: BITCOIN"
        )
    }


@pytest.mark.parametrize("value", ["", "ethereum", "ETHEREUM "])
def test_an_enum_is_exact(send, instrument, value):
    instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]["network"] = value
    reply = send("CreatePaymentInstrument", instrument)
    assert list(reply.fields) == ["paymentInstrumentDetails.embeddedCryptoWallet.network"]


def test_text_that_is_too_short_is_refused(send, session):
    reply = send("CreatePaymentSession", {**session, "clientToken": "short"})
    assert reply.fields == {"clientToken": "must be at least 33 characters long"}


def test_text_that_is_too_long_is_refused(send, session):
    reply = send("CreatePaymentSession", session, headers={USER: "a" * 121})
    assert reply.fields == {"userId": "must be at most 120 characters long"}


def test_length_counts_characters_not_bytes(send, session):
    assert send("CreatePaymentSession", session, headers={USER: "é" * 120}).status == 201


def test_a_pattern_holds_for_the_whole_value(send, session):
    arn = session["paymentManagerArn"]
    for value in (f"{arn}\n", f" {arn}", f"{arn}/x", f"{arn}é"):
        reply = send("CreatePaymentSession", {**session, "paymentManagerArn": value})
        assert reply.fields["paymentManagerArn"].startswith("must match the pattern arn:")


def test_a_digit_in_a_pattern_is_an_ascii_digit(send, instrument):
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    wallet["linkedAccounts"] = [{"sms": {"phoneNumber": "+1\u0663\u0664"}}]
    path = "paymentInstrumentDetails.embeddedCryptoWallet.linkedAccounts[0].sms.phoneNumber"
    assert list(send("CreatePaymentInstrument", instrument).fields) == [path]
    wallet["linkedAccounts"] = [{"sms": {"phoneNumber": "+134"}}]
    assert send("CreatePaymentInstrument", instrument).status == 201


@pytest.mark.parametrize("text", ["line\nbreak", "\x07", "\u200b", "\ud800"])
def test_unicode_classes_in_patterns_are_understood(send, text):
    reply = send("CreatePaymentConnector", {**CONNECTOR, "description": text}, labels=LABELS)
    assert list(reply.fields) == ["description"]
    body = {**CONNECTOR, "description": "für Änderungen 日本 \U0001f600"}
    assert send("CreatePaymentConnector", body, labels=LABELS).status == 202


def test_lone_surrogates_are_refused_where_the_model_allows_any_text(send, session):
    session["limits"]["maxSpendAmount"]["value"] = "\ud800"
    reply = send("CreatePaymentSession", session)
    assert reply.fields == {
        "limits.maxSpendAmount.value": "must not contain lone surrogates",
    }


def test_a_list_with_too_many_elements_is_refused(send, instrument):
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    wallet["linkedAccounts"] *= 2
    reply = send("CreatePaymentInstrument", instrument)
    assert reply.fields == {
        "paymentInstrumentDetails.embeddedCryptoWallet.linkedAccounts": (
            "must have at most 1 elements, has 2"
        )
    }


def test_a_list_with_too_few_elements_is_refused(send):
    authorizer = {
        "discoveryUrl": "https://idp.example.com/.well-known/openid-configuration",
        "allowedAudience": [],
    }
    manager = {
        "name": "shop",
        "authorizerType": "CUSTOM_JWT",
        "authorizerConfiguration": {"customJWTAuthorizer": authorizer},
        "roleArn": "arn:aws:iam::123456789012:role/payments",
    }
    reply = send("CreatePaymentManager", manager)
    assert reply.fields == {
        "authorizerConfiguration.customJWTAuthorizer.allowedAudience": (
            "must have at least 1 elements, has 0"
        )
    }


@pytest.mark.parametrize("headers", [[], ["Payment x", "Payment y"]])
def test_the_rules_of_mpp_judge_how_many_headers_there_are(send, payment, headers):
    payment["paymentInput"] = {"mpp": {"version": "1", "wwwAuthenticateHeaders": headers}}
    payment["paymentType"] = "MPP"
    assert send("ProcessPayment", payment).fields == {}


def test_an_element_is_named_by_its_index(send, payment):
    payment["paymentInput"] = {"mpp": {"version": "1", "wwwAuthenticateHeaders": [None]}}
    reply = send("ProcessPayment", payment)
    assert reply.fields == {"paymentInput.mpp.wwwAuthenticateHeaders[0]": "must be a string"}


def test_a_map_with_too_many_entries_is_refused(send):
    tags = {f"key{index}": "value" for index in range(51)}
    reply = send("CreatePaymentCredentialProvider", {**provider(), "tags": tags})
    assert reply.fields == {"tags": "must have at most 50 entries, has 51"}


def test_keys_and_values_of_a_map_are_checked(send):
    tags = {"a": "ok", "b": 1, "c": None, "d!": "ok"}
    reply = send("CreatePaymentCredentialProvider", {**provider(), "tags": tags})
    assert sorted(reply.fields) == ["tags.b", "tags.c", "tags.d!"]
    assert reply.fields["tags.d!"].startswith("key must match the pattern ")


@pytest.mark.parametrize(
    ("union", "fields"),
    [
        ({}, {"paymentInput": ONE_INPUT}),
        ({"x": 1}, {"paymentInput": ONE_INPUT}),
    ],
)
def test_a_union_has_a_known_member(send, payment, union, fields):
    reply = send("ProcessPayment", {**payment, "paymentInput": union})
    assert (reply.code, reply.status) == ("ValidationException", 400)
    assert reply.fields == fields


def test_a_union_with_two_members_is_refused(send, payment):
    payment["paymentInput"]["mpp"] = {"version": "1", "wwwAuthenticateHeaders": ["Payment x"]}
    reply = send("ProcessPayment", payment)
    assert reply.fields == {"paymentInput": ONE_INPUT}


def test_a_union_with_no_member_is_refused(send, payment):
    reply = send("ProcessPayment", {**payment, "paymentInput": {"mpp": None}})
    assert reply.fields == {"paymentInput": ONE_INPUT}


def test_a_null_member_does_not_count_in_a_union(send, engine, payment):
    payment["paymentInput"]["mpp"] = None
    assert send("ProcessPayment", payment).status == 200
    assert list(engine.params["paymentInput"]) == ["cryptoX402"]


@pytest.mark.parametrize("document", [{}, [], "text", 5, 1.5, True, {"a": [None, {"b": None}]}])
def test_a_document_may_be_any_json(send, engine, payment, document):
    payment["paymentInput"]["cryptoX402"]["payload"] = document
    assert send("ProcessPayment", payment).status == 200
    assert engine.params["paymentInput"]["cryptoX402"]["payload"] == document


def nested(depth):
    """Return a document with ``depth`` objects inside each other."""
    document = {}
    for _ in range(depth - 1):
        document = {"a": document}
    return document


def test_a_document_nested_too_deeply_is_refused(send, payment):
    crypto = payment["paymentInput"]["cryptoX402"]
    crypto["payload"] = nested(101)
    assert send("ProcessPayment", payment).status == 200
    crypto["payload"] = nested(102)
    reply = send("ProcessPayment", payment)
    assert reply.fields == {
        "paymentInput.cryptoX402.payload": "must not be nested more than 100 deep"
    }


@pytest.mark.parametrize("document", [{"\udfff": 1}, {"a": ["\udfff"]}])
def test_lone_surrogates_in_a_document_are_refused(send, payment, document):
    payment["paymentInput"]["cryptoX402"]["payload"] = document
    reply = send("ProcessPayment", payment)
    assert reply.fields == {"paymentInput.cryptoX402.payload": "must not contain lone surrogates"}


def test_the_number_of_reported_failures_is_bounded(send):
    tags = {f"unknown{index}!": "value" for index in range(40)}
    reply = send("CreatePaymentCredentialProvider", {**provider(), "tags": tags})
    assert len(reply.body["fieldList"]) == 20
    assert reply.body["message"].startswith("more than 20 values are not valid: ")
    assert len(reply.response.body) < 5_000


@pytest.mark.parametrize(
    ("name", "value"),
    [("apiKeySecret", "sk_live_!hunter2!"), ("walletSecret", "!" + "hunter2" * 400)],
)
def test_a_secret_is_never_quoted(send, caplog, name, value):
    reply = send("CreatePaymentCredentialProvider", provider(**{name: value}))
    assert list(reply.fields) == [f"providerConfigurationInput.{COINBASE}.{name}"]
    assert b"hunter2" not in reply.response.body
    assert "hunter2" not in caplog.text


def test_a_value_below_a_sensitive_structure_is_never_quoted(send, instrument):
    wallet = instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    wallet["linkedAccounts"] = [{"developerJwt": {"kid": "hunter2!", "sub": "s"}}]
    reply = send("CreatePaymentInstrument", instrument)
    ((path, problem),) = reply.fields.items()
    assert path.endswith("linkedAccounts[0].developerJwt.kid")
    assert problem == "must match the pattern [a-zA-Z0-9_-]{1,255}; received: ***"


def test_linked_accounts_may_be_left_out(send, instrument):
    del instrument["paymentInstrumentDetails"]["embeddedCryptoWallet"]["linkedAccounts"]
    assert send("CreatePaymentInstrument", instrument).status == 201


def test_a_connector_id_may_hold_an_underscore_on_the_data_plane(send, instrument):
    instrument["paymentConnectorId"] = "my_wallets-0123456789"
    assert send("CreatePaymentInstrument", instrument).status == 201


def test_a_credential_provider_whose_name_holds_an_underscore_can_be_used(send):
    arn = (
        "arn:aws:bedrock-agentcore:us-east-1:123456789012"
        ":token-vault/default/paymentcredentialprovider/my_provider"
    )
    configurations = [{"coinbaseCDP": {"credentialProviderArn": arn}}]
    body = {**CONNECTOR, "credentialProviderConfigurations": configurations}
    assert send("CreatePaymentConnector", body, labels=LABELS).status == 202


def test_a_role_is_left_to_the_services_own_messages(send, engine):
    body = {"name": "demo", "authorizerType": "AWS_IAM", "roleArn": "no role"}
    assert send("CreatePaymentManager", body).status == 202
    assert engine.params["roleArn"] == "no role"


def test_a_missing_provider_arn_is_left_to_the_services_own_message(send, engine):
    body = {**CONNECTOR, "credentialProviderConfigurations": [{"coinbaseCDP": {}}]}
    assert send("CreatePaymentConnector", body, labels=LABELS).status == 202
    assert engine.params["credentialProviderConfigurations"] == [{"coinbaseCDP": {}}]


def test_an_empty_text_is_tolerated_for_its_member_alone(send, payment):
    payment["paymentType"] = "AWS_BILLING_X402"  # its version is of the same shape as MPP's
    payment["paymentInput"] = {"awsBillingX402": {"version": "", "payload": {}}}
    reply = send("ProcessPayment", payment)
    assert reply.fields == {
        "paymentInput.awsBillingX402.version": "must be at least 1 characters long"
    }


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("x", "must match the pattern [0-9]+; received: x"),
        ("1" * 11, "must be at most 10 characters long"),
        (1, "must be a string"),
    ],
)
def test_other_texts_of_a_member_that_may_be_empty_are_checked(send, payment, version, problem):
    payment["paymentType"] = "MPP"
    payment["paymentInput"] = {"mpp": {"version": version, "wwwAuthenticateHeaders": [""]}}
    reply = send("ProcessPayment", payment)
    assert reply.fields == {"paymentInput.mpp.version": problem}


@pytest.mark.parametrize("quirk", quirks.QUIRKS, ids=lambda quirk: quirk.shape)
def test_a_tolerated_difference_is_about_a_shape_of_the_model(quirk):
    (definition,) = {
        operation.definition
        for operation in definitions.operations().values()
        if operation.definition.service_name == quirk.service
    }
    shape = definition.model.shape_for(quirk.shape)
    assert quirk.reason
    assert set(quirk.optional) <= set(definition.traits(shape).get("required", ()))
    for name in quirk.empty:
        member = shape.member if name == quirks.LIST_MEMBER else shape.members[name]
        assert definition.traits(member)["min"] > 0
    if quirk.pattern is not None:
        assert definition.traits(shape)["pattern"] != quirk.pattern


def hostile_texts():
    """Texts that make a backtracking matcher work hardest on the models' patterns."""
    for size in (33, 211, 256, 2048, 4096, 100_000):
        yield "a" * size + "!"
        yield "a-" * (size // 2) + "!"
        yield "-" * size
        yield "a." * (size // 2) + "@"
        yield "a@" + "a." * (size // 2) + "1"
        yield "/.well-known/openid-configuration" * (size // 33) + " "
        yield "arn:aws:iam::" + ":role/" * (size // 6) + "\n"
        yield "arn:aws-" + ":" * size
        yield "a" * (size - 1)


def patterned_shapes():
    """Return every string shape with a pattern, with its definition."""
    both = dict.fromkeys(item.definition for item in definitions.operations().values())
    return [
        pytest.param(definition, shape, id=f"{definition.service_name}-{shape.name}")
        for definition in both
        for shape in map(definition.model.shape_for, definition.model.shape_names)
        if "pattern" in definition.traits(shape)
    ]


@pytest.mark.parametrize(("definition", "shape"), patterned_shapes())
def test_no_text_makes_a_pattern_take_long(definition, shape):
    check = definition.validators.of(shape)
    for text in hostile_texts():
        started = time.process_time()
        check(text)
        assert time.process_time() - started < 0.25


def test_a_pattern_that_takes_too_long_is_a_failure(monkeypatch):
    monkeypatch.setattr(validation, "PATTERN_SECONDS", 0.01)
    definition = definitions.operations()["GetPaymentSession"].definition
    traits = {
        **definition.traits(definition.model.shape_for("Version")),
        "pattern": r"(\p{L}|\p{L})*b",
    }
    validators = validation.Validators(definition.service_name, lambda _shape: traits)
    del traits["max"]
    (failure,) = validators.of(definition.model.shape_for("Version"))("a" * 4000)
    assert failure[1].startswith("must match the pattern (")


def test_no_pattern_has_a_digit_class_inside_brackets():
    for param in patterned_shapes():
        definition, shape = param.values
        inside = re.findall(r"\[[^\]]*\]", definition.traits(shape)["pattern"])
        assert not any(r"\d" in brackets for brackets in inside)
