"""A person takes over from an agent: links to the WalletHub and to a consent, and what they do."""

from __future__ import annotations

import json
import sys
import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from boto3_agentcore_payments.emulator.backend.models import service_time
from boto3_agentcore_payments.testing import agentcore_payments_server
from tests.serve.running_server import REGION
from tests.serve.test_state_file import KEYS, Paying, client, pay, token, verb
from tests.serve.test_state_file import serving as server_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boto3_agentcore_payments.testing.server import PaymentsServer
    from tests.serve.running_server import Serving

VERBS = "/moto-api/agentcore-payments"
FOREIGN = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
NOT_GRANTED = (
    "Delegated signing grant is not active for the end user wallet. "
    "Please redirect end user to the WalletHub to grant the permissions."
)
needs_x402 = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="the merchants' x402 library needs Python 3.10"
)


@pytest.fixture(scope="module")
def paying(serving: Serving) -> Paying:
    return Paying(serving)


def wallet_hub(server: Serving, paying: Paying) -> str:
    """Return the address that an agent hands to the wallet's user."""
    found = client(server).get_payment_instrument(
        paymentManagerArn=paying.arn, paymentInstrumentId=paying.instrument, userId="alice"
    )["paymentInstrument"]["paymentInstrumentDetails"]
    url: str = found["embeddedCryptoWallet"]["redirectUrl"]
    return url


def quick_create(server: Serving, paying: Paying) -> Any:
    return client(server, "-control").create_payment_connector(
        paymentManagerId=paying.manager_id,
        name="quick",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )


def status_of(server: Serving, paying: Paying, connector: Any) -> str:
    found = client(server, "-control").get_payment_connector(
        paymentManagerId=paying.manager_id, paymentConnectorId=connector["paymentConnectorId"]
    )
    status: str = found["status"]
    return status


def path_of(server: Serving, url: str) -> str:
    assert url.startswith(f"{server.url}/")
    return url[len(server.url) :]


