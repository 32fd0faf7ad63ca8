"""The pages where a person takes over from an agent, in a real browser, with an agent waiting."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.serve.test_hand_over import quick_create, status_of, wallet_hub
from tests.serve.test_page_in_chromium import CHROMIUM, DRIVER, Page, browser, server
from tests.serve.test_state_file import Paying, client, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serve.running_server import Serving

__all__ = ["browser", "server"]
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver (Debian: chromium-driver)"
)
ANOTHER_SITE = "data:text/html,<a id=link href='{}'>Please grant signing</a>"
NOT_GRANTED = "grant is not active"


class Opened(Page):
    """A page that was opened by a link on another site, as from a chat with an agent."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver = driver
        driver.get(ANOTHER_SITE.format(url))
        driver.find_element("id", "link").click()

    def choose(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()


@pytest.fixture
def paying(server: Serving) -> Paying:
    server.ask("POST", "/moto-api/reset")
    made = Paying(server, "0.50")
    verb(server, "revoke-grant", instrument_id=made.instrument)
    return made


@pytest.fixture
def hub(browser: Any, server: Serving, paying: Paying) -> Iterator[Opened]:
    browser.get_log("browser")
    page = Opened(browser, wallet_hub(server, paying))
    page.press("Sign in as alice")
    yield page
    logged = browser.get_log("browser")
    assert [entry["message"] for entry in logged if entry["level"] == "SEVERE"] == []


def pay(server: Serving, paying: Paying) -> Any:
    return paying.pay(server, uuid.uuid4().hex * 2, 10_000)


def wait_to_pay(page: Page, server: Serving, paying: Paying) -> Any:
    """Try until the user granted signing, as an agent that waits does."""

    def attempt() -> Any:
        try:
            return pay(server, paying)
        except ClientError as error:
            if NOT_GRANTED in str(error):
                return None
            raise

    return page.wait(attempt)


def keep_screenshot(page: Page, name: str) -> None:
    """Write a screenshot of the documentation, where they are asked for."""
    place = os.environ.get("PAGE_SCREENSHOTS")
    if place:
        page.driver.set_window_size(760, 900)
        page.driver.save_screenshot(str(Path(place, name)))
        page.driver.set_window_size(1400, 900)


def test_a_user_grants_and_the_waiting_agent_pays_until_it_is_revoked(
    hub: Opened,
    server: Serving,
    paying: Paying,
) -> None:
    hub.see("#grant", "Not granted")
    with pytest.raises(ClientError, match=NOT_GRANTED):
        pay(server, paying)
    hub.choose("#days label:first-child")
    hub.press("Grant signing")
    assert wait_to_pay(hub, server, paying)["status"] == "PROOF_GENERATED"
    hub.see("#grant", "Granted until")
    hub.see("#grant", "in 7 days")
    hub.driver.execute_script("say('')")
    keep_screenshot(hub, "serve-wallet-hub.png")
    hub.press("Revoke")
    hub.see("#grant", "Not granted")
    with pytest.raises(ClientError, match=NOT_GRANTED):
        pay(server, paying)


@pytest.mark.parametrize("days", [30, 60, 90])
def test_a_grant_lasts_the_chosen_days(
    hub: Opened,
    server: Serving,
    paying: Paying,
    days: int,
) -> None:
    if days != 30:  # the default
        hub.choose(f"#days label:has(input[value='{days}'])")
    hub.press("Grant signing")
    hub.see("#grant", f"in {days} days")
    assert verb(server, "grant", instrument_id=paying.instrument)["given"] is True


def test_it_is_used_by_keyboard_alone(
    browser: Any,
    server: Serving,
    paying: Paying,
) -> None:
    page = Opened(browser, wallet_hub(server, paying))
    page.see("#enter", "Sign in as alice")
    body = browser.find_element("tag name", "body")
    body.send_keys("\ue004\ue007")  # Tab to the button, Enter
    page.see("#grant", "Not granted")
    browser.switch_to.active_element.send_keys("\ue007")  # signing in leads to the grant
    page.see("#grant", "in 30 days")


def test_what_others_do_appears(hub: Opened, server: Serving, paying: Paying) -> None:
    hub.see("#balances", "0.00 USDC")
    verb(server, "fund-wallet", wallet=paying.instrument, amount=2_500_000)
    verb(server, "give-grant", instrument_id=paying.instrument, days=60)
    hub.see("#balances", "2.50 USDC")
    hub.see("#grant", "in 60 days")


def test_funds_are_added(hub: Opened, server: Serving, paying: Paying) -> None:
    amount = hub.driver.find_element("id", "amount")
    amount.clear()
    amount.send_keys("1e6")
    hub.press("Add funds")
    hub.see("#said", "An amount of USDC is needed, such as 1.50")
    amount.clear()
    amount.send_keys("12.345678")
    hub.press("Add funds")
    hub.see("#balances", "BASE_SEPOLIA\n12.345678 USDC")
    assert verb(server, "balance", wallet=paying.instrument) == 12_345_678


def test_linked_accounts_are_masked(hub: Opened, paying: Paying) -> None:
    hub.see("#wallet", paying.instrument)
    hub.press("Sign out")
    hub.see("#sign-in", "alice (email ********)")
    assert "alice@example.com" not in hub.driver.page_source


def test_a_user_with_a_hostile_name_is_text(browser: Any, server: Serving, paying: Paying) -> None:

    name = "<img src=x onerror=document.title='run'>"
    wallet = client(server).create_payment_instrument(
        paymentManagerArn=paying.arn,
        paymentConnectorId=paying.connector,
        userId=name,
        paymentInstrumentType="EMBEDDED_CRYPTO_WALLET",
        paymentInstrumentDetails={
            "embeddedCryptoWallet": {"network": "SOLANA", "linkedAccounts": []}
        },
    )["paymentInstrument"]["paymentInstrumentDetails"]["embeddedCryptoWallet"]
    page = Opened(browser, wallet["redirectUrl"])
    page.see("#who", name)
    page.choose("#enter")
    page.see("#wallet", "SOLANA")
    assert browser.title == f"WalletHub · {name}"


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        ("Approve", "READY", "Approved: the connector is READY"),
        ("Refuse", "AUTHENTICATION_FAILED", "Refused: AUTHENTICATION_FAILED"),
    ],
)
def test_a_quick_create_is_answered(
    browser: Any,
    server: Serving,
    paying: Paying,
    answer: str,
    status: str,
    text: str,
) -> None:
    connector = quick_create(server, paying)
    page = Opened(browser, connector["authorizationUrl"])
    page.see("#outcome", "PENDING_AUTHENTICATION: the link ends in 10 minutes")
    keep_screenshot(page, "serve-consent.png")
    page.press(answer)
    page.see("#outcome", text)
    assert status_of(server, paying, connector) == status
    browser.refresh()
    page.see("#outcome", text)
    assert not browser.find_element("id", "answers").is_displayed()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/agentcore-payments/wallet-hub/000000000000", "No wallet has this link"),
        ("/identities/oauth2/authorize?request_uri=x", "No connector waits for this consent"),
    ],
)
def test_a_link_of_nobody_says_so(browser: Any, server: Serving, path: str, text: str) -> None:
    page = Opened(browser, server.url + path)
    page.see("#missing", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone_and_can_be_read_in_light_and_dark(hub: Opened, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    hub.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    hub.driver.set_window_size(500, 900)
    hub.see("#wallet", "alice")
    needed, there, colours = hub.driver.execute_script(
        "const {color, backgroundColor} = getComputedStyle(document.querySelector('#grant'));"
        "return [document.documentElement.scrollWidth, innerWidth, [color, backgroundColor]]"
    )
    hub.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    hub.driver.set_window_size(1400, 900)
    assert needed <= there
    assert contrast(*colours) >= 4.5  # WCAG 2, level AA


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[4:-1].split(",")]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
