"""A function under the real awslambdaric, packaged in the four ways, on each CPython given.

The function runs in an interpreter that has awslambdaric and boto3 and nothing of ours, as Lambda's
has; nox makes one for each CPython present and names them in LAMBDA_RUNTIMES.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from running_server import Serving

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "aws_lambda" / "handler.py"
BOOTSTRAP = Path(__file__).parent / "managed_runtime.py"
RUNTIMES = [
    Path(place) for place in os.environ.get("LAMBDA_RUNTIMES", "").split(os.pathsep) if place
]
WITHOUT_IMPORT = {
    "from boto3_agentcore_payments import payments_client": "import boto3",
    "payments_client()": 'boto3.client("bedrock-agentcore-payments")',
}
"""What to put into the example instead of what imports this package."""

pytestmark = pytest.mark.skipif(
    not RUNTIMES, reason="needs interpreters with awslambdaric: run nox -s aws_lambda"
)


class RuntimeApi:
    """Lambda's runtime API for one invocation: it hands out an event and takes the outcome.

    Attributes:
        address: Host and port, for AWS_LAMBDA_RUNTIME_API.
        outcomes: (what was posted to, its document).
    """

    def __init__(self, event: Mapping[str, Any]) -> None:
        self.outcomes: queue.Queue[tuple[str, Any]] = queue.Queue()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if getattr(api, "handed_out", False):
                    threading.Event().wait(60)  # the next event never comes
                api.handed_out = True
                self._answer(200, json.dumps(event).encode())

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                api.outcomes.put((self.path.rpartition("/")[2], json.loads(content)))
                self._answer(202, b"{}")

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header(
                    "Lambda-Runtime-Aws-Request-Id", "3f1b9f4c-5a0e-4d8e-9d3b-6b1f0f1e2d3c"
                )
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header(
                    "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:::function:f"
                )
                self.send_header("Lambda-Runtime-Trace-Id", "Root=1-0-0")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer, built by its one command and unpacked as Lambda unpacks it below /opt."""
    return built(tmp_path_factory, "layer")


@pytest.fixture(scope="module")
def function_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A function's zip with the package in it, unpacked as Lambda unpacks it at the task root."""
    return built(tmp_path_factory, "function", str(EXAMPLE))


