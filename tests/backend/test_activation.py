"""Activation: by the start-up hook alone, by ``install()``, and never in a process without moto.

Each test is a process of its own, because activation happens once in one.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CREATE = """
def create():
    import boto3
    control = boto3.client("bedrock-agentcore-payments-control", region_name="us-east-1")
    made = control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/p"
    )
    print(made["status"])
"""

UTCNOW = "ignore:datetime.datetime.utcnow:DeprecationWarning"


def _run(code: str, cwd: Path, **environment: str) -> str:
    base = {"PATH": "/usr/bin", "HOME": str(cwd), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        # botocore before 1.41 calls utcnow, about which Python 3.12 and later warn.
        [sys.executable, "-W", "error", "-W", UTCNOW, "-c", CREATE + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**base, **environment},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def test_importing_moto_is_enough(tmp_path: Path) -> None:
    code = """
        from moto import mock_aws
        with mock_aws():
            create()
    """
    assert _run(code, tmp_path) == "READY"


def test_boto3_before_moto_is_served(tmp_path: Path) -> None:
    code = """
        import boto3
        boto3.client("sts", region_name="us-east-1")
        from moto import mock_aws
        with mock_aws():
            create()
    """
    assert _run(code, tmp_path) == "READY"


def test_process_without_moto_does_not_import_the_emulator(tmp_path: Path) -> None:
    code = """
        import sys, boto3
        boto3.client("bedrock-agentcore-payments", region_name="us-east-1")
        import boto3_agentcore_payments
        found = [name for name in sys.modules if "emulator" in name or name.startswith("moto")]
        print(found)
    """
    assert _run(code, tmp_path) == "[]"


def test_process_with_moto_imports_the_emulator_proper_on_first_use(tmp_path: Path) -> None:
    code = """
        import sys, boto3
        from moto import mock_aws
        with mock_aws():
            boto3.client("sts", region_name="us-east-1").get_caller_identity()
            boto3.client("s3", region_name="us-east-1").list_buckets()
        print([name for name in sys.modules if "agentcore_payments.emulator." in name])
    """
    names = _run(code, tmp_path)
    for heavy in ("engine.operations", "wire.definitions", "proofs", "backend.models"):
        assert f"emulator.{heavy}" not in names


def test_opting_out_leaves_moto_alone(tmp_path: Path) -> None:
    code = """
        import sys
        from moto import mock_aws
        print([name for name in sys.modules if "agentcore_payments.emulator" in name])
    """
    assert _run(code, tmp_path, BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD="0") == "[]"


@pytest.mark.parametrize("times", [1, 2])
def test_install_is_the_explicit_way(tmp_path: Path, times: int) -> None:
    code = f"""
        import moto
        import boto3_agentcore_payments
        from boto3_agentcore_payments.emulator import install
        for _ in range({times}):
            install()
        with moto.mock_aws():
            create()
    """
    assert _run(code, tmp_path, BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD="0") == "READY"


def test_install_inside_a_running_mock(tmp_path: Path) -> None:
    code = """
        import boto3, moto, requests
        from boto3_agentcore_payments.emulator.activation import activate
        with moto.mock_aws():
            boto3.client("sts", region_name="us-east-1").get_caller_identity()
            import boto3_agentcore_payments
            activate()
            from boto3_agentcore_payments.emulator import install
            install()
            create()
            host = "https://bedrock-agentcore.us-east-1.api.aws"
            print(requests.post(f"{host}/payments/managers-list").status_code)
    """
    output = _run(code, tmp_path, BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD="0")
    assert output.split() == ["READY", "200"]


def test_install_after_moto_has_answered_on_these_hosts(tmp_path: Path) -> None:
    code = """
        import moto, requests
        url = "https://bedrock-agentcore.us-east-1.amazonaws.com/payments/managers-list"
        with moto.mock_aws():
            try:
                requests.post(url)
            except Exception:
                pass  # whatever this moto makes of it
            import boto3_agentcore_payments
            from boto3_agentcore_payments.emulator import install
            install()
            create()
    """
    assert _run(code, tmp_path, BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD="0") == "READY"


def test_missing_moto_is_named(tmp_path: Path) -> None:
    code = """
        import sys
        sys.modules["moto"] = None
        from boto3_agentcore_payments.emulator import install
        try:
            install()
        except ImportError as error:
            print(type(error).__name__, error)
    """
    assert _run(code, tmp_path) == (
        "MissingExtraError The emulator needs 'moto', which is not installed; "
        "run: pip install 'boto3-agentcore-payments[emulator]'"
    )


@pytest.mark.parametrize(
    ("library", "path", "headers"),
    [
        ("regex", "/payments/managers", {}),
        ("joserfc", "/payments/listPaymentSessions", {"Authorization": "Bearer e30.e30.e30"}),
    ],
)
def test_library_that_is_missing_is_named_to_the_caller(
    tmp_path: Path, library: str, path: str, headers: dict[str, str]
) -> None:
    code = f"""
        import sys
        sys.modules["{library}"] = None
        import requests
        from moto import mock_aws
        members = {{
            "paymentManagerArn":
                "arn:aws:bedrock-agentcore:us-west-2:123456789012:payment-manager/shop-abcdefghij",
            "name": "shop",
            "authorizerType": "AWS_IAM",
            "roleArn": "arn:aws:iam::123456789012:role/payments",
        }}
        url = "https://bedrock-agentcore.us-west-2.amazonaws.com{path}"
        with mock_aws():
            answer = requests.post(url, json=members, headers={headers})
        print(answer.status_code, answer.headers["x-amzn-ErrorType"], answer.json()["message"])
    """
    answer = _run(code, tmp_path)
    assert answer.startswith("500 InternalServerException ")
    assert f"needs '{library}', which is not installed" in answer
    assert answer.endswith("pip install 'boto3-agentcore-payments[emulator]'")


def test_failure_is_a_warning_in_the_log_and_not_raised(tmp_path: Path) -> None:
    code = """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
        from boto3_agentcore_payments.emulator import activation
        def broken(urls):
            raise RuntimeError("unexpected moto")
        activation._HOOKS["moto.moto_api"] = broken
        from moto import mock_aws
        import moto.moto_api
        with mock_aws():
            create()
    """
    assert _run(code, tmp_path).splitlines() == [
        (
            "WARNING The AgentCore payments emulator could not extend moto.moto_api: "
            "RuntimeError: unexpected moto"
        ),
        "READY",
    ]


def test_hooked_modules_keep_their_own_loader(tmp_path: Path) -> None:
    code = """
        import importlib, moto
        import moto.moto_api, moto.moto_api._internal.urls as urls
        importlib.reload(urls)
        print(type(urls.__loader__).__name__, type(urls.__spec__.loader).__name__)
        with moto.mock_aws():
            create()
    """
    assert _run(code, tmp_path).splitlines() == [
        "SourceFileLoader SourceFileLoader",
        "READY",
    ]


OVERLAP = """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
        import moto
        import moto.bedrockagentcorecontrol.responses as responses
        from moto.core.responses import ActionResult
        def create_payment_manager(self):
            return 202, {}, '{"status": "UPDATING"}'
        responses.BedrockAgentCoreControlResponse.create_payment_manager = create_payment_manager
