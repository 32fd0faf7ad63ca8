"""Keys of sellers: registered or fetched, kept for an hour; where they may be fetched from."""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from boto3_agentcore_payments.emulator.proofs import jose, key_sets, marketplace
from boto3_agentcore_payments.emulator.proofs.key_sets import FetchError
from boto3_agentcore_payments.emulator.proofs.seller_keys import SellerKeys

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)
ISSUER = "https://shop.example.com"
KEYS = marketplace.key_set("any seller")


def one(kid):
    return {"keys": [{**KEYS["keys"][0], "kid": kid}]}


class Fetches:
    """Counts what is fetched, and answers what a test wants."""

    def __init__(self, answer):
        self.answer = answer
        self.issuers = []

    def __call__(self, issuer):
        self.issuers.append(issuer)
        return self.answer


def test_registered_keys_are_not_fetched():
    fetches = Fetches(None)
    keys = SellerKeys(fetches)
    keys.register(ISSUER, one("a")["keys"][0])
    assert [kid for kid, _ in keys.find(ISSUER, "a", now=NOW).keys] == ["a"]
    assert fetches.issuers == []


def test_fetched_keys_are_kept_for_an_hour():
    keys = SellerKeys(fetches := Fetches(one("a")))
    for minutes in (0, 59, 60):
        assert keys.find(ISSUER, "a", now=NOW + timedelta(minutes=minutes)).problem is None
    assert len(fetches.issuers) == 2


def test_a_key_that_is_not_known_yet_is_looked_for_again():
    keys = SellerKeys(fetches := Fetches(one("a")))
    keys.find(ISSUER, "a", now=NOW)
    fetches.answer = one("b")
    assert [kid for kid, _ in keys.find(ISSUER, "b", now=NOW).keys] == ["b"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (None, "a key set is a JSON object with a list of keys, 'keys'"),
        ({"keys": []}, "a key set is a JSON object with a list of keys, 'keys'"),
        ({"keys": [1]}, "a key is a JSON object"),
        ({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "a key has private members"),
        ({"keys": [{"kty": "OKP"}]}, "a key is not for one of RS256, ES256, ES384, ES512"),
        (
            {"keys": [{**KEYS["keys"][0], "alg": "ES384"}]},
            "a key is not for one of RS256, ES256, ES384, ES512",
        ),
        ({"keys": [{**KEYS["keys"][0], "use": "enc"}]}, "a key is not for signatures"),
        ({"keys": [{**KEYS["keys"][0], "x": "A" * 43}]}, "a key cannot be read"),
        ({"keys": [KEYS["keys"][0]] * 2}, "two keys have one kid"),
    ],
)
def test_a_document_without_usable_keys_is_a_problem(document, problem):
    assert SellerKeys(Fetches(document)).find(ISSUER, None, now=NOW).problem == problem
    if isinstance(document, dict):
        with pytest.raises(ValueError, match=problem.partition("'")[0]):
            SellerKeys().register(ISSUER, document)


def test_a_short_rsa_key_is_refused():
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "e": "AQAB",
        "n": jose.urlsafe_b64encode(numbers.n.to_bytes(128, "big")).rstrip(b"=").decode(),
    }
    with pytest.raises(jose.BadKeyError, match="an RSA key has less than 2048 bits"):
        jose.public_key(jwk)


# Fetching


@pytest.fixture
def serve():
    """Serve one answer of HTTP on this machine; give the base URL."""
    running = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self)

            def log_message(self, *_):
                """Log nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


def saying(status, body, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def problem(issuer):
    with pytest.raises(FetchError) as caught:
        key_sets.fetch(issuer)
    return str(caught.value)


def test_a_local_sellers_keys_are_fetched_from_their_well_known_path(serve):
    asked = []

    def answer(handler):
        asked.append((handler.path, handler.headers["Host"]))
        saying(200, json.dumps(KEYS).encode())(handler)

    base = serve(answer)
    assert key_sets.fetch(base) == key_sets.fetch(f"{base}/shop/") == KEYS
    host = base.partition("//")[2]
    assert asked == [("/.well-known/jwks.json", host), ("/shop/.well-known/jwks.json", host)]


def test_a_redirect_is_not_followed(serve):
    elsewhere = serve(saying(200, json.dumps(KEYS).encode()))
    base = serve(saying(302, b"", Location=f"{elsewhere}/.well-known/jwks.json"))
    assert problem(base) == "HTTP 302"


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (404, b"{}", "HTTP 404"),
        (200, b"<html>", "the answer is not JSON"),
        (200, b" " * (key_sets.LARGEST + 1), "the answer is larger than 65536 bytes"),
    ],
)
def test_another_answer_is_a_problem(serve, status, body, text):
    assert problem(serve(saying(status, body))) == text


def test_an_answer_that_drips_is_given_up(serve, monkeypatch):
    monkeypatch.setattr(key_sets, "SECONDS", 0.3)

    def drip(handler):
        saying(200, b"{")(handler)
        for _ in range(20):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    base = serve(drip)
    start = time.monotonic()
    assert problem(base) == "no answer within 0.3 seconds"
    assert time.monotonic() - start < 0.8


def test_a_name_that_is_looked_up_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(key_sets, "SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(0.3) or [])
    assert problem("https://shop.example.com") == "no answer within 0.1 seconds"


def test_unreachable_seller_is_a_problem():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert problem(f"http://127.0.0.1:{port}") == "no connection"


def test_an_untrusted_certificate_is_a_problem(serve):
    base = serve(saying(200, b"{}"))
    assert problem(base.replace("http:", "https:")) == "its certificate or TLS is not accepted"


@pytest.mark.parametrize(
    ("issuer", "text"),
    [
        ("", "it is not an https URL"),
        ("shop.example.com", "it is not an https URL"),
        ("ftp://shop.example.com", "it is not an https URL"),
        ("file:///etc/passwd", "it is not an https URL"),
        ("https://", "it is not an https URL"),
        ("https://[::1", "it is not a URL"),
        ("https://shop.example.com:99999", "it is not a URL"),
        ("https://shop.example.com\r\nX-Header: 1", "it is not an https URL"),
        ("https://shop.example.com/?a=1", "a user, a query or a fragment in it"),
        ("https://shop.example.com/#a", "a user, a query or a fragment in it"),
        ("https://shop.example.com?", "a user, a query or a fragment in it"),
        ("https://me@shop.example.com", "a user, a query or a fragment in it"),
        ("http://shop.example.com", "http is for this machine only; https is needed"),
        ("http://127.0.0.1.example.com", "http is for this machine only; https is needed"),
        ("http://169.254.169.254", "http is for this machine only; https is needed"),
    ],
)
def test_a_url_that_is_not_to_be_fetched_from_is_refused(issuer, text, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)  # no name may be looked up
    assert problem(issuer) == text


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that is not to be reached
        "224.0.0.1",
        "::1",
        "::",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_a_name_with_a_private_address_is_not_reached(address, monkeypatch):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))
    found = [public, (family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "socket", None)  # nothing may be connected to
    assert problem("https://shop.example.com") == "its address is not public"


def test_localhost_that_is_another_machine_is_not_reached(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "socket", None)
    assert problem("http://localhost") == "its address is not public"


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_a_public_address_may_be_reached(address):
    assert key_sets._is_public(ipaddress.ip_address(address))
