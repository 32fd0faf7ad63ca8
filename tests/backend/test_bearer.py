"""Managers with a CUSTOM_JWT authorizer: who the user is, and which tokens are refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from freezegun import freeze_time
from joserfc import jwk, jwt
from ready_shop import DISCOVERY, error_of

from boto3_agentcore_payments.emulator.control import PaymentsControl

NOW = int(time.time())
LATER = NOW + 3600
Token = Callable[..., str]


def _refusal(world: Any, with_bearer: Any, token: str, **authorizer: Any) -> tuple[str, str, int]:
    arn = world.jwt_manager(**authorizer)
    with_bearer(world.data, token)
    with pytest.raises(ClientError) as caught:
        world.data.create_payment_session(paymentManagerArn=arn, expiryTimeInMinutes=60)
    return error_of(caught.value)


def test_subject_is_the_user(world: Any, with_bearer: Any, unsigned_token: Token) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob", exp=LATER))
    made = world.data.create_payment_session(paymentManagerArn=arn, expiryTimeInMinutes=60)
    assert made["paymentSession"]["userId"] == "bob"


def test_expiry_follows_motos_clock(world: Any, with_bearer: Any, unsigned_token: Token) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob", exp=LATER))
    assert world.session(arn)
    with freeze_time("2099-01-01"), pytest.raises(ClientError, match="has expired"):
        world.session(arn)


def test_user_header_is_ignored(world: Any, with_bearer: Any, unsigned_token: Token) -> None:
    arn = world.jwt_manager()
    with_bearer(world.data, unsigned_token(sub="bob", exp=LATER))
    session = world.session(arn, user="alice")
    found = world.data.get_payment_session(
        paymentManagerArn=arn, paymentSessionId=session, userId="mallory"
    )
    assert found["paymentSession"]["userId"] == "bob"


def test_users_do_not_see_each_other(
    make_world: Any, with_bearer: Any, unsigned_token: Token
) -> None:
    bob, eve = make_world(), make_world()
    arn = bob.jwt_manager()
    with_bearer(bob.data, unsigned_token(sub="bob"))
    with_bearer(eve.data, unsigned_token(sub="eve"))
    session = bob.session(arn)
    with pytest.raises(ClientError) as caught:
        eve.data.get_payment_session(paymentManagerArn=arn, paymentSessionId=session)
    problem = f"Payment session not found: {session}"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


def test_account_and_region_are_the_managers(
    make_world: Any, with_bearer: Any, unsigned_token: Token
) -> None:
    import requests

    other = make_world("eu-west-1")

    def add(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = "111122223333"

    other.control.meta.events.register("before-send.*.*", add)
    configuration = {"customJWTAuthorizer": {"discoveryUrl": DISCOVERY}}
    arn = other.manager(
        authorizerType="CUSTOM_JWT",
        authorizerConfiguration=configuration,
        roleArn="arn:aws:iam::111122223333:role/p",
    )
    answer = requests.post(
        "https://bedrock-agentcore.eu-west-1.amazonaws.com/payments/createPaymentSession",
        json={"paymentManagerArn": arn, "expiryTimeInMinutes": 60},
        headers={"Authorization": f"bearer {unsigned_token(sub='bob')}"},
        timeout=5,
    )
    assert answer.status_code == 201
    assert answer.json()["paymentSession"]["userId"] == "bob"


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"sub": "bob", "exp": NOW}, "The bearer token has expired"),
        ({"sub": "bob", "nbf": LATER}, "The bearer token is not valid yet"),
        ({"sub": "bob", "exp": "soon"}, "The bearer token's exp is not a time"),
        ({"sub": "bob", "nbf": True}, "The bearer token's nbf is not a time"),
        ({"exp": LATER}, "The bearer token has no subject"),
        ({"sub": ""}, "The bearer token has no subject"),
        ({"sub": 7}, "The bearer token has no subject"),
    ],
)
def test_unacceptable_claims_are_unauthorized(
    world: Any, with_bearer: Any, unsigned_token: Token, claims: Any, message: str
) -> None:
    assert _refusal(world, with_bearer, unsigned_token(**claims)) == (
        "UnauthorizedException",
        message,
        401,
    )


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b.c",
        "e30.e30",
        "e30.e30.",
        "eyJhbGciOiJSUzI1NiJ9.W10.c2ln",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2IiLCJleHAiOk5hTn0.c2ln",  # its exp is NaN
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2IiLCJleHAiOjFlOTk5fQ.c2ln",  # its exp is 1e999
        "é.é.é",
        "a.b.c.d",
    ],
)
def test_malformed_token_is_unauthorized(world: Any, with_bearer: Any, token: str) -> None:
    assert _refusal(world, with_bearer, token) == (
        "UnauthorizedException",
        "The bearer token is not a valid JSON Web Token",
        401,
    )


def test_unauthorized_answer_asks_for_a_token(aws: None, world: Any) -> None:
    import requests

    arn = world.jwt_manager()
    answer = requests.post(
        "https://bedrock-agentcore.us-west-2.amazonaws.com/payments/listPaymentSessions",
        json={"paymentManagerArn": arn},
        headers={"Authorization": "Bearer nonsense"},
        timeout=5,
    )
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    ("authorizer", "claims", "what"),
    [
        ({"allowedAudience": ["pay"]}, {"aud": "other"}, "audience"),
        ({"allowedAudience": ["pay"]}, {}, "audience"),
        ({"allowedClients": ["app"]}, {"client_id": "other"}, "client"),
        ({"allowedScopes": ["pay"]}, {"scope": "read write"}, "scope"),
        ({"allowedAudience": ["pay"], "allowedClients": ["app"]}, {"aud": "pay"}, "client"),
    ],
)
def test_token_the_authorizer_does_not_admit_is_access_denied(
    world: Any, with_bearer: Any, unsigned_token: Token, *, authorizer: Any, claims: Any, what: str
) -> None:
    assert _refusal(world, with_bearer, unsigned_token(sub="bob", **claims), **authorizer) == (
        "AccessDeniedException",
        f"The bearer token's {what} is not allowed by the payment manager",
        403,
    )


@pytest.mark.parametrize(
    ("authorizer", "claims"),
    [
        ({"allowedAudience": ["pay"]}, {"aud": ["x", "pay"]}),
        ({"allowedClients": ["app"]}, {"client_id": "app"}),
        ({"allowedClients": ["app"]}, {"azp": "app"}),
        ({"allowedScopes": ["pay"]}, {"scope": "read pay"}),
        ({"allowedScopes": ["pay"]}, {"scp": ["pay"]}),
    ],
)
def test_admitted_token_is_answered(
    world: Any, with_bearer: Any, unsigned_token: Token, authorizer: Any, claims: Any
) -> None:
    arn = world.jwt_manager(**authorizer)
    with_bearer(world.data, unsigned_token(sub="bob", **claims))
    assert world.session(arn)


def _custom(kind: str, operator: str, **value: Any) -> dict[str, Any]:
    return {
        "customClaims": [
            {
                "inboundTokenClaimName": "group",
                "inboundTokenClaimValueType": kind,
                "authorizingClaimMatchValue": {
                    "claimMatchValue": value,
                    "claimMatchOperator": operator,
                },
            }
        ]
    }


@pytest.mark.parametrize(
    ("rule", "claim", "admitted"),
    [
        (_custom("STRING", "EQUALS", matchValueString="payers"), "payers", True),
        (_custom("STRING", "EQUALS", matchValueString="payers"), "readers", False),
        (_custom("STRING_ARRAY", "CONTAINS", matchValueString="payers"), ["a", "payers"], True),
        (_custom("STRING_ARRAY", "CONTAINS", matchValueString="payers"), ["a"], False),
        (_custom("STRING_ARRAY", "CONTAINS", matchValueString="payers"), "payers", False),
        (_custom("STRING_ARRAY", "CONTAINS_ANY", matchValueStringList=["a", "b"]), ["b"], True),
        (_custom("STRING_ARRAY", "CONTAINS_ANY", matchValueStringList=["a", "b"]), ["c"], False),
    ],
)
def test_custom_claims_are_compared(
    world: Any, with_bearer: Any, unsigned_token: Token, *, rule: Any, claim: Any, admitted: bool
) -> None:
    token = unsigned_token(sub="bob", group=claim)
    if admitted:
        arn = world.jwt_manager(**rule)
        with_bearer(world.data, token)
        assert world.session(arn)
    else:
        code, message, _ = _refusal(world, with_bearer, token, **rule)
        assert code == "AccessDeniedException"
        assert message == "The bearer token's claim group is not allowed by the payment manager"


def test_signature_on_a_jwt_manager_is_access_denied(world: Any) -> None:
    arn = world.jwt_manager()
    with pytest.raises(ClientError) as caught:
        world.session(arn)
    problem = (
        "Authorization method mismatch. The payment manager's authorizer type is CUSTOM_JWT, which "
        "needs a bearer token; the request carries no bearer token"
    )
    assert error_of(caught.value) == ("AccessDeniedException", problem, 403)


def test_bearer_token_on_an_iam_manager_is_access_denied(
    world: Any, with_bearer: Any, unsigned_token: Token
) -> None:
    arn = world.manager()
    with_bearer(world.data, unsigned_token(sub="bob"))
    with pytest.raises(ClientError) as caught:
        world.session(arn)
    problem = (
        "Authorization method mismatch. The payment manager's authorizer type is AWS_IAM, which "
        "needs a SigV4 signature; the request carries a bearer token"
    )
    assert error_of(caught.value) == ("AccessDeniedException", problem, 403)


def test_bearer_token_on_the_control_plane_is_access_denied(
    world: Any, with_bearer: Any, unsigned_token: Token
) -> None:
    with_bearer(world.control, unsigned_token(sub="bob"))
    with pytest.raises(ClientError) as caught:
        world.control.list_payment_managers()
    assert error_of(caught.value) == (
        "AccessDeniedException",
        "This operation does not accept a bearer token",
        403,
    )


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"paymentManagerArn": 1}', b"[]"])
def test_malformed_bearer_request_is_a_validation_exception(
    aws: None, unsigned_token: Token, body: bytes
) -> None:
    import requests

    answer = requests.post(
        "https://bedrock-agentcore.us-west-2.amazonaws.com/payments/createPaymentSession",
        data=body,
        headers={"Authorization": f"Bearer {unsigned_token(sub='bob')}"},
        timeout=5,
    )
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationException")


def test_unknown_manager_is_what_the_operation_says(
    world: Any, with_bearer: Any, unsigned_token: Token
) -> None:
    arn = "arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/shop-abcdefghij"
    with_bearer(world.data, unsigned_token(sub="bob"))
    with pytest.raises(ClientError) as caught:
        world.data.get_payment_session(
            paymentManagerArn=arn, paymentSessionId="payment-session-123456789012345"
        )
    problem = "Payment manager not found: shop-abcdefghij"
    assert error_of(caught.value) == ("ResourceNotFoundException", problem, 404)


class TestRegisteredKeys:
    @pytest.fixture
    def key(self) -> Any:
        return jwk.ECKey.generate_key("P-256", {"kid": "k1"})

    def _token(self, key: Any, **claims: Any) -> str:
        token: str = jwt.encode({"alg": "ES256", "kid": "k1"}, {"sub": "bob", **claims}, key)
        return token

    def _trust(self, key: Any, issuer: str | None = None) -> None:
        keys = {"keys": [key.as_dict(private=False)]}
        PaymentsControl(region="us-west-2").trust_keys(DISCOVERY, keys, issuer=issuer)

    def test_good_signature_is_accepted(self, world: Any, with_bearer: Any, key: Any) -> None:
        self._trust(key, "https://idp.example.com")
        arn = world.jwt_manager()
        with_bearer(world.data, self._token(key, iss="https://idp.example.com"))
        assert world.session(arn)

    def test_signature_by_another_key_is_unauthorized(
        self, world: Any, with_bearer: Any, key: Any
    ) -> None:
        self._trust(key)
        forged = self._token(jwk.ECKey.generate_key("P-256", {"kid": "k1"}))
        assert _refusal(world, with_bearer, forged)[::2] == ("UnauthorizedException", 401)

    def test_unsigned_token_is_unauthorized(
        self, world: Any, with_bearer: Any, key: Any, unsigned_token: Token
    ) -> None:
        self._trust(key)
        refusal = _refusal(world, with_bearer, unsigned_token(sub="bob"))
        assert refusal[::2] == ("UnauthorizedException", 401)

    def test_other_issuer_is_unauthorized(self, world: Any, with_bearer: Any, key: Any) -> None:
        self._trust(key, "https://idp.example.com")
        token = self._token(key, iss="https://evil.example.com")
        assert _refusal(world, with_bearer, token) == (
            "UnauthorizedException",
            "The bearer token is from another issuer",
            401,
        )

    @pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": [{"kty": "EC"}]}, {"keys": 1}, []])
    def test_unusable_key_set_is_refused(self, aws: None, jwks: Any) -> None:
        with pytest.raises(ValueError, match="jwks must be a JSON Web Key Set"):
            PaymentsControl().trust_keys(DISCOVERY, jwks)
