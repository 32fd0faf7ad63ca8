"""Independent judges of payments: a virtual machine for EVM, a library for MPP on Solana.

``nox -s evm_chain solana_judge`` installs them; without them these tests are skipped.
"""

from __future__ import annotations

from importlib.util import find_spec

JUDGES = {
    "test_evm_contracts.py": ("pyrevm", "vyper", "x402"),
    # It wants older versions of solders and solana than x402 does.
    "test_mpp_solana.py": ("solana_pay_kit",),
}

collect_ignore = [
    test for test, libraries in JUDGES.items() if not all(find_spec(name) for name in libraries)
]
