"""AWS_BILLING_X402: quotes judged as the Marketplace would, tokens judged by AWS's own package."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

pytest.importorskip("fiat_extension_x402", reason="AWS's package takes Python 3.10")

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fiat_extension_x402 import (
    AgenticCommerceVerifier,
    LocalQuoteSigner,
    StaticSellerKeyResolver,
    compute_jwk_thumbprint,
)
from fiat_extension_x402.agentic_commerce.exact import ExactAgenticCommerceFacilitatorScheme
from fiat_extension_x402.agentic_commerce.quote import enhance_payment_requirements
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from x402.schemas import PaymentPayload, PaymentRequirements

from boto3_agentcore_payments.emulator.engine.errors import ServiceError, ValidationException
from boto3_agentcore_payments.emulator.engine.operations import perform
from boto3_agentcore_payments.emulator.engine.ports import DEFAULT_SEED
from boto3_agentcore_payments.emulator.engine.state import PaymentsState
from boto3_agentcore_payments.emulator.proofs import LocalProver, aws_billing, jose, marketplace
from boto3_agentcore_payments.emulator.proofs.key_sets import FetchError
from boto3_agentcore_payments.emulator.proofs.seller_keys import SellerKeys

SELLER = "https://weather.example.com"
PRODUCT = "prod-weather123"
ACCOUNT = "123456789012"
SEED = DEFAULT_SEED
INSTRUMENT = "aws.agentcorepayments.awsbilling.v1"
CURVES = {"P-256": ("ES256", ec.SECP256R1), "P-384": ("ES384", ec.SECP384R1)}
CURVES["P-521"] = ("ES512", ec.SECP521R1)
QUOTE = "paymentInput.awsBillingX402.payload.extra.quoteToken"


class Seller:
    """Signs quotes with a key of its own, by AWS's signer or by hand."""

    def __init__(self, kid="seller-1", curve="P-256", url=SELLER):
        self.algorithm, kind = CURVES[curve]
        self.private = ec.generate_private_key(kind())
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.public = {**public, "alg": self.algorithm, "kid": kid, "use": "sig"}
        self.signer = LocalQuoteSigner(self.private, self.public, url)

    def requirement(self, amount="0.01", **changes):
        base = {
            "scheme": "exact",
            "network": "aws:base",
            "asset": "iso4217:USD",
            "amount": amount,
            "payTo": PRODUCT,
            "maxTimeoutSeconds": 300,
            **changes,
        }
        return enhance_payment_requirements(base, self.signer)

    def with_claims(self, headers=None, **changes):
        """Return a requirement whose quote says something else, signed all the same."""
        requirement = self.requirement()
        claims = decoded(requirement["extra"]["quoteToken"])
        claims = {name: value for name, value in {**claims, **changes}.items() if value != "-"}
        token = jwt.encode(
            claims,
            self.private,
            algorithm=self.algorithm,
            headers={"kid": self.public["kid"], **(headers or {})},
        )
        return with_quote(requirement, token)


def with_quote(requirement, token):
    return {**requirement, "extra": {**requirement["extra"], "quoteToken": token}}


def decoded(token):
    return jwt.decode(token, options={"verify_signature": False})


def now():
    return datetime.now(timezone.utc)


def no_network(issuer):
    raise AssertionError(f"{issuer} was asked for its keys")


@pytest.fixture
def seller():
    return Seller()


@pytest.fixture
def keys(seller):
    keys = SellerKeys(no_network)
    keys.register(SELLER, seller.public)
    return keys


@pytest.fixture
def kind(keys):
    return LocalProver(seller_keys=keys).payment_types["AWS_BILLING_X402"]


def prepare(kind, requirement, *, version="2", at=None, **more):
    content = {"version": version, "payload": requirement, **more}
    at = at or now()
    return kind.prepare(
        content,
        wallet=None,
        found=kind.look_up(content, now=at),
        now=at,
    )


def token_for(kind, requirement, **more):
    return prepare(kind, requirement, **more).sign().payment_output["paymentToken"]


