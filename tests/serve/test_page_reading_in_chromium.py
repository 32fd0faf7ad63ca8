"""The page of serve in a real browser: what is read there, by whom and by what means."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.serve.test_page_in_chromium import (
    CHROMIUM,
    DRIVER,
    Page,
    browser,
    pay,
    paying,
    quick_create,
    server,
)
from tests.serve.test_state_file import Paying, client, verb
from tests.serve.test_state_file import pay as pay_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serve.running_server import Serving

__all__ = ["browser", "paying", "server"]
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromedriver (Debian: chromium-driver)"
)
AXE = importlib.util.find_spec("axe_playwright_python")
ENTER, ESCAPE, TAB = "\ue007", "\ue00c", "\ue004"
SCHEMES = ("light", "dark")
WRONG_CONTRAST = """
const channel = (part) => part <= 10.31 ? part / 3294.6 : ((part / 255 + .055) / 1.055) ** 2.4;
const brightness = (color) =>
  .2126 * channel(color[0]) + .7152 * channel(color[1]) + .0722 * channel(color[2]);
const parts = (color) => color.match(/[\\d.]+/g).map(Number);
const behind = (each) => {
  for (let at = each; at; at = at.parentElement) {
    const color = parts(getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
  }
  return [255, 255, 255];
};
const wrong = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const each = walker.currentNode.parentElement;
  const text = walker.currentNode.data.trim();
  if (!text || !each.checkVisibility() || /SCRIPT|STYLE/.test(each.tagName)) continue;
  const own = brightness(parts(getComputedStyle(each).color)), other = brightness(behind(each));
  const ratio = (Math.max(own, other) + .05) / (Math.min(own, other) + .05);
  if (ratio < 4.5) wrong.push(text + " " + ratio.toFixed(2));
}
return wrong;
"""


@pytest.fixture
def page(browser: Any, server: Serving, paying: Paying) -> Iterator[Page]:
    yield Page(browser, server)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def look_in(page: Page, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def look_on_a_telephone(page: Page, width: int = 360) -> None:
    metrics = {"width": width, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.driver.refresh()


def busy(server: Serving, paying: Paying) -> None:
    """Let there be one of everything that has a look of its own."""
    verb(server, "fund-wallet", wallet=paying.instrument, amount=1_000_000)
    verb(server, "settle", reference=pay(server, paying, 100_000))
    pay(server, paying, 350_000)
    with pytest.raises(ClientError, match="Insufficient budget"):
        pay(server, paying, 400_000)
    verb(server, "revoke-grant", instrument_id=paying.instrument)
    verb(server, "unsubscribe")
    verb(server, "inject-fault", operation="ProcessPayment", error="ThrottlingException")


def press_key(page: Page, key: str) -> None:
    page.driver.switch_to.active_element.send_keys(key)


def test_payments_appear_while_one_looks(browser: Any, server: Serving, paying: Paying) -> None:
    page = Page(browser, server, often=False)
    page.see("#attempts", "No attempt yet")
    payment = pay(server, paying, 100_000)
    for text in ("alice", "shopper", "0.10", "0x209693Bc…12287C", "eip155:84532", "signed"):
        page.see("#attempts tbody tr:first-child", text)
    assert "1 new attempt to pay. Newest: alice, 0.10 USD, signed" in page.text("#news")
    verb(server, "fund-wallet", wallet=paying.instrument, amount=1_000_000)
    verb(server, "settle", reference=payment)
    page.see("#attempts tbody tr:first-child .mark", "settled")
    with pytest.raises(ClientError, match="Insufficient budget"):
        pay(server, paying, 600_000)
    page.see("#attempts tbody tr:first-child", "Insufficient budget")
    page.see("#sessions", "0.40 USD left")
    page.see("#wallets", "0.90 USDC")


def test_sums_say_what_remains_and_what_was_paid_to_whom(
    page: Page, server: Serving, paying: Paying
) -> None:
    busy(server, paying)
    page.see("#sums a:nth-child(1)", "0.05 USD\nin 1 open session")
    page.see("#sums a:nth-child(2)", "0.10 USD")
    page.see("#sums a:nth-child(3)", "0.35 USD")
    page.see("#sums a:nth-child(4)", "1\nattempts")
    page.see("#payees .item", "0x209693Bc…12287C\n0.45 USD\neip155:84532\n2 payments\nby alice")
    assert page.run("return document.querySelector('#sessions .bar i').style.width") == "90%"


def test_what_changes_leaves_focus_selection_scrolling_and_typing_alone(
    page: Page, server: Serving, paying: Paying
) -> None:
    for _ in range(30):
        pay(server, paying, 1)
    page.wait(lambda: page.count("#attempts tbody tr") == 30)
    key, top = page.run("""
        const row = document.querySelector("#attempts tbody tr:nth-child(20)");
        row.querySelector("button").focus();
        getSelection().selectAllChildren(row.querySelector(".payee"));
        row.scrollIntoView({block: "center"});
        return [row.dataset.key, row.getBoundingClientRect().top];""")
    pay(server, paying, 1)
    page.wait(lambda: page.count("#attempts tbody tr") == 31)
    key_now, top_now, chosen = page.run("""
        const row = document.activeElement.closest("tr");
        return [row.dataset.key, row.getBoundingClientRect().top, String(getSelection())];""")
    assert (key_now, top_now) == (key, pytest.approx(top, abs=2))
    assert "0x209693Bc" in chosen


def test_an_open_row_follows_and_keeps_what_is_typed(
    page: Page, server: Serving, paying: Paying
) -> None:
    page.open("#wallets .item", "alice")
    page.type("amount", "3.25")
    verb(server, "fund-wallet", wallet=paying.instrument, amount=2_000_000)
    page.see("#facts", "BASE_SEPOLIA: 2.00")
    assert page.run("return document.querySelector('[name=amount]').value") == "3.25"
    assert page.run("return document.activeElement.name") == "amount"


def test_the_filter_shows_rows_that_have_all_words(
    page: Page, server: Serving, paying: Paying
) -> None:
    pay(server, paying, 110_000)
    pay(server, paying, 120_000)
    page.see("#attempts tbody", "0.12")
    page.driver.find_element("tag name", "body").send_keys("/")
    press_key(page, "0.12 Alice")
    page.wait(lambda: page.count("#attempts tbody tr") == 1)
    assert "0.12" in page.text("#attempts tbody")
    press_key(page, " nobody")
    page.see("#attempts", "None of 2 matches the filter.")
    page.see("#sums a:nth-child(1)", "0.00 USD\nin 0 open sessions")


def test_several_accounts_and_regions_are_told_apart_and_chosen(
    page: Page, server: Serving, paying: Paying
) -> None:
    assert not page.driver.find_element("id", "place").is_displayed()
    start = {"managers": [{"name": "far", "sessions": [{"user": "dora", "limit": "7.00"}]}]}
    verb(server, "seed", start=start, account_id="210987654321", region="eu-central-1")
    page.see("#sessions .item:first-child", "210987654321 eu-central-1")
    page.see("#sums a:nth-child(1)", "7.50 USD")
    page.see("#accounts", "210987654321")
    page.run("""
        byId("place").value = "210987654321 eu-central-1";
        byId("place").dispatchEvent(new Event("change"));""")
    assert "far" in page.text("#managers")
    assert "shop" not in page.text("#managers")
    assert "7.00 USD" in page.text("#sums a:nth-child(1)")
    assert page.count("#accounts .item") == 1
    page.press("Plan a fault")
    page.press("Plan it")
    page.see("#faults", "210987654321 eu-central-1")
    assert len(verb(server, "overview", account_id="210987654321", region="eu-central-1")["faults"])
    assert verb(server, "overview", account_id="123456789012", region="us-west-2")["faults"] == []


def test_many_attempts_are_fast_and_those_left_out_are_counted(
    page: Page, server: Serving, paying: Paying
) -> None:
    data = client(server)
    for number in range(600):
        with pytest.raises(ClientError, match="Insufficient budget"):
            pay_with(data, paying, f"client-token-{number:024d}", 9_000_000)
    page.see("#attempts h2", "600")
    assert page.count("#attempts tbody tr") == 100
    assert "400 older ones are not shown" in page.text("#attempts .more")
    assert "newest 500 of 600; the filter looks at those only" in page.text("#attempts .more")
    assert "of the newest 500" in page.text("#sums a:nth-child(4)")
    page.press("Show 100 more")
    assert page.count("#attempts tbody tr") == 200
    began = time.perf_counter()
    page.run("seen = ''; return look();")
    page.run("byId('filter').value = 'alice'; filter();")
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=document.title='run'>",
        "</script><script>document.title='run'</script>",
        "javascript:document.title='run'",
        "\u202etxt.exe 'quoted\" & __proto__",
        "M" * 120,
    ],
)
def test_text_written_by_a_client_is_shown_as_text(
    page: Page, server: Serving, paying: Paying, name: str
) -> None:
    client(server).create_payment_session(
        paymentManagerArn=paying.arn, userId=name, expiryTimeInMinutes=60
    )
    client(server, "-control").update_payment_manager(
        paymentManagerId=paying.manager_id, description=name.replace("\u202e", "")
    )
    page.see("#sessions", name)
    page.open("#managers .item")
    page.see("#facts", name.replace("\u202e", ""))
    assert page.driver.title == "AgentCore payments"
    assert page.count("#facts a, #sessions img, #sessions script") == 0
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_only_addresses_of_the_web_become_links(page: Page) -> None:
    tags = "return arguments[0].map((each) => link(each).tagName + ' ' + link(each).textContent)"
    assert page.run(tags, ["javascript:alert(1)", "data:text/html,x", "https://hub.test/1"]) == [
        "SPAN javascript:alert(1)",
        "SPAN data:text/html,x",
        "A https://hub.test/1",
    ]


def test_details_open_and_close_by_keyboard_and_mask(
    page: Page, server: Serving, paying: Paying
) -> None:
    page.see("#wallets", "alice")
    page.run("document.querySelector('#wallets .item button').focus()")
    press_key(page, ENTER)
    page.see("#details", paying.instrument)
    assert "********" in page.text("#facts")
    assert "alice@example.com" not in page.driver.page_source
    press_key(page, ESCAPE)
    page.wait(lambda: not page.driver.find_element("id", "details").is_displayed())
    assert page.run("return document.activeElement.closest('section').id") == "wallets"


def test_everything_is_reached_by_tab_alone(page: Page, server: Serving, paying: Paying) -> None:
    busy(server, paying)
    page.see("#attempts", "refused")
    page.see("#faults", "ThrottlingException")
    every = "header :is(input, button), main :is(a, button)"
    wanted = page.run("return document.querySelectorAll(arguments[0]).length", every)
    reached = set()
    page.run("document.activeElement.blur()")
    for _ in range(wanted + 2):
        press_key(page, TAB)
        at = "const at = document.activeElement; at.dataset.met = 1; "
        reached.add(page.run(at + "return at.textContent + at.id"))
    assert page.run("return document.querySelectorAll('[data-met]').length") >= wanted
    assert {"Plan a faultplan", "Clear it", "alice"} <= reached


def test_a_wallet_is_granted_by_keyboard_alone(page: Page, server: Serving, paying: Paying) -> None:
    verb(server, "revoke-grant", instrument_id=paying.instrument)
    page.see("#waiting", "signing is not granted")
    page.run("document.querySelector('#waiting button').focus()")
    press_key(page, ENTER)
    page.see("#details", "Give grant")
    press_key(page, TAB)  # from the title to the days
    press_key(page, "90")
    press_key(page, TAB)
    press_key(page, ENTER)
    page.see("#details .told", "Signing is granted for 90 days")
    assert page.run("return document.activeElement.name") == "days"


def fits(page: Page, selector: str) -> bool:
    script = (
        "const it = document.querySelector(arguments[0]); return it.scrollWidth <= it.clientWidth"
    )
    return bool(page.run(script, selector))


def test_it_fits_a_telephone(page: Page, server: Serving, paying: Paying) -> None:
    busy(server, paying)
    verb(server, "seed", start={"managers": [{"name": "far"}]}, region="ap-northeast-1")
    look_on_a_telephone(page)
    page.see("#attempts tbody", "0.10")
    assert page.run("return innerWidth") == 360
    assert fits(page, "html")
    for selector in ("#attempts tbody tr", "#wallets .item", "#accounts .item", "#faults .item"):
        page.run("document.querySelector(arguments[0]).click()", selector)
        assert fits(page, ".inside")
        page.press("Close")
    page.press("Plan a fault")
    assert fits(page, ".inside")


def test_on_a_telephone_what_remains_is_on_the_first_screen(
    page: Page, server: Serving, paying: Paying
) -> None:
    pay(server, paying, 100_000)
    look_on_a_telephone(page)
    page.see("#sessions", "0.40 USD left")
    assert (
        page.run("return document.querySelector('#sessions .item').getBoundingClientRect().bottom")
        < 740
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_has_contrast(page: Page, server: Serving, paying: Paying, scheme: str) -> None:
    look_in(page, scheme)
    busy(server, paying)
    page.see("#faults", "ThrottlingException")
    assert page.run(WRONG_CONTRAST) == []
    page.open("#wallets .item", "not granted")
    page.type("amount", "x")
    page.press("Fund")
    page.see("#details .problem", "An amount")
    assert page.run(WRONG_CONTRAST) == []


@pytest.mark.skipif(AXE is None, reason="axe-core is not installed; nox -s page brings it")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_wrong(page: Page, server: Serving, paying: Paying, scheme: str) -> None:
    assert AXE is not None
    assert AXE.origin is not None
    axe = Path(AXE.origin).with_name("axe.min.js").read_text(encoding="utf-8")
    look_in(page, scheme)
    busy(server, paying)
    page.see("#faults", "ThrottlingException")
    for opened in ("", "#wallets .item", "#attempts tbody tr"):
        if opened:
            page.open(opened)
        page.run(axe)
        found = page.run("return axe.run(document, {resultTypes: ['violations']})")
        wrong = [
            (each["id"], each["nodes"][0]["html"][:200], each["nodes"][0]["failureSummary"])
            for each in found["violations"]
        ]
        assert wrong == []
        if opened:
            page.press("Close")


def test_it_asks_only_this_server_and_the_browser_complains_of_nothing(
    page: Page, server: Serving, paying: Paying
) -> None:
    busy(server, paying)
    page.see("#attempts", "refused")
    asked = page.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert {each.partition("/moto-api/")[0] for each in asked} == {server.url}
    logged = page.driver.get_log("browser")
    assert [entry["message"] for entry in logged if entry["level"] == "SEVERE"] == []


def test_a_user_of_another_region_is_acted_on_where_they_are(
    page: Page, server: Serving, paying: Paying
) -> None:
    wallets = [{"name": "far", "wallets": [{"user": "erik"}]}]
    start = {"managers": [{"name": "far", "connectors": wallets}]}
    place = {"account_id": "210987654321", "region": "eu-central-1"}
    verb(server, "seed", start=start, **place)
    page.open("#wallets .item:first-child", "erik")
    page.press("Fund")
    page.see("#details .told", "Funded")
    (wallet,) = verb(server, "overview", **place)["wallets"]
    assert wallet["balances"] == {"BASE_SEPOLIA": "1.00"}


def test_an_attempt_leads_to_its_session_and_its_wallet(
    page: Page, server: Serving, paying: Paying
) -> None:
    pay(server, paying, 100_000)
    page.open("#attempts tbody tr", "signed")
    page.press("Open its session")
    page.see("#title", "Session of alice")
    page.press("Show its payments")
    page.see("#attempts h2", "1 of 1")
    page.open("#attempts tbody tr", "signed")
    page.press("Open its wallet")
    page.see("#title", "Wallet of alice")


def test_every_row_opens_and_shows_words_only(page: Page, server: Serving, paying: Paying) -> None:
    busy(server, paying)
    connectors = [{"name": "privy", "type": "StripePrivy"}]
    verb(server, "seed", start={"managers": [{"name": "club", "connectors": connectors}]})
    quick_create(server, paying)
    page.see("#waiting", "Connector quick waits")
    page.see("#faults", "ThrottlingException")
    for kind in page.run("return Object.keys(KINDS)"):
        page.run("document.querySelector(arguments[0]).click()", f"#{kind} [data-key]")
        for wrong in ("[object", "undefined", "NaN", "{", "null"):
            assert wrong not in page.text("#details"), kind
        page.press("Close")
    for wrong in ("[object", "undefined", "NaN", "null"):
        assert wrong not in page.text("body")