class Person:
    """Opens a link in a browser, and does there what the page does when its buttons are pressed."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.origin = f"{place.scheme}://{place.netloc}"
        opened = requests.get(url, headers={"Accept": "text/html"}, timeout=10)
        assert (opened.status_code, opened.headers["Content-Type"]) == (
            200,
            "text/html; charset=utf-8",
        )
        if place.path == "/identities/oauth2/authorize":
            self.sees = self._look("consent", request_uri=parse_qs(place.query)["request_uri"][0])
        else:
            self.sees = self._look("wallet-hub", link=place.path.rpartition("/")[2])

    def _look(self, name: str, **asked: str) -> Any:
        own = {"Sec-Fetch-Site": "same-origin"}
        answer = requests.get(f"{self.origin}{VERBS}/{name}", params=asked, headers=own, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def does(self, name: str, **arguments: Any) -> requests.Response:
        place = {"account_id": self.sees["account_id"], "region": self.sees["region"]}
        own = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        url = f"{self.origin}{VERBS}/{name}"
        return requests.post(url, json={**place, **arguments}, headers=own, timeout=10)

    def grants(self, days: int) -> None:
        answer = self.does("give-grant", instrument_id=self.sees["instrument_id"], days=days)
        assert answer.status_code == 200, answer.text

    def revokes(self) -> None:
        answer = self.does("revoke-grant", instrument_id=self.sees["instrument_id"])
        assert answer.status_code == 200, answer.text

    def answers(self, name: str) -> requests.Response:
        connector = {each: self.sees[each] for each in ("connector_id", "manager_id")}
        return self.does(name, **connector)


# The wallet's user


@pytest.fixture(scope="module")
def account() -> Iterator[PaymentsServer]:
    with agentcore_payments_server(new_account=True) as opened:
        yield opened


def redirect_url(account: PaymentsServer) -> str:
    found = account.client.get_payment_instrument(
        paymentManagerArn=account.manager_arn,
        paymentInstrumentId=account.instrument_id,
        userId=account.user_id,
    )["paymentInstrument"]["paymentInstrumentDetails"]
    return str(found["embeddedCryptoWallet"]["redirectUrl"])


@needs_x402
def test_an_agent_hands_over_to_the_user_who_grants_and_revokes(account: PaymentsServer) -> None:
    from boto3_agentcore_payments.pay import WalletUnavailable

    shop = account.x402_merchant(price="0.02")
    with pytest.raises(WalletUnavailable) as refused:
        account.payer.pay(shop.url)
    link = refused.value.wallet_hub_url
    assert link is not None
    assert link == redirect_url(account)
    assert link.startswith(f"{account.url}/agentcore-payments/wallet-hub/")
    user = Person(link)
    assert (user.sees["user"], user.sees["granted"]) == ("alice", False)
    user.grants(days=30)
    assert account.payer.pay(shop.url).ok
    Person(link).revokes()
    with pytest.raises(WalletUnavailable, match="grant is not active"):
        account.payer.pay(shop.url)
    account.assert_paid("0.02", to=shop.pay_to, times=1)


@pytest.mark.parametrize("days", [7, 30, 60, 90])
def test_a_grant_ends_after_its_days(
    account: PaymentsServer, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    user = Person(redirect_url(account))
    assert days in user.sees["grant_days"]
    user.grants(days)
    state = account.state_now()
    for span, granted in ((timedelta(days=days, minutes=-1), True), (timedelta(days=days), False)):
        monkeypatch.setattr(state, "clock", lambda span=span: service_time() + span)
        assert Person(redirect_url(account)).sees["granted"] is granted
        if granted:
            assert pay_once(account)["status"] == "PROOF_GENERATED"
        else:
            with pytest.raises(ClientError, match=NOT_GRANTED):
                pay_once(account)


def pay_once(account: PaymentsServer) -> Any:
    session = account.client.create_payment_session(
        paymentManagerArn=account.manager_arn, userId="alice", expiryTimeInMinutes=60
    )["paymentSession"]["paymentSessionId"]
    wallet = SimpleNamespace(
        arn=account.manager_arn, session=session, instrument=account.instrument_id
    )
    return pay(account.client, wallet, uuid.uuid4().hex * 2)  # type: ignore[arg-type]


def test_nobody_grants_for_other_spans(account: PaymentsServer) -> None:
    user = Person(redirect_url(account))
    answer = user.does("give-grant", instrument_id=user.sees["instrument_id"], days=365)
    message = "days must be one of 7, 30, 60, 90, not 365"
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_the_user_sees_and_adds_funds(serving: Serving, paying: Paying) -> None:
    user = Person(wallet_hub(serving, paying))
    assert (user.sees["balances"], user.sees["network"]) == ({}, "ETHEREUM")
    wallet = user.sees["instrument_id"]
    assert user.does("fund-wallet", wallet=wallet, amount="1500000", chain="BASE").ok
    assert Person(wallet_hub(serving, paying)).sees["balances"] == {"BASE": "1.50"}


def test_linked_accounts_are_masked(serving: Serving, paying: Paying) -> None:
    user = Person(wallet_hub(serving, paying))
    assert user.sees["linked_accounts"] == [{"email": "********"}]
    assert "alice@example.com" not in json.dumps(user.sees)


# The connector's owner


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("approve-authorization", "READY"),
        ("fail-authorization", "AUTHENTICATION_FAILED"),
        ("expire-authorization", "AUTHENTICATION_EXPIRED"),
    ],
)
def test_a_quick_create_is_answered_at_its_address(
    serving: Serving,
    paying: Paying,
    answer: str,
    status: str,
) -> None:
    connector = quick_create(serving, paying)
    url = connector["authorizationUrl"]
    assert url.startswith(f"{serving.url}/identities/oauth2/authorize?request_uri=urn%3Aietf%3A")
    owner = Person(url)
    assert (owner.sees["name"], owner.sees["status"]) == ("quick", "PENDING_AUTHENTICATION")
    assert owner.answers(answer).status_code == 200
    assert status_of(serving, paying, connector) == status
    assert (Person(url).sees["status"], Person(url).sees["consent_ends"]) == (status, None)
    again = owner.answers("approve-authorization")
    assert (again.status_code, again.json()["error"]) == (409, "ConflictException")
    assert status_of(serving, paying, connector) == status


def test_opening_an_address_is_no_answer(serving: Serving, paying: Paying) -> None:
    connector = quick_create(serving, paying)
    for _ in range(2):
        Person(connector["authorizationUrl"])
    assert status_of(serving, paying, connector) == "PENDING_AUTHENTICATION"


def test_without_subscription_consent_ends_in_the_recorded_status(account: PaymentsServer) -> None:
    account.emulator.unsubscribe()
    made = account.control_client.create_payment_connector(
        paymentManagerId=account.manager_arn.rpartition("/")[2],
        name="unsubscribed",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )
    Person(made["authorizationUrl"]).answers("approve-authorization")
    account.emulator.subscribe()
    status = Person(made["authorizationUrl"]).sees["status"]
    assert status == "AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED"


# Who gets the pages


@pytest.fixture(scope="module")
def links(serving: Serving, paying: Paying) -> dict[str, str]:
    return {
        "wallet hub": path_of(serving, wallet_hub(serving, paying)),
        "consent": path_of(serving, quick_create(serving, paying)["authorizationUrl"]),
    }


@pytest.mark.parametrize("page", ["wallet hub", "consent"])
def test_a_link_of_another_site_opens_a_page_and_a_frame_does_not(
    serving: Serving,
    links: dict[str, str],
    page: str,
) -> None:
    link = links[page]
    status, headers, body = serving.ask("GET", link, sec_fetch_dest="document", **FOREIGN)
    assert (status, headers["x-frame-options"]) == (200, "DENY")
    assert body.startswith(b"<!doctype html>")
    assert serving.ask("GET", link, sec_fetch_dest="iframe", **FOREIGN)[0] == 403
    image = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}
    assert serving.ask("GET", link, **image)[0] == 403
    assert serving.ask("POST", link, "{}", origin="https://evil.example")[0] == 403
    assert serving.ask("HEAD", link)[2] == b""


def test_another_site_can_neither_read_nor_act(
    serving: Serving,
    paying: Paying,
    links: dict[str, str],
) -> None:
    before = verb(serving, "grant", instrument_id=paying.instrument)
    grant = json.dumps({"instrument_id": paying.instrument, "days": 7})
    for headers in ({"origin": "https://evil.example"}, {**FOREIGN, "origin": "null"}):
        assert serving.ask("POST", f"{VERBS}/give-grant", grant, **headers)[0] == 403
    assert verb(serving, "grant", instrument_id=paying.instrument) == before
    link = links["wallet hub"].rpartition("/")[2]
    read = serving.ask(
        "GET", f"{VERBS}/wallet-hub?link={link}", sec_fetch_dest="document", **FOREIGN
    )
    assert read[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/agentcore-payments/wallet-hub/000000000000",
        "/agentcore-payments/wallet-hub/",
        "/agentcore-payments/wallet-hub/../../moto-api/reset",
        "/identities/oauth2/authorize",
        "/identities/oauth2/authorize?request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A",
        "/identities/oauth2/authorize?request_uri=a&request_uri=b",
    ],
)
def test_a_link_of_nobody_is_404_and_says_so(serving: Serving, path: str) -> None:
    status, headers, body = serving.ask("GET", path, sec_fetch_dest="document", **FOREIGN)
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"This link leads nowhere" in body


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("wallet-hub?link=000000000000", "No wallet has this link"),
        ("consent?request_uri=none", "No connector waits for this consent"),
    ],
)
def test_a_verb_knows_no_link_of_nobody(serving: Serving, asked: str, message: str) -> None:
    status, _, body = serving.ask("GET", f"{VERBS}/{asked}")
    found = json.loads(body)
    assert (status, found) == (404, {"error": "ResourceNotFoundException", "message": message})


def test_an_object_of_s3_may_have_such_a_path(serving: Serving) -> None:
    buckets = boto3.client("s3", endpoint_url=serving.url, region_name=REGION, **KEYS)
    place = {"Bucket": "agentcore-payments", "Key": "wallet-hub/0123456789ab"}
    buckets.create_bucket(
        Bucket=place["Bucket"], CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    buckets.put_object(Body=b"an object", **place)
    assert buckets.get_object(**place)["Body"].read() == b"an object"


def test_the_log_does_not_tell_the_request(
    serving: Serving,
    links: dict[str, str],
) -> None:
    path, _, query = links["consent"].partition("?")
    serving.ask("GET", links["consent"])
    serving.ask("GET", f"{VERBS}/consent?{query}")
    serving.ask("GET", "/agentcore-payments/wallet-hub/ffffffffffff")
    logged = serving.logged()
    assert f"GET {path} 200" in logged
    assert query.rpartition("%3A")[2] not in logged
    assert "request_uri" not in logged


# Where the links lead


def test_the_overview_has_the_same_links(serving: Serving, paying: Paying) -> None:
    connector = quick_create(serving, paying)
    found = json.loads(serving.ask("GET", f"{VERBS}/overview")[2])["result"]
    assert wallet_hub(serving, paying) in [row["redirect_url"] for row in found["wallets"]]
    urls = [row["authorization_url"] for row in found["connectors"]]
    assert connector["authorizationUrl"] in urls


def test_what_a_person_did_is_there_again_after_a_kill(tmp_path: Path) -> None:
    file = str(tmp_path / "state.db")
    with server_with("--state", file, "--new-account") as server:
        for done, arguments in (
            ("subscribe", {}),
            ("set-role-checked", {"checked": False}),
            ("set-delegated-signing", {"enabled": True}),
        ):
            verb(server, done, **arguments)
        paying = Paying(server)
        with pytest.raises(ClientError, match=NOT_GRANTED):
            paying.pay(server, token(1))
        user = Person(wallet_hub(server, paying))
        user.grants(days=7)
        approved, refused, waiting = (quick_create(server, paying) for _ in range(3))
        Person(approved["authorizationUrl"]).answers("approve-authorization")
        Person(refused["authorizationUrl"]).answers("fail-authorization")
        before, gone = server.url, Person(wallet_hub(server, paying)).sees
    with server_with("--state", file) as server:
        assert server.url != before
        link = wallet_hub(server, paying)
        assert link.startswith(f"{server.url}/agentcore-payments/wallet-hub/")
        assert Person(link).sees == gone
        assert gone["grant_ends"] is not None
        assert paying.pay(server, token(2))["status"] == "PROOF_GENERATED"
        assert status_of(server, paying, approved) == "READY"
        assert status_of(server, paying, refused) == "AUTHENTICATION_FAILED"
        url = waiting["authorizationUrl"].replace(before, server.url)
        Person(url).answers("approve-authorization")
        assert status_of(server, paying, waiting) == "READY"