@pytest.fixture
def verifier(seller, monkeypatch):
    monkeypatch.setattr(
        AgenticCommerceVerifier, "_fetch_jwks", lambda *_: marketplace.key_set(SEED)
    )
    return AgenticCommerceVerifier(seller_key_resolver=StaticSellerKeyResolver(seller.public))


def refusal(kind, requirement, **more):
    with pytest.raises(ValidationException) as caught:
        prepare(kind, requirement, **more)
    error = caught.value
    assert "reason" not in error.members
    (field,) = error.members["fieldList"]
    assert field["message"] == error.message
    return field["name"], error.message


# Tokens, as AWS's package judges them


def test_awss_verifier_accepts_a_token(kind, seller, verifier):
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    result = verifier.verify(token, requirement)
    assert (result.is_valid, result.payer) == (True, ACCOUNT)
    assert result.payment_id == decoded(token)["payment_id"]


def test_a_token_has_every_claim_and_no_other(kind, seller):
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    claims = decoded(token)
    assert str(uuid.UUID(claims.pop("payment_id"), version=4))
    quote = requirement["extra"]["quoteToken"]
    assert claims == {
        "iss": "awsmp-agentpay.amazonaws.com",
        "aud": SELLER,
        "sub": ACCOUNT,
        "exp": decoded(quote)["exp"],
        "quote_token": quote,
    }
    assert jwt.get_unverified_header(token) == {
        "alg": "ES256",
        "typ": "JWT",
        "kid": marketplace.key_set(SEED)["keys"][0]["kid"],
    }


def test_awss_facilitator_accepts_a_token_and_names_the_payment(kind, seller, verifier):
    raw = seller.requirement()
    token = token_for(kind, raw)
    requirement = PaymentRequirements.model_validate(raw)
    payload = PaymentPayload(accepted=requirement, payload={"paymentToken": token})
    facilitator = ExactAgenticCommerceFacilitatorScheme(verifier=verifier)
    assert facilitator.verify(payload, requirement).is_valid
    settled = facilitator.settle(payload, requirement)
    assert (settled.success, settled.payer) == (True, ACCOUNT)
    assert settled.transaction == decoded(token)["payment_id"]


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
def test_every_algorithm_is_accepted_by_awss_verifier(
    algorithm, keys, seller, verifier, monkeypatch
):
    monkeypatch.setenv(aws_billing.ALGORITHM_VARIABLE, algorithm)
    kind = LocalProver(seller_keys=keys).payment_types["AWS_BILLING_X402"]
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    assert verifier.verify(token, requirement).is_valid


def test_an_unknown_algorithm_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv(aws_billing.ALGORITHM_VARIABLE, "HS256")
    with pytest.raises(ValueError, match="'HS256' signs no payment tokens here; one of ES256"):
        LocalProver()


def tampered_with(token, part, member, value):
    """Return a token with one member changed, and the signature of the first one."""
    parts = token.split(".")
    content = json.loads(jwt.utils.base64url_decode(parts[part]))
    if value is None:
        del content[member]
    else:
        content[member] = value
    parts[part] = jwt.utils.base64url_encode(json.dumps(content).encode()).decode()
    return ".".join(parts)


HEADERS = [
    ("alg", "none"),
    ("alg", "HS256"),
    ("alg", "ES384"),
    ("alg", "RS256"),
    ("alg", None),
    ("kid", "other"),
    ("kid", None),
    ("typ", "dpop+jwt"),
    ("typ", None),
]
CLAIMS = [
    ("iss", "example.com"),
    ("iss", None),
    ("aud", "https://other.example.com"),
    ("aud", None),
    ("sub", "210987654321"),
    ("sub", None),
    ("payment_id", "00000000-0000-4000-8000-000000000000"),
    ("payment_id", None),
    ("exp", 4102444800),
    ("exp", None),
    ("quote_token", "a.b.c"),
    ("quote_token", None),
    ("cnf", {"jkt": "x" * 43}),
    ("cnf", None),
]


