"""Take the screenshots of the page of ``serve`` for the documentation.

    python tools/page_screenshots.py docs

``nox -s page -- write`` runs it. It starts a server, lets agents of some users pay, and opens the
page in Debian's Chromium: light, dark, on a telephone, and with a wallet open.
"""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError
from PIL import Image  # pyright: ignore[reportMissingImports] - nox -s page installs it
from selenium import webdriver  # pyright: ignore[reportMissingImports]
from selenium.webdriver.support.wait import (  # pyright: ignore[reportMissingImports]
    WebDriverWait,
)

from boto3_agentcore_payments import control_client, payments_client

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "us-west-2"
SOON = 20
USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e"
NEWS = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C"
MAPS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
START = {
    "managers": [
        {
            "name": "shop",
            "connectors": [
                {
                    "name": "wallets",
                    "wallets": [{"user": "alice", "funds": "5.00"}, {"user": "bob"}],
                }
            ],
            "sessions": [
                {"user": "alice", "minutes": 60, "limit": "2.00"},
                {"user": "bob", "minutes": 30, "limit": "0.50"},
            ],
        }
    ]
}
PAID = (
    ("alice", "researcher", NEWS, 250_000, True),
    ("alice", "researcher", NEWS, 400_000, True),
    ("bob", "navigator", MAPS, 150_000, False),
    ("alice", "navigator", MAPS, 125_000, True),
    ("bob", "navigator", MAPS, 300_000, False),
    ("bob", "navigator", NEWS, 100_000, False),
    ("alice", "researcher", NEWS, 80_000, False),
)
"""User, agent, payee, atomic units, and whether it is settled."""
COLOURS = 128
"""Of a screenshot; with more it is several times as large and looks the same."""
SIZES = {"": (1280, 860, False), "-phone": (390, 844, True)}


@contextmanager
def server() -> Iterator[str]:
    """Run a server; yield its address."""
    command = [sys.executable, "-m", "boto3_agentcore_payments", "serve", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield re.findall(r"http://[^ /]+", next(iter(process.stdout or ())))[0]
        finally:
            process.terminate()


def verb(url: str, name: str, **arguments: Any) -> Any:
    """Call a verb of the control surface; return its result."""
    request = urllib.request.Request(  # noqa: S310 - of our own server
        f"{url}/moto-api/agentcore-payments/{name}",
        json.dumps(arguments).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SOON) as answer:  # noqa: S310 - as above
        return json.load(answer)["result"]


def tell_story(url: str) -> None:
    """Let some agents pay, be refused, and wait for a person."""
    options: dict[str, Any] = {
        "endpoint_url": url,
        "region_name": REGION,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    verb(url, "seed", start=START)
    seen = verb(url, "overview")
    (manager,) = seen["managers"]
    sessions = {row["user"]: row["id"] for row in seen["sessions"]}
    wallets = {row["user"]: row["id"] for row in seen["wallets"]}
    payments = payments_client(**options)

    def pay(user: str, agent: str, payee: str, amount: int) -> str | None:
        requirements = {
            "scheme": "exact",
            "network": "eip155:84532",
            "amount": str(amount),
            "asset": USDC,
            "payTo": payee,
            "maxTimeoutSeconds": 60,
            "extra": {"name": "USDC", "version": "2"},
        }
        try:
            paid = payments.process_payment(
                paymentManagerArn=manager["arn"],
                paymentSessionId=sessions[user],
                paymentInstrumentId=wallets[user],
                userId=user,
                agentName=agent,
                paymentType="CRYPTO_X402",
                paymentInput={"cryptoX402": {"version": "2", "payload": requirements}},
            )
        except ClientError:
            return None
        identifier: str = paid["processPaymentId"]
        return identifier

    for user, agent, payee, amount, settled in PAID:
        made = pay(user, agent, payee, amount)
        if made and settled:
            verb(url, "settle", reference=made)
    verb(url, "give-grant", instrument_id=wallets["alice"], days=30)
    verb(url, "revoke-grant", instrument_id=wallets["bob"])
    pay("bob", "navigator", MAPS, 20_000)
    control_client(**options).create_payment_connector(
        paymentManagerId=manager["id"],
        name="quick",
        type="CoinbaseCDP",
        provisionMode="QUICK_CREATE",
        credentialProviderConfigurations=[],
    )
    verb(url, "inject-fault", operation="ProcessPayment", error="ThrottlingException", times=2)


def browser() -> webdriver.Chrome:
    """Start Debian's Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def take(driver: webdriver.Chrome, place: Path, scheme: str, size: tuple[int, int, bool]) -> None:
    """Write one screenshot of the page as it is, in a colour scheme and a size."""
    width, height, mobile = size
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.refresh()
    WebDriverWait(driver, SOON).until(
        lambda found: found.find_elements("css selector", "#attempts [data-key]")
    )
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    picture = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(place, optimize=True)
    print(place, place.stat().st_size)


def main(folder: str) -> None:
    """Write the screenshots to a folder."""
    with server() as url:
        tell_story(url)
        driver = browser()
        try:
            driver.get(f"{url}/")
            take(driver, Path(folder, "serve-page.png"), "light", SIZES[""])
            take(driver, Path(folder, "serve-page-dark.png"), "dark", SIZES[""])
            take(driver, Path(folder, "serve-page-phone.png"), "light", SIZES["-phone"])
        finally:
            driver.quit()


if __name__ == "__main__":
    main(sys.argv[1])