def built(factory: pytest.TempPathFactory, *arguments: str) -> Path:
    place = factory.mktemp(arguments[0])
    archive = place / "built.zip"
    command = [sys.executable, str(ROOT / "tools" / "build_lambda.py"), *arguments]
    ran = subprocess.run(
        [*command, "--output", str(archive)], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(place / "unpacked")
    return place / "unpacked"


@pytest.fixture(scope="module")
def manager(serving: Serving) -> str:
    """A payment manager's ARN."""
    control = boto3.client(
        "bedrock-agentcore-payments-control",
        endpoint_url=serving.url,
        region_name="us-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    made = control.create_payment_manager(
        name="shop", authorizerType="AWS_IAM", roleArn="arn:aws:iam::123456789012:role/payments"
    )
    control.get_waiter("payment_manager_ready").wait(paymentManagerId=made["paymentManagerId"])
    return str(made["paymentManagerArn"])


@pytest.fixture(params=RUNTIMES, ids=[runtime.parent.parent.name for runtime in RUNTIMES])
def runtime(request: pytest.FixtureRequest) -> Path:
    """An interpreter as Lambda has it."""
    return Path(request.param)


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """A task root with the function alone, without the import line."""
    root = tmp_path / "task"
    root.mkdir()
    write_handler(root, importing=False)
    return root


def write_handler(root: Path, *, importing: bool) -> None:
    source = EXAMPLE.read_text()
    for there, instead in () if importing else WITHOUT_IMPORT.items():
        assert there in source
        source = source.replace(there, instead)
    (root / "handler.py").write_text(source)


@pytest.fixture
def lambda_environment(environment: dict[str, str], manager: str) -> dict[str, str]:
    """What Lambda sets for a function."""
    return {
        **environment,
        "PAYMENT_MANAGER_ARN": manager,
        "_HANDLER": "handler.handler",
        "AWS_REGION": "us-west-2",
    }


def invoke(command: list[str], environment: dict[str, str], task: Path) -> tuple[str, Any]:
    """Start the runtime, hand it one event, and return the outcome."""
    api = RuntimeApi({"userId": "alice", "budget": "0.25"})
    process = subprocess.Popen(
        command,
        env={**environment, "AWS_LAMBDA_RUNTIME_API": api.address, "LAMBDA_TASK_ROOT": str(task)},
        cwd=task,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        return api.outcomes.get(timeout=60)
    except queue.Empty:
        process.kill()
        assert process.stdout
        pytest.fail(process.stdout.read().decode(errors="replace"))
    finally:
        process.kill()
        process.communicate()
        api.server.shutdown()
        api.server.server_close()


def managed(runtime: Path, environment: dict[str, str], task: Path, layer: Path) -> tuple[str, Any]:
    """Invoke as the managed runtime does."""
    more = {"OPT_ROOT": str(layer), "LAMBDA_RUNTIME_DIR": str(BOOTSTRAP.parent)}
    return invoke([str(runtime), str(BOOTSTRAP)], {**environment, **more}, task)


def assert_session(outcome: tuple[str, Any]) -> None:
    kind, document = outcome
    assert kind == "response", document
    assert document["paymentSessionId"].startswith("payment-session-")
    assert document["available"] == "0.25"


def assert_unknown(outcome: tuple[str, Any]) -> None:
    kind, document = outcome
    assert kind == "error"
    assert document["errorType"] == "UnknownServiceError"


@pytest.mark.parametrize("importing", [True, False])
def test_zip_with_the_package_at_the_task_root(
    runtime: Path,
    lambda_environment: dict[str, str],
    function_zip: Path,
    tmp_path: Path,
    *,
    importing: bool,
) -> None:
    task = tmp_path / "task"
    shutil.copytree(function_zip, task)
    write_handler(task, importing=importing)
    assert_session(managed(runtime, lambda_environment, task, tmp_path / "no-layer"))


def test_layer(runtime: Path, lambda_environment: dict[str, str], task: Path, layer: Path) -> None:
    assert_session(managed(runtime, lambda_environment, task, layer))


def test_layer_with_pythonpath_set_needs_the_import_line(
    runtime: Path, lambda_environment: dict[str, str], task: Path, layer: Path
) -> None:
    environment = {**lambda_environment, "PYTHONPATH": str(layer / "python")}
    assert_unknown(managed(runtime, environment, task, layer))
    write_handler(task, importing=True)
    assert_session(managed(runtime, environment, task, layer))


def test_container_image_that_installs_into_the_functions_directory_needs_the_import_line(
    runtime: Path, lambda_environment: dict[str, str], function_zip: Path, tmp_path: Path
) -> None:
    task = tmp_path / "function"
    shutil.copytree(function_zip, task)
    write_handler(task, importing=False)
    command = [str(runtime), "-m", "awslambdaric", "handler.handler"]
    assert_unknown(invoke(command, lambda_environment, task))
    write_handler(task, importing=True)
    assert_session(invoke(command, lambda_environment, task))


def test_container_image_that_installs_into_site_packages(
    runtime: Path, lambda_environment: dict[str, str], task: Path, layer: Path, tmp_path: Path
) -> None:
    image = image_of(runtime, tmp_path)
    shutil.copytree(layer / "python", purelib(image), dirs_exist_ok=True)
    command = [str(image), "-m", "awslambdaric", "handler.handler"]
    assert_session(invoke(command, lambda_environment, task))


def image_of(runtime: Path, tmp_path: Path) -> Path:
    """An interpreter of its own with what the runtime has, standing for an image's."""
    place = tmp_path / "image"
    subprocess.run([str(runtime), "-m", "venv", "--without-pip", str(place)], check=True)
    interpreter = place / "bin" / "python"
    shutil.copytree(purelib(runtime), purelib(interpreter), dirs_exist_ok=True)
    return interpreter


def purelib(interpreter: Path) -> str:
    """An interpreter's site-packages directory."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    ran = subprocess.run([str(interpreter), "-c", ask], capture_output=True, text=True, check=True)
    return ran.stdout.strip()