@pytest.mark.parametrize(
    ("part", "member", "value"),
    [(0, *each) for each in HEADERS] + [(1, *each) for each in CLAIMS],
)
def test_awss_verifier_refuses_a_token_with_anything_changed(
    kind, seller, verifier, part, member, value
):
    requirement = seller.requirement()
    key = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    jwk = {name: key[name] for name in ("kty", "crv", "x", "y")}
    token = token_for(kind, requirement, options={"dpopJwk": jwk})
    assert verifier.verify(token, requirement).is_valid
    forged = tampered_with(token, part, member, value)
    result = verifier.verify(forged, requirement)
    assert (result.is_valid, result.invalid_reason) == (False, "invalid_payment")


def resigned(token, **changes):
    """Return a token that says something else, signed with the Marketplace's own key."""
    claims = {name: value for name, value in {**decoded(token), **changes}.items() if value != "-"}
    signer = marketplace.signing_key(SEED, "ES256")
    return jose.sign(claims, signer.key, algorithm=signer.algorithm, kid=signer.kid)


ISSUER = "Payment token issuer is not the payment service"
AUDIENCE = "Payment token audience is not the quote issuer"
EXPIRED = "Payment token expired"
NO_QUOTE = "Missing quote token in payment token"
OTHER_QUOTE = "Payment token was issued for a different quote"


@pytest.mark.parametrize(
    ("changes", "reason", "message"),
    [
        ({"iss": "example.com"}, "invalid_payment", ISSUER),
        ({"iss": "-"}, "invalid_payment", ISSUER),
        ({"exp": 1}, "payment_expired", EXPIRED),
        ({"exp": "-"}, "payment_expired", EXPIRED),
        ({"exp": "4102444800"}, "payment_expired", EXPIRED),
        ({"exp": 4102444800.5}, "payment_expired", EXPIRED),
        ({"quote_token": "-"}, "invalid_quote", NO_QUOTE),
        ({"quote_token": ""}, "invalid_quote", NO_QUOTE),
        ({"quote_token": 1}, "invalid_quote", NO_QUOTE),
        ({"quote_token": "a.b.c"}, "invalid_quote", OTHER_QUOTE),
        (
            {"quote_token": Seller().requirement()["extra"]["quoteToken"]},
            "invalid_quote",
            OTHER_QUOTE,
        ),
        ({"aud": "https://other.example.com"}, "invalid_payment", AUDIENCE),
        ({"aud": "aws:marketplace"}, "invalid_payment", AUDIENCE),
        ({"aud": "-"}, "invalid_payment", AUDIENCE),
    ],
)
def test_awss_verifier_names_what_is_wrong_with_a_token_of_the_right_key(
    kind, seller, verifier, changes, reason, message
):
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    assert verifier.verify(resigned(token), requirement).is_valid
    result = verifier.verify(resigned(token, **changes), requirement)
    assert (result.is_valid, result.invalid_reason) == (False, reason)
    assert result.invalid_message == message


@pytest.mark.parametrize(
    ("changes", "reason", "message"),
    [
        ({"exp": 1}, "quote_expired", "Quote token expired"),
        ({"exp": "-"}, "quote_expired", "Quote token expired"),
        (
            {"price": {"amount": "0.02", "currency": "USD"}},
            "invalid_payment",
            "Amount or currency mismatch",
        ),
        (
            {"price": {"amount": "0.01", "currency": "EUR"}},
            "invalid_payment",
            "Amount or currency mismatch",
        ),
        ({"price": "-"}, "invalid_payment", "Amount or currency mismatch"),
    ],
)
def test_awss_verifier_names_what_is_wrong_with_the_quote_in_a_token(
    kind, seller, verifier, changes, reason, message
):
    token = token_for(kind, seller.requirement())
    requirement = seller.with_claims(**changes)
    forged = resigned(token, quote_token=requirement["extra"]["quoteToken"])
    result = verifier.verify(forged, requirement)
    assert (result.is_valid, result.invalid_reason) == (False, reason)
    assert result.invalid_message == message


def test_awss_verifier_refuses_a_quote_that_the_seller_did_not_sign(kind, seller, verifier):
    token = token_for(kind, seller.requirement())
    requirement = Seller().requirement()
    forged = resigned(token, quote_token=requirement["extra"]["quoteToken"])
    result = verifier.verify(forged, requirement)
    assert (result.is_valid, result.invalid_reason) == (False, "invalid_quote")
    assert "Quote token signature invalid" in result.invalid_message


