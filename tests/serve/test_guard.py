"""Which requests are answered: the rules on Host, Origin and Sec-Fetch-Site."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("waitress", reason="comes with the extra emulator")

from boto3_agentcore_payments.cli.web.guard import LOCAL_ADDRESS, Guard, Refusal

OWN = "http://127.0.0.1:5005"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a word, nothing listens
NO_HOST = Refusal(400, "InvalidHost", "The Host header is malformed")
ANOTHER_ORIGIN = (
    "This server answers no request of a page of another origin; "
    "agentcore-payments serve --allow-origin names the origins that may"
)
ANOTHER_SITE = ANOTHER_ORIGIN.replace("another origin", "another site")


def environ(method: str = "POST", path: str = "/payments/managers-list", **headers: str) -> Any:
    given = {"host": "127.0.0.1:5005", **headers}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        LOCAL_ADDRESS: "192.0.2.7",
        **{f"HTTP_{name.upper()}": value for name, value in given.items()},
    }


def refused(guard: Guard, **request: str) -> tuple[int, str] | None:
    refusal = guard.refusal(environ(**request))
    return refusal and (refusal.status, refusal.message)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:5005",
        "127.0.0.1",
        "127.1.2.3:1",
        "localhost:5005",
        "LOCALHOST",
        "localhost.",
        "bucket.localhost:5005",
        "[::1]:5005",
        "[0:0::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_every_loopback_name_and_address_is_a_host(host: str) -> None:
    assert refused(Guard("127.0.0.1"), host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:5005",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        EVERYWHERE,
        "192.0.2.7",
        "[fe80::1]",
        "moto",
    ],
)
def test_any_other_name_is_refused_and_the_option_named(host: str) -> None:
    name = host.partition(":")[0] if host[0] != "[" else "fe80::1"
    assert refused(Guard("127.0.0.1"), host=host) == (
        403,
        f"Host {name} is not a name of this server: agentcore-payments serve --allow-host adds one",
    )


@pytest.mark.parametrize(
    "host",
    ["", "[", "[]", "[::1", "::1", "a b", "a,b", "user@localhost", "localhost:http", "localhost:",
     "localhost:65536", "localhost/", "256.0.0.1", "127.0.0.1, evil.example", "é"],
)  # fmt: skip
def test_a_malformed_host_is_a_bad_request(host: str) -> None:
    assert Guard("127.0.0.1").refusal(environ(host=host)) == NO_HOST


@pytest.mark.parametrize(
    ("listening_on", "options", "host"),
    [
        ("192.0.2.7", {}, "192.0.2.7:5005"),
        ("My-Machine", {}, "my-machine:5005"),
        (EVERYWHERE, {}, "192.0.2.7:80"),
        ("::", {}, "192.0.2.7"),
        (EVERYWHERE, {"hosts": ["payments"]}, "PAYMENTS:5005"),
        ("127.0.0.1", {"hosts": ["*.payments.test"]}, "bucket.payments.test"),
        ("127.0.0.1", {"hosts": ["2001:db8::1"]}, "[2001:DB8:0::1]:80"),
        ("127.0.0.1", {"public_url": "https://payments.test:8443"}, "payments.test"),
    ],
)
def test_listening_and_allowed_addresses_are_hosts(
    listening_on: str, options: dict[str, Any], host: str
) -> None:
    assert refused(Guard(listening_on, **options), host=host) is None


def test_subdomains_are_allowed_only_with_an_asterisk() -> None:
    assert refused(Guard("127.0.0.1", hosts=["payments"]), host="bucket.payments")
    assert refused(Guard("127.0.0.1", hosts=["*.payments"]), host="payments")


def test_listening_everywhere_does_not_allow_every_address() -> None:
    assert refused(Guard(EVERYWHERE), host="192.0.2.8")


def test_a_client_that_says_nothing_is_answered() -> None:
    request = environ()
    del request["HTTP_HOST"]
    assert Guard("127.0.0.1").refusal(request) is None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "https://127.0.0.1:5005",
        "http://127.0.0.1",
        "http://127.0.0.1:5006",
        "http://127.0.0.1:50050",
        "http://localhost:5005",
        "http://127.0.0.1:5005/",
        "http://127.0.0.1:5005@evil.example",
    ],
)
def test_another_origin_is_refused(method: str, origin: str) -> None:
    assert refused(Guard("127.0.0.1"), method=method, origin=origin) == (403, ANOTHER_ORIGIN)


@pytest.mark.parametrize(
    ("options", "host", "origin"),
    [
        ({}, "127.0.0.1:5005", OWN),
        ({}, "localhost:5005", "http://localhost:5005"),
        ({"public_url": "https://payments.test"}, "payments.test", "https://payments.test"),
        ({"origins": ["http://localhost:3000"]}, "127.0.0.1:5005", "http://localhost:3000"),
    ],
)
def test_its_own_and_allowed_origins_are_answered(
    options: dict[str, Any], host: str, origin: str
) -> None:
    assert refused(Guard("127.0.0.1", **options), host=host, origin=origin) is None


def test_an_allowed_origin_is_answered_from_another_site() -> None:
    guard = Guard("127.0.0.1", origins=["http://localhost:3000"])
    assert refused(guard, origin="http://localhost:3000", sec_fetch_site="cross-site") is None


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unheard-of"])
@pytest.mark.parametrize("origin", [{}, {"origin": OWN}])
def test_another_site_is_refused(site: str, origin: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        answered = refused(Guard("127.0.0.1"), method=method, sec_fetch_site=site, **origin)
        assert answered == (403, ANOTHER_SITE)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_its_own_pages_and_the_address_bar_are_answered(site: str) -> None:
    assert refused(Guard("127.0.0.1"), method="GET", sec_fetch_site=site) is None


LINK = {"method": "GET", "path": "/", "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}


@pytest.mark.parametrize("path", ["/", "/moto-api", "/moto-api/"])
@pytest.mark.parametrize("dest", [{}, {"sec_fetch_dest": "document"}])
def test_a_link_leads_to_a_page(path: str, dest: dict[str, str]) -> None:
    assert refused(Guard("127.0.0.1"), **{**LINK, "path": path, **dest}) is None


@pytest.mark.parametrize(
    "change",
    [
        {"path": "/moto-api/data.json"},
        {"path": "/moto-api/agentcore-payments/payments"},
        {"path": "/payments/managers/a"},
        {"path": "/bucket/key"},
        {"method": "POST"},
        {"method": "HEAD"},
        {"sec_fetch_mode": "no-cors"},
        {"sec_fetch_dest": "iframe"},
    ],
)
def test_nothing_else_is_a_link_to_a_page(change: dict[str, str]) -> None:
    assert refused(Guard("127.0.0.1"), **{**LINK, **change}) == (403, ANOTHER_SITE)


def test_only_an_allowed_origin_may_read() -> None:
    guard = Guard("127.0.0.1", origins=["http://localhost:3000"])
    assert guard.cors(environ(origin=OWN)) == []
    assert guard.cors(environ(origin="http://localhost:3000")) == [
        ("Access-Control-Allow-Origin", "http://localhost:3000"),
        ("Access-Control-Expose-Headers", "*"),
        ("Vary", "Origin"),
    ]
