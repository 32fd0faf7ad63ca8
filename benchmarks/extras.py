"""Installed size and import time of each extra, in fresh virtual environments.

Size: what pip adds to site-packages over the package without extras. Import: a process that
imports what the extra's first use would import, less one that imports nothing; processor time, the
best of several runs, with compiled bytecode in place.

    python benchmarks/extras.py [--extra emulator] [--runs 7]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS: dict[str, dict[str, str]] = {
    "": {"boto3_agentcore_payments": "import boto3_agentcore_payments"},
    "moto[server]": {"moto": "import moto"},
    "emulator": {
        "the emulator in moto": "import boto3_agentcore_payments.emulator.backend.urls",
        "the first EVM wallet or proof": "import coincurve, Crypto.Hash.keccak",
        "the first Solana wallet or proof": "import solders.keypair, solders.message, "
        "solders.transaction",
    },
    "emulator,mpp": {"the first Tempo proof": "import pytempo, mpp.methods.tempo.attribution"},
    "emulator,merchant": {
        "the first x402 merchant": "import boto3_agentcore_payments.merchants.x402_shop, "
        "boto3_agentcore_payments.merchants.facilitator",
        "the first MPP merchant": "import boto3_agentcore_payments.merchants.mpp_shop",
    },
    "pay": {
        "the first x402 purchase": "import boto3_agentcore_payments.pay.clients.requests_session, "
        "boto3_agentcore_payments.pay.protocols.crypto_x402",
        "the first MPP purchase": "import boto3_agentcore_payments.pay.clients.requests_session, "
        "boto3_agentcore_payments.pay.protocols.mpp_charge",
        "the first AWS Billing purchase": "import "
        "boto3_agentcore_payments.pay.clients.requests_session, "
        "boto3_agentcore_payments.pay.protocols.aws_billing",
    },
    "pay,mcp": {
        "the first paid tool, by x402": "import mcp.client.streamable_http, x402.mcp, "
        "boto3_agentcore_payments.pay.adapters",
    },
}
"""Extras -> the imports of their first uses; moto alone for comparison."""


def installed(directory: Path, extras: str) -> tuple[Path, int]:
    """Make a virtual environment; return its interpreter and the bytes in its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    python = directory / "bin" / "python"
    what = f"{ROOT}[{extras}]" if extras else str(ROOT)
    if extras.startswith("moto"):
        what = extras
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what],
        check=True,
    )
    packages = next((directory / "lib").glob("python*/site-packages"))
    size = sum(
        each.stat().st_size
        for each in packages.rglob("*")
        if each.is_file() and each.suffix != ".pyc"
    )
    return python, size


def best(python: Path, code: str, runs: int) -> float:
    """Return the shortest processor time a process with this code takes, in seconds."""
    times = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-c", code], check=True, cwd=tempfile.gettempdir())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(times)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--extra", action="append", help="only these, as in the table")
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    base = 0
    print("| installed | adds | first use | imports in |")
    print("|---|---|---|---|")
    for extras, imports in EXTRAS.items():
        if chosen.extra and extras and extras not in chosen.extra:
            continue
        with tempfile.TemporaryDirectory() as directory:
            python, size = installed(Path(directory), extras)
            base = base or size
            nothing = best(python, "pass", chosen.runs)
            for name, code in imports.items():
                seconds = best(python, code, chosen.runs) - nothing
                added = f"{(size - base) / 1e6:.0f} MB" if extras else f"{size / 1e6:.0f} MB"
                label = extras if extras.startswith("moto") else f"[{extras}]"
                print(f"| `{label}` | {added} | {name} | {seconds * 1000:.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