def test_awss_verifier_refuses_a_requirement_without_a_quote(kind, seller, verifier):
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    result = verifier.verify(token, {**requirement, "extra": {}})
    assert (result.is_valid, result.invalid_reason) == (False, "invalid_quote")


@pytest.mark.parametrize(
    ("changes", "payer", "has_id"),
    [
        ({"sub": "210987654321"}, "210987654321", True),
        ({"sub": "-"}, None, True),
        ({"payment_id": "-"}, ACCOUNT, False),
    ],
)
def test_awss_verifier_takes_the_payer_and_the_id_from_a_signed_token(
    kind, seller, verifier, changes, payer, has_id
):
    # It does not judge these two: only the signature keeps them as they are.
    requirement = seller.requirement()
    token = resigned(token_for(kind, requirement), **changes)
    result = verifier.verify(token, requirement)
    assert (result.is_valid, result.payer) == (True, payer)
    assert (result.payment_id is not None) is has_id


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (lambda seller: seller.requirement(), "invalid_quote"),
        (lambda _: Seller().requirement(), "invalid_quote"),
    ],
    ids=["another quote", "another seller"],
)
def test_awss_verifier_refuses_a_token_for_something_else(kind, seller, verifier, other, reason):
    token = token_for(kind, seller.requirement())
    assert verifier.verify(token, other(seller)).invalid_reason == reason


def test_awss_verifier_refuses_another_price(kind, seller, verifier):
    requirement = seller.requirement("0.01")
    token = token_for(kind, requirement)
    dearer = {**requirement, "amount": "0.02"}
    assert verifier.verify(token, dearer).invalid_reason == "invalid_payment"


def test_awss_verifier_refuses_a_token_that_has_expired(kind, seller, verifier, monkeypatch):
    requirement = seller.requirement()
    token = token_for(kind, requirement)
    later = time.time() + 302
    monkeypatch.setattr("fiat_extension_x402.agentic_commerce.verifier.time.time", lambda: later)
    assert verifier.verify(token, requirement).invalid_reason == "payment_expired"


@pytest.mark.parametrize("curve", CURVES)
def test_a_token_is_bound_to_the_payers_key(kind, seller, curve):
    public = ECAlgorithm.to_jwk(
        ec.generate_private_key(CURVES[curve][1]()).public_key(), as_dict=True
    )
    jwk = {name: public[name] for name in ("kty", "crv", "x", "y")}
    token = token_for(kind, seller.requirement(), options={"dpopJwk": jwk})
    assert decoded(token)["cnf"] == {"jkt": compute_jwk_thumbprint(jwk)}


def test_a_key_that_is_not_on_its_curve_is_refused(kind, seller):
    jwk = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
    assert refusal(kind, seller.requirement(), options={"dpopJwk": jwk}) == (
        "paymentInput.awsBillingX402.options.dpopJwk",
        "dpopJwk is not a public key on the curve P-256",
    )


def test_representations_do_not_contain_the_token(kind, seller):
    requirement = seller.requirement()
    prepared = prepare(kind, requirement)
    proof = prepared.sign()
    assert proof.payment_output["paymentToken"] not in repr(proof)
    assert requirement["extra"]["quoteToken"] not in repr(prepared)


# Keys of the Marketplace


def test_keys_of_one_seed_are_the_same_and_those_of_another_are_not():
    marketplace.signing_key.cache_clear()
    first = marketplace.key_set(SEED)
    marketplace.signing_key.cache_clear()
    assert marketplace.key_set(SEED) == first
    assert marketplace.key_set("another") != first


