"""The page of serve in a real browser: what a person and a tester do there."""

from __future__ import annotations

import shutil
import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from ready_shop import ClientShop

from tests.serve.test_state_file import KEYS, REGION, Paying, client, serving, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serve.running_server import Serving

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
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
    # Here and not above, where it would leave half a module to those that import from this one.
    webdriver = pytest.importorskip(
        "selenium.webdriver", reason="selenium is not installed; nox -s page brings it"
    )
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

    def __init__(self, driver: Any, server: Serving, *, often: bool = True) -> None:
        self.driver = driver
        driver.get(f"{server.url}/")
        if often:  # each second is enough for a person, and too slow for many tests
            driver.execute_script("setInterval(look, 100)")

    def wait(self, condition: Any, message: Any = "") -> Any:
        from selenium.common.exceptions import TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        waiting = WebDriverWait(
            self.driver, SOON, poll_frequency=0.05, ignored_exceptions=_passing()
        )
        try:
            return waiting.until(lambda _: condition())
        except TimeoutException:
            raise AssertionError(message() if message else "it did not happen") from None

    def text(self, selector: str) -> str:
        return str(self.driver.find_element("css selector", selector).text)

    def see(self, selector: str, text: str) -> None:
        self.wait(
            lambda: text in self.text(selector),
            lambda: f"{selector} does not say {text!r}: {self.text(selector)!r}",
        )

    def press(self, text: str) -> None:
        path = f"//button[normalize-space()='{text}']"
        self.wait(lambda: self.driver.find_element("xpath", path)).click()

    def type(self, name: str, text: str) -> None:
        field = self.driver.find_element("name", name)
        field.clear()
        field.send_keys(text)

    def choose(self, name: str, text: str) -> None:
        from selenium.webdriver.support.select import Select

        Select(self.driver.find_element("name", name)).select_by_visible_text(text)

    def count(self, selector: str) -> int:
        return len(self.driver.find_elements("css selector", selector))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def open(self, selector: str, text: str = "") -> None:
        """Click on a row, once it says a text."""
        self.see(selector, text)

        def click() -> bool:
            self.driver.find_element("css selector", selector).click()
            return bool(self.driver.find_element("id", "details").is_displayed())

        self.wait(click)


def _passing() -> list[type[Exception]]:
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

    return [NoSuchElementException, StaleElementReferenceException]


@pytest.fixture
def paying(server: Serving) -> Paying:
    server.ask("POST", "/moto-api/reset")
    return Paying(server, "0.50")


@pytest.fixture
def page(browser: Any, server: Serving, paying: Paying) -> Page:
    return Page(browser, server)


def quick_create(server: Serving, paying: Paying) -> str:
    made = client(server, "-control").create_payment_connector(
        paymentManagerId=paying.manager_id,
        name="quick",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )
    identifier: str = made["paymentConnectorId"]
    return identifier


def pay(server: Serving, paying: Paying, amount: int) -> str:
    answer = paying.pay(server, uuid.uuid4().hex * 2, amount)
    identifier: str = answer["processPaymentId"]
    return identifier


def test_a_wallet_is_funded(page: Page, server: Serving, paying: Paying) -> None:
    page.see("#wallets", "0.00 USDC")
    page.open("#wallets .item")
    page.type("amount", "12.345678")
    page.press("Fund")
    page.see("#details .told", "Funded with 12.345678 USDC on BASE_SEPOLIA")
    page.see("#wallets", "12.345678 USDC")
    assert verb(server, "balance", wallet=paying.instrument) == 12_345_678


def test_an_invalid_amount_is_not_sent(page: Page, server: Serving, paying: Paying) -> None:
    page.open("#wallets .item")
    page.type("amount", "1e6")
    page.press("Fund")
    page.see("#details .problem", "An amount of USDC with at most 6 decimals is needed")
    assert verb(server, "balance", wallet=paying.instrument) == 0


def test_a_second_click_does_not_fund_twice(page: Page, server: Serving, paying: Paying) -> None:
    page.open("#wallets .item")
    fund = (
        "[...document.querySelectorAll('#acts button')].find((each) => each.textContent == 'Fund')"
    )
    page.run(f"const fund = {fund}; fund.click(); fund.click();")
    page.see("#details .told", "Funded")
    assert verb(server, "balance", wallet=paying.instrument) == 1_000_000


