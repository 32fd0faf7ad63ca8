"""The Python blocks of README and docs run as they are printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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


def test_emulator_page_runs_from_top_to_bottom():
    pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")
    code = blocks("docs/emulator.md")

    assert len(code) >= 5
    run("\n".join(code))


def test_proofs_page_runs_from_top_to_bottom():
    pytest.importorskip("x402", reason="the merchants' x402 library needs Python 3.10")
    code = blocks("docs/proofs.md")

    assert len(code) >= 1
    run("\n".join(code))


def test_types_page_runs_from_top_to_bottom():
    code = blocks("docs/types.md")

    assert len(code) >= 3
    run("\n".join(code))


def test_observability_page_runs_from_top_to_bottom():
    code = blocks("docs/observability.md")

    assert len(code) >= 2
    run("\n".join(code))


def test_new_account_page_runs_from_top_to_bottom():
    code = blocks("docs/new-account.md")

    assert len(code) >= 8
    run("\n".join(code))


def test_cloudformation_page_runs_from_top_to_bottom():
    code = blocks("docs/cloudformation.md")

    assert len(code) >= 2
    run("\n".join(code))


def test_paying_page_runs_from_top_to_bottom():
    pytest.importorskip("mpp", reason="pympp needs Python 3.11")
    code = [block for block in blocks("docs/paying.md") if NEEDS_AN_ACCOUNT not in block]

    assert len(code) >= 6
    run("\n".join(code))


def test_agents_page_runs_from_top_to_bottom():
    pytest.importorskip("mpp", reason="pympp needs Python 3.11")
    pytest.importorskip("mcp", reason="needs the extra mcp")
    code = blocks("docs/agents.md")

    assert len(code) >= 2
    run("\n".join(code))


def test_paying_page_block_for_a_real_account_compiles():
    (code,) = [block for block in blocks("docs/paying.md") if NEEDS_AN_ACCOUNT in block]
    compile(code, "docs/paying.md", "exec")


@pytest.mark.parametrize("page", ["getting-started", "from-bedrock-agentcore", "moto", "control"])
def test_page_runs_from_top_to_bottom(page):
    pytest.importorskip("mpp", reason="pympp needs Python 3.11")
    code = blocks(f"docs/{page}.md")
    for block in code:
        compile(block, page, "exec")
    run("\n".join(block for block in code if NEEDS_AN_ACCOUNT not in block))


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