def test_the_key_set_has_public_members_only():
    for key in marketplace.key_set(SEED)["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "alg", "kid", "use"}


def test_a_signing_key_does_not_show_itself():
    key = marketplace.signing_key(SEED, "ES256")
    assert repr(key) == f"SigningKey('ES256', {key.kid!r})"


# Quotes


@pytest.mark.parametrize("curve", CURVES)
def test_a_quote_is_verified_with_the_sellers_key(curve):
    seller = Seller(curve=curve)
    keys = SellerKeys(no_network)
    keys.register(SELLER, {"keys": [seller.public]})
    kind = LocalProver(seller_keys=keys).payment_types["AWS_BILLING_X402"]
    assert prepare(kind, seller.requirement("0.00000001")).charge == 1


def test_a_quote_of_an_rsa_key_is_verified():
    private = rsa.generate_private_key(65537, 2048)
    public = {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "alg": "RS256"}
    public = {**public, "kid": "rsa", "use": "sig"}
    public.pop("key_ops", None)
    signer = LocalQuoteSigner(private, public, SELLER)
    base = {"scheme": "exact", "network": "aws:base", "asset": "iso4217:USD", "amount": "1"}
    requirement = enhance_payment_requirements({**base, "payTo": PRODUCT}, signer)
    keys = SellerKeys(no_network)
    keys.register(SELLER, public)
    kind = LocalProver(seller_keys=keys).payment_types["AWS_BILLING_X402"]
    assert prepare(kind, requirement).charge == 10**8


def test_a_payment_says_what_it_is(kind, seller):
    prepared = prepare(kind, seller.requirement("1.50"))
    assert (prepared.amount, prepared.charge) == (150_000_000, 150_000_000)
    assert (prepared.network, prepared.asset, prepared.chain) == ("aws:base", "iso4217:USD", None)
    assert (prepared.pay_to, prepared.payer, prepared.captured) == (PRODUCT, ACCOUNT, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aud": "aws:other"}, "The quote is for another audience than aws:marketplace: aws:other"),
        ({"aud": "-"}, "The quote is for another audience than aws:marketplace: null"),
        ({"exp": "-"}, "The quote does not say when it expires"),
        ({"exp": "tomorrow"}, "The quote does not say when it expires"),
        ({"exp": True}, "The quote does not say when it expires"),
        ({"exp": 1}, "The quote has expired; ask the seller for another one"),
        (
            {"price": {"amount": "0.010", "currency": "USD"}},
            "The quote is for 0.010 USD, the requirement for 0.01 USD",
        ),
        (
            {"price": {"amount": "0.01", "currency": "EUR"}},
            "The quote is for 0.01 EUR, the requirement for 0.01 USD",
        ),
        ({"price": "-"}, "The quote is for null null, the requirement for 0.01 USD"),
        ({"payTo": "-"}, "The quote names no AWS Marketplace product"),
        (
            {"settlement": {"product_id": "prod-other"}},
            "The quote is paid to another product than it is settled for",
        ),
        ({"settlement": "-"}, "The quote is paid to another product than it is settled for"),
        ({"iss": "-"}, "The seller's keys for the quote cannot be had: the quote names no issuer"),
    ],
)
def test_a_quote_that_says_something_else_is_refused(kind, seller, changes, message):
    assert refusal(kind, seller.with_claims(**changes)) == (QUOTE, message)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_quote_with_a_changed_part_is_refused(kind, seller, part):
    requirement = seller.requirement()
    parts = requirement["extra"]["quoteToken"].split(".")
    other = seller.requirement("9")["extra"]["quoteToken"].split(".")
    other[0] = jwt.utils.base64url_encode(b'{"alg":"none","kid":"seller-1"}').decode()
    parts[part] = other[part]
    path, message = refusal(kind, with_quote(requirement, ".".join(parts)))
    assert (path, message[:36]) == (QUOTE, "The quote is not signed by the selle")


def test_a_quote_of_another_seller_is_refused(kind):
    message = "The quote is not signed by the seller: no key of the issuer has signed it"
    assert refusal(kind, Seller().requirement()) == (QUOTE, message)