def test_signing_is_granted_for_as_many_days_as_the_wallethub_offers(
    page: Page, server: Serving, paying: Paying
) -> None:
    verb(server, "revoke-grant", instrument_id=paying.instrument)
    page.open("#wallets .item", "signing not granted")
    for days, press in (
        (7, "Give grant"),
        (30, "Give again"),
        (60, "Give again"),
        (90, "Give again"),
    ):
        page.choose("days", f"{days} days")
        page.press(press)
        page.see("#details .told", f"Signing is granted for {days} days")
        page.see("#wallets .item", "signing granted until")
        grant = verb(server, "grant", instrument_id=paying.instrument)
        left = datetime.fromisoformat(grant["ends"]) - datetime.now(timezone.utc)
        assert days - 1 < left / timedelta(days=1) <= days


def test_a_person_revokes_and_grants_while_an_agent_waits(
    page: Page, server: Serving, paying: Paying
) -> None:
    page.open("#wallets .item")
    page.press("Revoke grant")
    page.see("#details .told", "The grant is revoked")
    with pytest.raises(ClientError, match="grant is not active"):
        pay(server, paying, 100_000)
    page.press("Close")
    page.see("#waiting", "Wallet of alice: signing is not granted")
    page.press("Answer")
    page.press("Give grant")
    page.see("#details .told", "Signing is granted for 30 days")
    assert pay(server, paying, 100_000)
    page.press("Close")
    page.wait(lambda: not page.driver.find_element("id", "waiting").is_displayed())


def test_a_signer_of_privy_holds_until_it_is_revoked(
    page: Page, server: Serving, paying: Paying
) -> None:
    # Not a seed: the server would return to it in the tests of resets.
    shop = ClientShop(REGION, endpoint_url=server.url, **KEYS)
    arn = shop.manager("club")
    shop.instrument(arn, shop.connector(arn, vendor="StripePrivy"), "carol", "SOLANA")
    page.open("#wallets .item:first-child", "carol")
    page.press("Revoke grant")
    page.see("#wallets .item:first-child", "signing not granted")
    assert page.count("#details [name=days]") == 0
    page.press("Give grant")
    page.see("#details .told", "Signing is granted until it is revoked")


@pytest.mark.parametrize(
    ("answer", "status"), [("Approve", "READY"), ("Refuse", "AUTHENTICATION_FAILED")]
)
def test_a_quick_create_is_answered(
    page: Page, server: Serving, paying: Paying, answer: str, status: str
) -> None:
    quick_create(server, paying)
    page.see("#waiting", "Connector quick waits for its owner's consent")
    page.open("#connectors .item:first-child", "PENDING_AUTHENTICATION")
    page.press(answer)
    page.see("#details .told", f"Answered; it is now {status}")
    page.see("#connectors .item:first-child", status)


def test_an_approval_without_subscription_says_what_came_of_it(
    page: Page, server: Serving, paying: Paying
) -> None:
    quick_create(server, paying)
    verb(server, "unsubscribe")
    page.open("#connectors .item:first-child", "PENDING_AUTHENTICATION")
    page.press("Approve")
    page.see("#details .told", "it is now AWS_MARKETPLACE_SUBSCRIPTION_REQUIRED")


def test_what_another_answered_before_is_an_error_in_the_dialog(
    page: Page, server: Serving, paying: Paying
) -> None:
    connector = quick_create(server, paying)
    page.open("#connectors .item:first-child", "PENDING_AUTHENTICATION")
    page.run("refreshDialog = () => {}")  # as if the page had not yet heard of it
    verb(server, "fail-authorization", connector_id=connector)
    page.press("Approve")
    page.see("#details .problem", "is not waiting for consent. Status: AUTHENTICATION_FAILED")


def test_an_account_is_subscribed_and_unsubscribed(
    page: Page, server: Serving, paying: Paying
) -> None:
    verb(server, "unsubscribe")
    page.see("#waiting", "Account 123456789012 has no subscription to Coinbase's wallets")
    page.press("Answer")
    page.press("Subscribe")
    page.see("#details .told", "Subscribed to Coinbase's wallets")
    page.see("#accounts .item", "subscribed")
    assert verb(server, "account")["subscribed"] is True
    page.press("End the subscription")
    page.see("#accounts .item", "no subscription")
    assert verb(server, "account")["subscribed"] is False


