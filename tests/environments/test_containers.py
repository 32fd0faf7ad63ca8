"""The files of examples/containers, as far as they can be tried without containers.

The image's command, its health check and the programs of the compose file run as processes of this
machine, with the arguments and the environment that the files give them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("x402.http.middleware.flask", reason="the x402 library needs Python 3.10")

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "examples" / "containers"
STATE = "/var/lib/agentcore-payments"
SOON = 60
USER = "10001:10001"


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, in order."""
    text = (PLACE / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines)
    found = re.findall(r"^([A-Z]+)\s+(.*)$", joined, re.MULTILINE)
    assert len(found) == len(lines)
    return found


def last(name: str) -> str:
    """Return the argument of the last instruction of a name."""
    return [argument for each, argument in instructions() if each == name][-1]


def services() -> dict[str, Any]:
    return yaml.safe_load((PLACE / "compose.yaml").read_text())["services"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something holds, while a process runs."""
    end = time.monotonic() + SOON
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Started:
    """Processes as containers would run them: ``payments`` on a port of this machine.

    Attributes:
        port: Where the emulator listens.
        state: What the volume would hold.
        payments: Its process.
    """

    def __init__(self, state: Path) -> None:
        self.port = free_port()
        self.state = state
        self.payments = self.start()

    def local(self, text: str) -> str:
        """Return an address of the containers' network as it is on this machine."""
        return text.replace("http://payments:5005", f"http://127.0.0.1:{self.port}")

    def start(self) -> subprocess.Popen[str]:
        """Start the emulator with the compose file's command, at another port."""
        arguments = [
            each.replace("/example/", f"{PLACE}/") for each in services()["payments"]["command"]
        ]
        started = subprocess.Popen(
            [sys.executable, "-m", "boto3_agentcore_payments", *arguments, f"--port={self.port}"],
            cwd=self.state,
            env={**os.environ, "HOME": str(self.state)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: self.check_health() == 0, started)
        return started

    def check_health(self) -> int:
        """Return the status of the image's health check."""
        command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
        at = [part.replace(":5005/", f":{self.port}/") for part in command[1:]]
        ran = subprocess.run([sys.executable, *at], stderr=subprocess.DEVNULL, check=False)
        return ran.returncode

    def ask(self, **headers: str) -> requests.Response:
        """Return the answer to the request of the health check."""
        url = f"http://127.0.0.1:{self.port}/moto-api/agentcore-payments/overview"
        return requests.get(url, headers=headers, timeout=SOON)

    def overview(self) -> dict[str, Any]:
        """Return what the page shows."""
        return self.ask().json()["result"]

    def run(self, service: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a service's program with its environment."""
        described = services()[service]
        given = {name: self.local(value) for name, value in described["environment"].items()}
        program = PLACE / Path(described["entrypoint"][1]).name
        return subprocess.Popen(
            [sys.executable, program, *arguments],
            env={**os.environ, **given, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    running = Started(tmp_path_factory.mktemp("state"))
    yield running
    running.payments.kill()
    running.payments.communicate()


def test_agent_buys_from_the_merchant_until_its_budget_refuses(started: Started) -> None:
    port = free_port()
    merchant = started.run("merchant", HOST="127.0.0.1", PORT=str(port))
    try:
        until(lambda: accepts(port), merchant)
        url = services()["agent"]["entrypoint"][2]
        agent = started.run("agent", url.replace("merchant:8402", f"127.0.0.1:{port}"))
        bought, failed = agent.communicate(timeout=SOON)
    finally:
        merchant.send_signal(signal.SIGTERM)
        merchant.communicate(timeout=SOON)
    assert agent.returncode == 0, failed
    assert bought.count("bought for 0.02 USD: The article you paid for.\n") == 2
    assert "2 bought; the session's budget does not cover it" in bought
    assert merchant.returncode == 0
    outcomes = [each["outcome"] for each in started.overview()["attempts"]]
    assert sorted(outcomes) == ["refused", "settled", "settled"]


def test_emulator_answers_by_the_services_name_and_no_other(started: Started) -> None:
    names = {services()[name]["environment"]["AWS_ENDPOINT_URL"] for name in ("agent", "merchant")}
    assert names == {"http://payments:5005"}
    statuses = [started.ask(Host=f"{name}:5005").status_code for name in ("payments", "elsewhere")]
    assert statuses == [200, 403]


def test_state_is_for_its_owner_only_and_there_again_after_sigterm(started: Started) -> None:
    file = started.state / "payments.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = started.overview()["managers"]
    assert before
    started.payments.send_signal(signal.SIGTERM)
    started.payments.communicate(timeout=SOON)
    assert started.payments.returncode == 0
    assert started.check_health() != 0
    started.payments = started.start()
    assert started.overview()["managers"] == before


def test_image_runs_serve_as_another_user_than_root_with_no_shell_in_between() -> None:
    assert last("USER") == f"{USER}"
    assert json.loads(last("ENTRYPOINT")) == ["agentcore-payments"]
    assert json.loads(last("CMD"))[:3] == ["serve", "--host", "0.0.0.0"]  # noqa: S104 (compared with)
    assert "STOPSIGNAL" not in dict(instructions())  # SIGTERM is what serve stops at


def test_state_is_in_the_volume_and_belongs_to_the_user() -> None:
    assert last("VOLUME") == last("WORKDIR") == STATE
    assert f"chown {USER} {STATE}" in last("RUN")
    (volume,) = [each for each in services()["payments"]["volumes"] if each.startswith("state:")]
    assert volume == f"state:{STATE}"
    for command in (json.loads(last("CMD")), services()["payments"]["command"]):
        assert "payments.db" in re.split("[ =]", " ".join(command))  # relative: in the volume


def test_image_is_built_from_files_and_extras_that_exist() -> None:
    copied = [each.split()[:-1] for name, each in instructions() if name == "COPY"]
    sources = [one for each in copied if not each[0].startswith("--") for one in each]
    assert [one for one in sources if not (ROOT / one).exists()] == []
    # Everything that the distribution is made of at the repository's top.
    assert {"setup.cfg", "pyproject.toml", "MANIFEST.in", "data", "tools"} <= set(sources)
    assert {path.name for path in ROOT.glob("*boto3_agentcore_payments*.p*")} <= set(sources)
    installs = next(each for name, each in instructions() if name == "RUN")
    (extras,) = re.findall(r"\[([a-z,]+)\]", installs)
    known = set(re.findall(r"^([a-z]+) =$", (ROOT / "setup.cfg").read_text(), re.MULTILINE))
    assert set(extras.split(",")) <= known


def test_compose_file_names_only_files_and_services_that_exist() -> None:
    described = services()
    build = described["payments"]["build"]
    assert (PLACE / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).samefile(PLACE / "Dockerfile")
    named = re.findall(r"/example/([\w.]+)", (PLACE / "compose.yaml").read_text())
    assert sorted(set(named)) == ["agent.py", "merchant.py", "start.json"]
    assert all((PLACE / name).is_file() for name in named)
    for service in described.values():
        waited_for = service.get("depends_on", {})
        assert set(waited_for) <= set(described)
        assert all(each == {"condition": "service_healthy"} for each in waited_for.values())
