"""The AWS CLI: version 1 by the start-up hook or the plugin, version 2 by install-models."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from running_server import Serving

ROOT = Path(__file__).parent.parent.parent
DEBIAN = Path("/usr/bin/aws")
PLANES = ("bedrock-agentcore-payments", "bedrock-agentcore-payments-control")
ROLE = "arn:aws:iam::123456789012:role/payments"

pytestmark = pytest.mark.skipif(
    find_spec("awscli") is None, reason="a hundred runs of two CLIs: nox -s aws_cli"
)


def version_1() -> str | None:
    """The program of the CLI in this environment."""
    if find_spec("awscli") is None:
        return None
    return shutil.which("aws", path=str(Path(sys.executable).parent))


def version_2() -> str | None:
    """The distribution's CLI, if its version is 2."""
    if not DEBIAN.exists():
        return None
    ran = subprocess.run([DEBIAN, "--version"], capture_output=True, text=True, check=False)
    return str(DEBIAN) if ran.stdout.startswith("aws-cli/2.") else None


V1 = pytest.param(version_1(), id="v1")
V2 = pytest.param(
    version_2(),
    id="v2",
    marks=pytest.mark.skipif(not version_2(), reason="needs /usr/bin/aws: apt-get install awscli"),
)


class Cli:
    """A CLI in an environment of its own."""

    def __init__(self, program: str, environment: dict[str, str], url: str) -> None:
        self.program = program
        self.environment = environment
        self.url = url

    def try_(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it against the server."""
        return subprocess.run(
            [self.program, "--endpoint-url", self.url, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def text(self, *arguments: str) -> str:
        """What it prints; it must succeed."""
        ran = self.try_(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def __call__(self, *arguments: str) -> Any:
        """The document it prints."""
        printed = self.text(*arguments)
        return json.loads(printed) if printed.strip() else None


@pytest.fixture(params=[V1, V2])
def aws(request: pytest.FixtureRequest, environment: dict[str, str], serving: Serving) -> Cli:
    """One of the CLIs, made ready as its users would."""
    if request.param == version_2():
        command = [sys.executable, "-m", "boto3_agentcore_payments", "install-models"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    return Cli(request.param, environment, serving.url)


@pytest.fixture
def arn(serving: Serving) -> str:
    """A payment manager of the test's own; by boto3, since each run of a CLI takes a second."""
    control = boto3.client(
        PLANES[1],
        endpoint_url=serving.url,
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    made = control.create_payment_manager(name="shop", authorizerType="AWS_IAM", roleArn=ROLE)
    control.get_waiter("payment_manager_ready").wait(paymentManagerId=made["paymentManagerId"])
    return str(made["paymentManagerArn"])


def make_session(aws: Cli, arn: str, *more: str) -> Any:
    return aws(
        PLANES[0],
        *("create-payment-session", "--payment-manager-arn", arn, "--user-id", "alice"),
        *("--expiry-time-in-minutes", "60", *more),
    )["paymentSession"]


@pytest.mark.parametrize("plane", PLANES)
def test_help_lists_every_operation_and_renders_without_complaint(aws: Cli, plane: str) -> None:
    ran = aws.try_(plane, "help")
    assert ran.returncode == 0
    assert ran.stderr == ""
    shown = ran.stdout
    assert "AVAILABLE COMMANDS" in plain(shown)
    for operation in ("list-payment-sessions", "wait") if plane == PLANES[0] else ("wait",):
        assert operation in plain(shown)


def plain(page: str) -> str:
    """A page without the overstrikes of bold type."""
    return "".join(
        letter
        for place, letter in enumerate(page)
        if letter != "\b" and page[place + 1 : place + 2] != "\b"
    )


def test_help_of_an_operation_tells_its_limits(aws: Cli) -> None:
    shown = " ".join(plain(aws.text(PLANES[0], "create-payment-session", "help")).split())
    assert "--expiry-time-in-minutes" in shown
    assert "480" in shown


def test_a_session_is_created_and_read(aws: Cli, arn: str) -> None:
    limits = "maxSpendAmount={value=0.10,currency=USD}"
    made = make_session(aws, arn, "--limits", limits)
    found = aws(
        PLANES[0],
        *("get-payment-session", "--payment-manager-arn", arn, "--user-id", "alice"),
        *("--payment-session-id", made["paymentSessionId"]),
    )["paymentSession"]
    assert found["availableLimits"]["availableSpendAmount"] == {"value": "0.1", "currency": "USD"}


def test_input_comes_from_a_skeleton_filled_in(aws: Cli, arn: str, tmp_path: Path) -> None:
    skeleton = aws(PLANES[0], "create-payment-session", "--generate-cli-skeleton")
    assert {"paymentManagerArn", "userId", "limits", "clientToken"} <= skeleton.keys()
    skeleton.update(paymentManagerArn=arn, userId="bob", expiryTimeInMinutes=15)
    skeleton["limits"]["maxSpendAmount"]["value"] = "1.50"
    for name in ("agentName", "clientToken"):
        del skeleton[name]
    document = tmp_path / "input.json"
    document.write_text(json.dumps(skeleton))
    made = aws(PLANES[0], "create-payment-session", "--cli-input-json", f"file://{document}")
    assert made["paymentSession"]["limits"]["maxSpendAmount"]["value"] == "1.50"


def test_lists_are_paged_through(aws: Cli, arn: str) -> None:
    made = sorted(make_session(aws, arn)["paymentSessionId"] for _ in range(3))
    listing = ("list-payment-sessions", "--payment-manager-arn", arn, "--user-id", "alice")
    every = aws(PLANES[0], *listing, "--page-size", "2")["paymentSessions"]
    assert sorted(session["paymentSessionId"] for session in every) == made
    first = aws(PLANES[0], *listing, "--max-items", "2")
    assert len(first["paymentSessions"]) == 2
    rest = aws(PLANES[0], *listing, "--starting-token", first["NextToken"])["paymentSessions"]
    assert len(rest) == 1


def test_waiting_for_a_manager_to_be_gone(aws: Cli, arn: str) -> None:
    identifier = arn.rpartition("/")[2]
    aws(PLANES[1], "delete-payment-manager", "--payment-manager-id", identifier)
    aws(PLANES[1], "wait", "payment-manager-deleted", "--payment-manager-id", identifier)
    gone = aws.try_(PLANES[1], "get-payment-manager", "--payment-manager-id", identifier)
    assert gone.returncode != 0
    assert "ResourceNotFoundException" in gone.stderr


def test_a_refusal_of_the_service_is_one_error(aws: Cli, arn: str) -> None:
    refused = aws.try_(
        PLANES[0],
        *("create-payment-session", "--payment-manager-arn", arn),
        *("--user-id", "alice", "--expiry-time-in-minutes", "60"),
        *("--limits", "maxSpendAmount={value=10000.01,currency=USD}"),
    )
    assert refused.returncode != 0
    assert "(ValidationException)" in refused.stderr
    assert "MaxSpendAmount value must not exceed 10000. Received: 10000.01" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_profile_gives_region_and_credentials(aws: Cli) -> None:
    directory = Path(aws.environment["HOME"], ".aws")
    directory.mkdir(exist_ok=True)
    (directory / "config").write_text("[profile shop]\nregion = eu-central-1\n")
    (directory / "credentials").write_text(
        "[shop]\naws_access_key_id = test\naws_secret_access_key = test\n"
    )
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del aws.environment[name]
    made = aws(
        *("--profile", "shop", PLANES[1], "create-payment-manager", "--name", "shop"),
        *("--authorizer-type", "AWS_IAM", "--role-arn", ROLE),
    )
    assert made["paymentManagerArn"].split(":")[3] == "eu-central-1"


def test_the_lifecycle_script(aws: Cli) -> None:
    ran = subprocess.run(
        [str(ROOT / "examples" / "lifecycle.sh")],
        env={**aws.environment, "AWS": aws.program, "AWS_ENDPOINT_URL": aws.url},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Pending amount: 0.01 USD, Transaction amount: 0.020000 USD" in ran.stdout
    assert "left in the session    0.01" in ran.stdout
    assert ran.stdout.endswith("everything is deleted\n")


def test_install_models_is_seen_by_version_2_and_uninstall_too(environment: dict[str, str]) -> None:
    program = version_2()
    if program is None:
        pytest.skip("needs /usr/bin/aws: apt-get install awscli")
    question = [program, PLANES[0], "get-payment-session", "--generate-cli-skeleton"]
    options: dict[str, Any] = {"env": environment, "capture_output": True, "text": True}
    assert "Invalid choice" in subprocess.run(question, check=False, **options).stderr
    ours = [sys.executable, "-m", "boto3_agentcore_payments"]
    subprocess.run([*ours, "install-models"], check=True, **options)
    assert "paymentSessionId" in subprocess.run(question, check=True, **options).stdout
    subprocess.run([*ours, "uninstall-models"], check=True, **options)
    assert "Invalid choice" in subprocess.run(question, check=False, **options).stderr
    assert not Path(environment["HOME"], ".aws", "models").exists()


@pytest.mark.parametrize("program", [V1])
def test_the_plugin_serves_where_activation_is_off(
    program: str, environment: dict[str, str]
) -> None:
    environment["BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD"] = "0"
    question = [program, PLANES[0], "get-payment-session", "--generate-cli-skeleton"]
    options: dict[str, Any] = {"env": environment, "capture_output": True, "text": True}
    assert subprocess.run(question, check=False, **options).returncode != 0
    config = Path(environment["HOME"], ".aws", "config")
    config.parent.mkdir()
    config.write_text("[plugins]\npayments = boto3_agentcore_payments.cli.aws_plugin\n")
    assert "paymentSessionId" in subprocess.run(question, check=True, **options).stdout