def test_a_quote_that_names_no_key_may_be_of_any(kind, seller):
    requirement = seller.requirement()
    claims = decoded(requirement["extra"]["quoteToken"])
    token = jwt.encode(claims, seller.private, algorithm="ES256")
    assert prepare(kind, with_quote(requirement, token)).charge == 1_000_000


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c.d", "..", "a.b.c", "é.é.é"])
def test_value_that_is_not_a_token_is_refused(kind, seller, token):
    path, message = refusal(kind, with_quote(seller.requirement(), token))
    assert (path, message) == (
        QUOTE,
        "The seller's keys for the quote cannot be had: it is not a signed token",
    )


@pytest.mark.parametrize("extra", [None, {}, {"quoteToken": ""}, {"quoteToken": 1}, "quote"])
def test_a_requirement_without_a_quote_is_refused(kind, seller, extra):
    requirement = {**seller.requirement(), "extra": extra}
    assert refusal(kind, requirement) == (QUOTE, "The x402 requirement has no extra.quoteToken")


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        (
            "scheme",
            "upto",
            "Scheme 'upto' cannot be paid on the AWS bill. Supported scheme: exact",
        ),
        (
            "network",
            "eip155:8453",
            "Network 'eip155:8453' cannot be paid on the AWS bill. Supported networks: aws:*",
        ),
        (
            "asset",
            "0xusdc",
            "The asset must be a currency such as iso4217:USD. Received: 0xusdc",
        ),
        (
            "asset",
            "iso4217:EUR",
            "Currency 'EUR' is not supported on the AWS bill. Supported currencies: USD",
        ),
        ("amount", "0.00", "The amount must be positive. Received: 0.00"),
        *(
            (
                "amount",
                value,
                (
                    "The amount must be dollars as plain decimal text with at most 8 decimals. "
                    f"Received: {json.dumps(value) if not isinstance(value, str) else value}"
                ),
            )
            for value in (
                "0.000000001",
                "1e2",
                "-1",
                "$1",
                " 1",
                "1.",
                ".5",
                "\u0661",
                1,
                0.5,
                None,
            )
        ),
    ],
)
def test_a_requirement_that_cannot_be_paid_is_refused(kind, seller, member, value, message):
    requirement = {**seller.requirement(), member: value}
    assert refusal(kind, requirement) == (
        f"paymentInput.awsBillingX402.payload.{member}",
        message,
    )


@pytest.mark.parametrize("version", ["1", "3"])
def test_another_version_is_refused(kind, seller, version):
    assert refusal(kind, seller.requirement(), version=version) == (
        "paymentInput.awsBillingX402.version",
        f"AWS Billing takes x402 version 2. Received: {version}",
    )


@pytest.mark.parametrize("payload", [None, [], "x402", 1])
def test_value_that_is_not_a_requirement_is_refused(kind, payload):
    assert refusal(kind, payload) == (
        "paymentInput.awsBillingX402.payload",
        "The x402 requirement must be a JSON object",
    )


def test_a_seller_whose_keys_cannot_be_fetched_is_refused(seller):
    def fail(issuer):
        raise FetchError(f"HTTP 404 at {issuer}")

    kind = LocalProver(seller_keys=SellerKeys(fail)).payment_types["AWS_BILLING_X402"]
    message = f"The seller's keys for the quote cannot be had: HTTP 404 at {SELLER}"
    assert refusal(kind, seller.requirement()) == (QUOTE, message)


# Money