"""


@pytest.mark.parametrize(
    ("variable", "argument", "answer"),
    [
        ("", "", "READY"),
        ("1", "", "UPDATING"),
        ("", "True", "UPDATING"),
        ("1", "False", "READY"),
    ],
)
def test_operation_that_moto_learns_is_ours_unless_told_otherwise(
    tmp_path: Path, variable: str, argument: str, answer: str
) -> None:
    pytest.importorskip("moto.bedrockagentcorecontrol.responses", reason="service not in this moto")
    import boto3

    if "bedrock-agentcore-control" not in boto3.Session().get_available_services() or not hasattr(
        boto3.client("bedrock-agentcore-control", region_name="us-east-1"),
        "create_payment_manager",
    ):
        pytest.skip("moto cannot route payments operations with this botocore's models")
    install = f"""
        from boto3_agentcore_payments.emulator import install
        install(prefer_moto={argument or None})
        with moto.mock_aws():
            create()
    """
    output = _run(
        textwrap.dedent(OVERLAP) + textwrap.dedent(install),
        tmp_path,
        BOTO3_AGENTCORE_PAYMENTS_PREFER_MOTO=variable,
    )
    warning, status = output.splitlines()
    assert status == answer
    assert warning.startswith("WARNING This moto implements CreatePaymentManager itself; ")
    answering = "moto" if answer == "UPDATING" else "boto3-agentcore-payments"
    assert f"; {answering} answers." in warning
