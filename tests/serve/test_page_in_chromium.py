"""The page of serve in a real browser: found, read and acted on as a person would."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.serve.test_state_file import Paying, client, serving, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serve.running_server import Serving

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed; nox -s page brings it"
)
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver (Debian: chromium-driver)"
)
SOON = 10


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Page:
    """The page, by what a person sees and presses."""

    def __init__(self, driver: Any, server: Serving) -> None:
        self.driver = driver
        driver.get(f"{server.url}/")

    def wait(self, condition: Any) -> Any:
        from selenium.webdriver.support.wait import WebDriverWait

        return WebDriverWait(self.driver, SOON, ignored_exceptions=_stale()).until(
            lambda _: condition()
        )

    def text(self, selector: str) -> str:
        return str(self.driver.find_element("css selector", selector).text)

    def see(self, selector: str, text: str) -> None:
        self.wait(lambda: text in self.text(selector))

    def press(self, text: str) -> None:
        path = f"//button[normalize-space()='{text}']"
        self.wait(lambda: self.driver.find_element("xpath", path)).click()

    def open(self, selector: str) -> None:
        def click() -> bool:
            self.driver.find_element("css selector", selector).click()
            return bool(self.driver.find_element("id", "details").is_displayed())

        self.wait(click)


def _stale() -> list[type[Exception]]:
    from selenium.common.exceptions import StaleElementReferenceException

    return [StaleElementReferenceException]


@pytest.fixture
def paying(server: Serving) -> Paying:
    server.ask("POST", "/moto-api/reset")
    return Paying(server, "0.50")


@pytest.fixture
def page(browser: Any, server: Serving, paying: Paying) -> Page:
    return Page(browser, server)


def pay(server: Serving, paying: Paying, amount: int) -> str:
    answer = paying.pay(server, uuid.uuid4().hex * 2, amount)
    identifier: str = answer["processPaymentId"]
    return identifier


def test_payments_appear_while_one_looks(page: Page, server: Serving, paying: Paying) -> None:
    page.see("#attempts", "No attempt yet")
    payment = pay(server, paying, 100_000)
    for text in ("alice", "shopper", "0.10", "0x209693Bc…12287C", "eip155:84532", "signed"):
        page.see("#attempts tbody tr:first-child", text)
    verb(server, "fund-wallet", wallet=paying.instrument, amount=1_000_000)
    verb(server, "settle", reference=payment)
    page.see("#attempts tbody tr:first-child .mark", "settled")
    pay(server, paying, 250_000)
    with pytest.raises(ClientError, match="Insufficient budget"):
        pay(server, paying, 400_000)
    page.see("#attempts tbody tr:first-child", "Insufficient budget")
    page.see("#sessions", "0.15 USD left")
    page.see("#wallets", "0.90 USDC")
    keep_screenshot(page, server)


def keep_screenshot(page: Page, server: Serving) -> None:
    """Write the screenshots of the documentation, where they are asked for."""
    place = os.environ.get("PAGE_SCREENSHOTS")
    if not place:
        return
    verb(server, "inject-fault", operation="ProcessPayment", error="ThrottlingException", times=2)
    page.see("#faults", "ThrottlingException")
    for name, scheme in (("serve-page", "light"), ("serve-page-dark", "dark")):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        page.driver.save_screenshot(str(Path(place, f"{name}.png")))


def test_a_wallet_is_funded_by_hand(page: Page, server: Serving, paying: Paying) -> None:
    page.see("#wallets", "0.00 USDC")
    page.open("#wallets .item")
    amount = page.driver.find_element("name", "amount")
    amount.clear()
    amount.send_keys("12.345678")
    page.press("Fund")
    page.see("#wallets", "12.345678 USDC")
    assert verb(server, "balance", wallet=paying.instrument) == 12_345_678


def test_an_invalid_amount_is_not_sent(page: Page, server: Serving, paying: Paying) -> None:
    page.open("#wallets .item")
    amount = page.driver.find_element("name", "amount")
    amount.clear()
    amount.send_keys("1e6")
    page.press("Fund")
    page.see("#said", "An amount of USDC is needed, such as 1.50")
    assert verb(server, "balance", wallet=paying.instrument) == 0


@pytest.mark.parametrize(
    ("answer", "status"), [("Approve", "READY"), ("Refuse", "AUTHENTICATION_FAILED")]
)
def test_a_quick_create_is_answered(
    page: Page, server: Serving, paying: Paying, answer: str, status: str
) -> None:
    client(server, "-control").create_payment_connector(
        paymentManagerId=paying.manager_id,
        name="quick",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )
    page.see("#connectors .item:first-child", "PENDING_AUTHENTICATION")
    page.open("#connectors .item:first-child")
    page.press(answer)
    page.see("#connectors .item:first-child", status)


def test_a_fault_is_planned_met_and_gone(page: Page, server: Serving, paying: Paying) -> None:
    page.press("Plan a fault")
    page.press("Plan it")
    page.see("#faults", "ThrottlingException")
    with pytest.raises(ClientError, match="Rate exceeded"):
        pay(server, paying, 1)
    page.see("#faults", "None")
    page.see("#attempts tbody tr:first-child", "Rate exceeded")


def test_the_filter_shows_only_matching_rows(page: Page, server: Serving, paying: Paying) -> None:
    pay(server, paying, 110_000)
    pay(server, paying, 120_000)
    page.see("#attempts tbody", "0.12")
    page.driver.find_element("tag name", "body").send_keys("/")
    page.driver.switch_to.active_element.send_keys("0.12")
    page.wait(lambda: len(page.driver.find_elements("css selector", "#attempts tbody tr")) == 1)
    assert "0.12" in page.text("#attempts tbody")


def test_details_open_and_close_by_keyboard_and_mask(
    page: Page, server: Serving, paying: Paying
) -> None:
    page.see("#wallets", "alice")
    page.driver.execute_script("document.querySelector('#wallets .item').focus()")
    page.driver.switch_to.active_element.send_keys("\ue007")
    page.see("#details", paying.instrument)
    assert "********" in page.text("#details")
    assert "alice@example.com" not in page.driver.page_source
    page.driver.switch_to.active_element.send_keys("\ue00c")
    page.wait(lambda: not page.driver.find_element("id", "details").is_displayed())


def test_reset_forgets_everything(page: Page, server: Serving, paying: Paying) -> None:
    page.see("#managers", "shop")
    page.press("Reset")
    page.driver.find_element("css selector", "#details button.main").click()
    page.see("#managers", "No managers")


def test_text_written_by_a_client_is_shown_as_text(
    page: Page, server: Serving, paying: Paying
) -> None:
    name = "<img src=x onerror=document.title='run'>"
    client(server).create_payment_session(
        paymentManagerArn=paying.arn, userId=name, expiryTimeInMinutes=60
    )
    page.see("#sessions", name)
    assert page.driver.title == "AgentCore payments"


def test_it_fits_a_telephone(page: Page, server: Serving, paying: Paying) -> None:
    pay(server, paying, 100_000)
    page.driver.set_window_size(500, 900)
    page.see("#attempts tbody", "0.10")
    width = "return [document.documentElement.scrollWidth, innerWidth]"
    needed, there = page.driver.execute_script(width)
    page.driver.set_window_size(1400, 900)
    assert needed <= there


def test_the_browser_complains_of_nothing(page: Page) -> None:
    page.see("#live", "live")
    logged = page.driver.get_log("browser")
    assert [entry["message"] for entry in logged if entry["level"] == "SEVERE"] == []