class Wallets:
    """A manager with a wallet and the bill, and a session; with the real prover."""

    def __init__(self, keys, limit):
        self.state = PaymentsState(ACCOUNT, "us-east-1", prover=LocalProver(seller_keys=keys))
        role = f"arn:aws:iam::{ACCOUNT}:role/payments"
        manager = self.call(
            "CreatePaymentManager", name="Shop", authorizerType="AWS_IAM", roleArn=role
        )
        self.mine = {"paymentManagerArn": manager["paymentManagerArn"], "userId": "alice"}
        of = {"paymentManagerId": manager["paymentManagerId"]}
        self.call("CreatePaymentConnector", **of, name="Bill", type="AwsBilling")
        arn = f"arn:aws:acps:us-east-1:{ACCOUNT}:token-vault/default/paymentcredentialprovider/v"
        connector = self.call(
            "CreatePaymentConnector",
            **of,
            name="Coins",
            type="CoinbaseCDP",
            credentialProviderConfigurations=[{"coinbaseCDP": {"credentialProviderArn": arn}}],
        )
        self.wallet = self.call(
            "CreatePaymentInstrument",
            **self.mine,
            paymentConnectorId=connector["paymentConnectorId"],
            paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
            paymentInstrumentDetails={"embeddedCryptoWallet": {"network": "ETHEREUM"}},
        )["paymentInstrument"]["paymentInstrumentId"]
        self.session = self.call(
            "CreatePaymentSession",
            **self.mine,
            expiryTimeInMinutes=60,
            limits={"maxSpendAmount": {"value": limit, "currency": "USD"}},
        )["paymentSession"]["paymentSessionId"]

    def call(self, operation, **params):
        return perform(self.state, operation, params)

    def bill(self, requirement, **more):
        return self._pay(INSTRUMENT, "AWS_BILLING_X402", "awsBillingX402", requirement, **more)

    def crypto(self, amount):
        requirement = {
            "scheme": "exact",
            "network": "eip155:84532",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "amount": amount,
            "payTo": "0x" + "1" * 40,
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USDC", "version": "2"},
        }
        return self._pay(self.wallet, "CRYPTO_X402", "cryptoX402", requirement)

    def _pay(self, instrument, kind, member, requirement, **more):
        return self.call(
            "ProcessPayment",
            **self.mine,
            **more,
            paymentSessionId=self.session,
            paymentInstrumentId=instrument,
            paymentType=kind,
            paymentInput={member: {"version": "2", "payload": requirement}},
        )

    def left(self):
        session = self.call("GetPaymentSession", **self.mine, paymentSessionId=self.session)
        return session["paymentSession"]["availableLimits"]["availableSpendAmount"]["value"]


def test_a_refused_quote_charges_nothing(keys, seller):
    wallets = Wallets(keys, "1.00")
    with pytest.raises(ValidationException, match="has expired"):
        wallets.bill(seller.with_claims(exp=1))
    assert (wallets.left(), wallets.state.ledger.payments()) == ("1", [])


def test_a_repeated_payment_needs_no_keys_and_pays_once(keys, seller):
    wallets = Wallets(keys, "1.00")
    requirement, token = seller.requirement(), "t" * 33
    first = wallets.bill(requirement, clientToken=token)
    keys.find = None  # looking for keys would fail now
    assert wallets.bill(deepcopy(requirement), clientToken=token) == first
    assert Decimal(wallets.left()) == Decimal("0.99")


def test_mixed_payments_in_64_threads_never_overspend(keys, seller):
    wallets = Wallets(keys, "0.10000001")
    quotes = [seller.requirement("0.00300001") for _ in range(32)]
    barred = []

    def pay(number):
        try:
            if number % 2:
                wallets.bill(quotes[number // 2])
            else:
                wallets.crypto("4000")
        except ServiceError as error:
            barred.append(error.message)

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(pay, range(64)))
    payments = wallets.state.ledger.payments()
    billed = [payment for payment in payments if payment.currency == "USD"]
    spent = sum(payment.charge for payment in payments)
    assert len(payments) + len(barred) == 64
    assert all("Insufficient budget" in message for message in barred)
    assert wallets.state.ledger.billed() == 300_001 * len(billed)
    assert Decimal(wallets.left()) == Decimal("0.10000001") - Decimal(spent).scaleb(-8)
    assert 10_000_001 - spent < 400_000  # what is left pays for nothing more


def test_keys_are_looked_for_while_no_lock_is_held(seller):
    def fetch(issuer):
        # Another thread can use the emulator meanwhile.
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(wallets.left).result(5) == "1"
        return {"keys": [seller.public]}

    wallets = Wallets(SellerKeys(fetch), "1.00")
    wallets.bill(seller.requirement())
    assert Decimal(wallets.left()) == Decimal("0.99")


def test_the_service_time_decides_whether_a_quote_has_expired(kind, seller):
    requirement = seller.requirement()
    message = "The quote has expired; ask the seller for another one"
    assert refusal(kind, requirement, at=now() + timedelta(seconds=301)) == (QUOTE, message)