def test_a_new_account_is_made_ready_step_by_step(
    page: Page, server: Serving, paying: Paying
) -> None:
    verb(server, "set-delegated-signing", enabled=False)
    verb(server, "set-mpp-access", enabled=False)
    page.open("#accounts .item", "CoinbaseCDP does not let others sign")
    page.press("CoinbaseCDP: let others sign")
    page.see("#details .told", "CoinbaseCDP lets others sign")
    page.press("Give access to MPP")
    page.see("#accounts .item", "nothing is missing")
    assert verb(server, "account")["mpp_access"] is True


def test_a_fault_is_planned_met_and_gone(page: Page, server: Serving, paying: Paying) -> None:
    page.press("Plan a fault")
    page.press("Plan it")
    page.see("#toast .told", "The fault is planned")
    page.see("#faults", "ThrottlingException")
    with pytest.raises(ClientError, match="Rate exceeded"):
        pay(server, paying, 1)
    page.see("#faults", "None.")
    page.see("#attempts tbody tr:first-child", "Rate exceeded")


def test_a_fault_until_it_is_cleared(page: Page, server: Serving, paying: Paying) -> None:
    page.press("Plan a fault")
    page.type("message", "Come back later")
    page.driver.find_element("name", "forever").click()
    page.press("Plan it")
    page.see("#faults", "until cleared")
    for _ in range(2):
        with pytest.raises(ClientError, match="Come back later"):
            pay(server, paying, 1)
    page.open("#faults .item")
    page.press("Clear the faults of ProcessPayment")
    page.see("#faults", "None.")
    assert pay(server, paying, 1)


def test_all_faults_are_cleared(page: Page, server: Serving, paying: Paying) -> None:
    for operation in ("ProcessPayment", "GetPaymentSession"):
        verb(server, "inject-fault", operation=operation, error="InternalServerException")
    page.see("#sums", "Faults in force")
    page.press("Clear all")
    page.see("#faults", "None.")
    assert pay(server, paying, 1)


def test_a_fault_that_does_nothing_is_refused_in_the_dialog(page: Page) -> None:
    page.press("Plan a fault")
    page.choose("effect", "only late")
    page.press("Plan it")
    page.see("#details .problem", "a fault needs an error, a latency or drop_after")


def test_a_payment_is_settled(page: Page, server: Serving, paying: Paying) -> None:
    verb(server, "fund-wallet", wallet=paying.instrument, amount=1_000_000)
    pay(server, paying, 250_000)
    page.open("#attempts tbody tr", "signed")
    page.press("Settle it")
    page.see("#details .told", "Settled")
    page.see("#attempts tbody tr:first-child .mark", "settled")
    page.see("#wallets", "0.75 USDC")


def test_a_settlement_without_money_is_refused_in_the_dialog(
    page: Page, server: Serving, paying: Paying
) -> None:
    pay(server, paying, 250_000)
    page.open("#attempts tbody tr", "signed")
    page.press("Settle it")
    page.see("#details .problem", "holds")


def test_a_blocked_wallet_is_unblocked(page: Page, server: Serving, paying: Paying) -> None:
    page.open("#wallets .item")
    page.press("Block")
    page.see("#wallets .item", "BLOCKED")
    page.press("Unblock")
    page.see("#wallets .item", "ACTIVE")


def test_reset_asks_first_and_forgets_everything(
    page: Page, server: Serving, paying: Paying
) -> None:
    page.see("#managers", "shop")
    page.press("Reset")
    page.see("#details", "begin again as this server began")
    page.driver.find_element("css selector", "#details button.main").click()
    page.see("#toast .told", "Everything is forgotten")
    page.see("#managers", "None yet. Begin with CreatePaymentManager.")


def test_where_there_is_nothing_it_says_what_to_do_first_and_does_it(
    page: Page, server: Serving, paying: Paying
) -> None:
    server.ask("POST", "/moto-api/reset")
    page.see("#attempts", f"export AWS_ENDPOINT_URL={server.url}")
    page.press("Make an example of each")
    page.see("#sessions", "2.00 USD left")
    page.see("#wallets", "5.00 USDC")


def test_a_server_that_does_not_answer_is_said_so(browser: Any) -> None:
    with serving() as gone:
        page = Page(browser, gone)
        page.see("#live", "live")
        page.press("Plan a fault")
    page.press("Plan it")
    page.see("#details .problem", "The server does not answer")
    page.see("#live", "the server does not answer")
