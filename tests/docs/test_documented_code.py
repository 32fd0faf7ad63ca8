"""The Python blocks of README and docs run as they are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from boto3_agentcore_payments import cli

ROOT = Path(__file__).parents[2]
NEEDS_AN_ACCOUNT = "111122223333"
"""The account in blocks that speak to AWS itself; these only have to compile."""


def blocks(page: str) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE
    )


def run(code: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("code", [b for b in blocks("README.md") if NEEDS_AN_ACCOUNT not in b])
def test_readme_block_runs(code):
    run(code)


@pytest.mark.parametrize("code", [b for b in blocks("README.md") if NEEDS_AN_ACCOUNT in b])
def test_readme_block_for_a_real_account_compiles(code):
    compile(code, "README.md", "exec")


GIVEN = {
    ("docs/service.md", 0): """
import atexit
from moto import mock_aws
from boto3_agentcore_payments.testing import secrets
mocked = mock_aws()
mocked.start()
atexit.register(mocked.stop)
api_key_id, api_key_secret, wallet_secret = secrets.coinbase().values()
service_role = "arn:aws:iam::123456789012:role/payments"
""",
    ("docs/service.md", 3): """
payments = boto3.client("bedrock-agentcore-payments", region_name="us-west-2")
session_id = payments.create_payment_session(
    paymentManagerArn=manager_arn, userId="alice", expiryTimeInMinutes=60
)["paymentSession"]["paymentSessionId"]
purchase_id = "order 1"
requirement = {
    "scheme": "exact",
    "network": "eip155:84532",
    "amount": "10000",
    "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
    "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
    "maxTimeoutSeconds": 60,
    "extra": {"name": "USDC", "version": "2"},
}
""",
}
"""What a page leaves to its reader to fill in, before which of its blocks."""

RUN_ELSEWHERE = {
    "docs/async.md": "tests/environments/test_async_paying.py, with aiobotocore",
    "docs/testing.md": "below, as a suite",
    "docs/lambda.md": "its block is a part of a CDK app: below",
}
WITH_CODE = [page.relative_to(ROOT).as_posix() for page in sorted((ROOT / "docs").glob("*.md"))]
WITH_CODE = [page for page in WITH_CODE if blocks(page)]


@pytest.mark.parametrize("page", [page for page in WITH_CODE if page not in RUN_ELSEWHERE])
def test_page_runs_from_top_to_bottom(page):
    pytest.importorskip("mpp", reason="pympp needs Python 3.11")
    pytest.importorskip("mcp", reason="needs the extra mcp")
    code = [block for block in blocks(page) if NEEDS_AN_ACCOUNT not in block]
    run("\n".join(GIVEN.get((page, index), "") + block for index, block in enumerate(code)))


@pytest.mark.parametrize("page", WITH_CODE)
def test_blocks_for_a_real_account_compile(page):
    for block in blocks(page):
        compile(block, page, "exec")


def test_seed_file_of_the_command_line_page_makes_what_it_names():
    pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")
    text = (ROOT / "docs/cli.md").read_text()
    (start,) = re.findall(r"^```json\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    run(
        "import json\n"
        "from moto import mock_aws\n"
        "from boto3_agentcore_payments.emulator.control import PaymentsControl\n"
        "with mock_aws():\n"
        f"    made = PaymentsControl().seed(json.loads({start!r}))\n"
        "    assert len(PaymentsControl().overview()['sessions']) == 1\n"
        "    assert list(made['merchants'][0]['urls']) == ['/news', '/report']\n"
    )


def test_templates_of_the_lambda_page_can_be_read():
    text = (ROOT / "docs/lambda.md").read_text()
    (sam,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    resources = yaml.safe_load(re.sub(r"!(Ref|Sub) ", "", sam))["Resources"]
    assert resources["Agent"]["Properties"]["Layers"] == ["PaymentsLayer"]
    (cdk,) = blocks("docs/lambda.md")
    compile(cdk, "docs/lambda.md", "exec")


REPOSITORY = "https://github.com/boto3-agentcore-payments/boto3-agentcore-payments/blob/main/"
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
PAGES += [page.relative_to(ROOT).as_posix() for page in sorted((ROOT / "docs").glob("*.md"))]


def links(page: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text())


@pytest.mark.parametrize(("page", "link"), [(page, link) for page in PAGES for link in links(page)])
def test_link_leads_somewhere(page, link):
    target, _, _ = link.partition("#")
    if target.startswith(REPOSITORY):
        assert (ROOT / target[len(REPOSITORY) :]).exists()
    elif target and not target.startswith(("https://", "http://", "mailto:")):
        assert (ROOT / page).parent.joinpath(target).exists()


def test_links_of_the_readme_resolve_on_a_package_index():
    relative = [link for link in links("README.md") if not link.startswith(("https://", "#"))]
    assert relative == []


def test_testing_page_runs_as_a_suite(tmp_path):
    pytest.importorskip("mpp", reason="pympp needs Python 3.11")
    code = blocks("docs/testing.md")
    (tmp_path / "test_page.py").write_text("\n".join(code))
    command = [sys.executable, "-m", "pytest", "-q", f"--rootdir={tmp_path}", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "6 passed" in ran.stdout


@pytest.mark.parametrize("code", [b for b in blocks("README.md") if "def test_" in b])
def test_readme_s_test_passes(tmp_path, code):
    pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")
    (tmp_path / "test_readme.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", f"--rootdir={tmp_path}", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


def command_lines(page: str) -> list[str]:
    text = (ROOT / page).read_text().replace("\\\n", " ")
    return re.findall(r"^    (agentcore-payments (?!=).*)$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "line"), [(page, line) for page in PAGES for line in command_lines(page)]
)
def test_command_line_is_understood(page, line):
    words = shlex.split(line, comments=True)[1:]

    assert cli.parse(words).command == words[0]
