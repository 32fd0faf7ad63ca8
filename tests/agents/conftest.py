"""What a person sets up (a session of two cents, a wallet, a merchant), and the examples."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from moto import mock_aws
from ready_shop import ClientShop

EXAMPLES = Path(__file__).parents[2] / "examples" / "agents"
REGION = "us-east-1"

collect_ignore_glob = ["test_*.py"] if sys.version_info < (3, 10) else []  # x402 needs Python 3.10


@pytest.fixture
def example():
    """Load an example by its name."""

    def load(name):
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def new_payer():
    from boto3_agentcore_payments.emulator.control import PaymentsControl
    from boto3_agentcore_payments.pay import Payer

    with mock_aws():
        made = ClientShop(REGION)
        arn = made.manager()
        wallet = made.instrument(arn, made.connector(arn))
        PaymentsControl(region=REGION).fund_wallet(wallet, 1_000_000)
        session = made.session(arn, limit="0.02")

        def new(**options):
            return Payer(
                made.data,
                payment_manager_arn=arn,
                payment_session_id=session,
                payment_instrument_ids=[wallet],
                user_id="alice",
                **{"max_price": "0.05", "allow_private": True, **options},
            )

        yield new


@pytest.fixture
def shop(new_payer):
    """A merchant with an article for a cent, opened after the emulator."""
    from boto3_agentcore_payments import merchants

    with merchants.x402_merchant(price="0.01", region=REGION) as opened:
        yield opened
