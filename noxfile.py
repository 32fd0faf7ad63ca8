"""The version matrix, and the tests that need an environment of their own.

    nox                       everything but coverage, once each, as CI does it
    nox -s versions-3.9       one CPython of the matrix
    nox -s coverage           every test on the installed wheel, and the branches they take

A CPython that is not on the machine is left out. What passed is noted in .nox/results;
tools/support_table.py makes the README's table of it.

A suite that needs npm, a browser, CDK or virtual machines is a session here, in which its tests
find what they need; everywhere else they skip and say so.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from pathlib import Path

import nox
from nox.command import CommandFailed

try:
    import uv
except ImportError:
    uv = None

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

RESULTS = Path(".nox", "results")
NEWEST = ""
PYTEST = ("pytest", "pytest-xdist", "hypothesis", "freezegun")
# The same examples each time, as on GitHub: what is new fails on a developer's machine first.
REPEATABLE = "--hypothesis-profile=ci"
COVERAGE_REPORT = Path(".nox", "coverage.md")

# Each version of a library at least once, the oldest with the oldest: 5 of 60 combinations, chosen
# so that a failure at either end of any column shows.
MATRIX = {
    "3.9": ("1.31.0", "5.1.0"),
    "3.10": ("1.35.0", "5.2.0"),
    "3.11": (NEWEST, "5.1.0"),
    "3.12": ("1.40.0", NEWEST),
    "3.13": (NEWEST, NEWEST),
}
TESTS_OF_VERSIONS = (
    "tests/loader",
    "tests/backend",
    "tests/environments/test_endpoints.py",
    "tests/serve/test_serve.py",
    # What fuzzes and loads the engine is the same on every version.
    "--ignore=tests/backend/test_hostile_requests.py",
    "--ignore=tests/backend/test_many_callers.py",
)
BOTO3_OF = {"1.31.0": "1.28.0"}
"""boto3's version for a version of botocore, where they are not the same."""


# pyenv puts programs on PATH for every CPython it has, and lets only the chosen ones run.
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
if PYENV.is_dir():
    os.environ.setdefault(
        "PYENV_VERSION", ":".join(sorted(place.name for place in PYENV.iterdir()))
    )
os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")
# As pip does, trust the certificates that the machine trusts.
os.environ.setdefault("UV_SYSTEM_CERTS", "true")


@nox.session(python=list(MATRIX))
def versions(session: nox.Session) -> None:
    """Test the clients and the emulator on one combination of CPython, botocore and moto."""
    botocore, moto = MATRIX[str(session.python)]
    pins = [pin("botocore", botocore), pin("boto3", BOTO3_OF.get(botocore, botocore))]
    libraries = (*pins, pin("moto[server]", moto), "opentelemetry-sdk", *PYTEST)
    session.install("--editable", ".[emulator]", *libraries)
    check(session, *TESTS_OF_VERSIONS, names=("botocore", "boto3", "moto"))


@nox.session(python="3.11", default=False)
def coverage(session: nox.Session) -> None:
    """Run every test on the installed wheel, and hold the floor of branches taken."""
    install_wheel(session, "dev")
    root = Path.cwd()
    # Anywhere else, so that no program that a test starts finds the checkout in its directory.
    session.chdir(session.create_tmp())
    settings = {"COVERAGE_RCFILE": str(root / "pyproject.toml")}
    options = ("-c", str(root / "pyproject.toml"), "--rootdir", str(root))
    options += ("-q", "-p", "no:cacheprovider", "--numprocesses=2", "--dist=loadfile", REPEATABLE)
    options += ("--cov", "--cov-config", str(root / "pyproject.toml"))
    options += ("--cov-report=", "--cov-fail-under=0")
    tests = session.posargs or [str(root / "tests")]
    session.run("pytest", *options, *tests, env=settings)
    report = ("coverage", "report", "--format=markdown", "--fail-under=0")
    printed = str(session.run(*report, silent=True, env=settings))
    installed = re.sub(r"\S*site-packages/", "", printed.replace("\\_", "_"))
    (root / COVERAGE_REPORT).write_text(f"## Coverage\n\n{installed}", encoding="utf-8")
    session.log(installed)
    session.run("coverage", "report", "--format=total", env=settings)


@nox.session
@nox.parametrize("botocore", ["1.44.5", NEWEST], ids=["first", "newest"])
def definitions(session: nox.Session, botocore: str) -> None:
    """Compare our facts with AWS's: the botocore they were taken from, and the newest there is."""
    pins = [pin("botocore", botocore), pin("boto3", botocore)]
    session.install("--editable", ".[emulator]", *pins, *PYTEST)
    comparisons = ("facts", "requests", "answers")
    tests = [f"tests/models/test_{what}_against_botocore.py" for what in comparisons]
    check(session, *tests, names=("botocore",))
    session.run("python", "tools/sync_models.py", "check")


@nox.session
def evm_chain(session: nox.Session) -> None:
    """Compare the local facilitator with the x402 library's own on a real EVM."""
    libraries = ("x402", "pyrevm", "vyper")
    session.install("--editable", ".[emulator,merchant]", "pyrevm", "vyper", *PYTEST)
    check(session, "tests/chain/test_evm_contracts.py", names=libraries)


@nox.session(default=False)  # its library wants another solders, and its own clock of releases
def solana_judge(session: nox.Session) -> None:
    """Have another MPP library judge charges on Solana; it wants older versions than x402 does."""
    session.install("--editable", ".[emulator]", "solana-pay-kit", *PYTEST)
    # A library that it brings has a plugin for pytest, which wants more plugins.
    tests = ("-p", "no:pytest_anchorpy", "tests/chain/test_mpp_solana.py")
    check(session, *tests, names=("solana-pay-kit",))


@nox.session
def aws_cli(session: nox.Session) -> None:
    """Test with the AWS CLI v1 from PyPI, and with v2 where the machine has it."""
    session.install("--editable", ".[emulator]", "awscli", *PYTEST)
    debian = Path("/usr/bin/aws")
    extra = {"awscli v2": first_line(session, str(debian), "--version")} if debian.exists() else {}
    check(session, "tests/environments/test_aws_cli.py", names=("awscli",), **extra)


@nox.session
def aio(session: nox.Session) -> None:
    """Test the asynchronous clients of the newest aiobotocore."""
    session.install("--editable", ".[emulator,merchant,pay]", "aiobotocore", *PYTEST)
    tests = ("tests/environments/test_async.py", "tests/environments/test_async_paying.py")
    check(session, *tests, names=("aiobotocore", "botocore"))


@nox.session
def aioboto3(session: nox.Session) -> None:
    """Test the asynchronous clients of aioboto3, which wants an older aiobotocore."""
    session.install("--editable", ".[emulator]", "aioboto3", *PYTEST)
    names = ("aioboto3", "aiobotocore", "botocore")
    check(session, "tests/environments/test_async.py", names=names)


@nox.session
def agents(session: nox.Session) -> None:
    """Let Strands and LangGraph agents pay, with a payer and with AWS's own SDK's integrations."""
    frameworks = "bedrock-agentcore[langgraph,strands-agents]"
    session.install("--editable", ".[emulator,merchant,pay]", frameworks, *PYTEST)
    names = ("bedrock-agentcore", "strands-agents", "langgraph", "botocore")
    check(session, "tests/agents", "tests/sdk/test_integrations.py", names=names)


@nox.session(python="3.12")
def types(session: nox.Session) -> None:
    """Compare the clients' types with what mypy-boto3-builder makes of the definitions."""
    session.install("--editable", ".", "mypy-boto3-builder==8.12.0")
    session.run(
        "python", "tools/build_types.py", *([] if "write" in session.posargs else ["--check"])
    )


@nox.session
def page(session: nox.Session) -> None:
    """Use the pages of serve in Debian's Chromium; with ``write``, take its screenshots."""
    chromium = shutil.which("chromium")
    if chromium is None or shutil.which("chromedriver") is None:
        session.skip("chromium and chromium-driver are not on this machine")
    session.install("--editable", ".[emulator]", "selenium", "pillow", *PYTEST)
    if "write" in session.posargs:
        session.run("python", "tools/page_screenshots.py", "docs")
        return
    version = first_line(session, chromium, "--version")
    session.install("--no-deps", "axe-playwright-python==0.1.8")  # for axe-core, which is in it
    pages = sorted(str(path) for path in Path("tests", "serve").glob("test_*_in_chromium.py"))
    check(session, *pages, names=("selenium",), chromium=version)


@nox.session
def aws_cdk(session: nox.Session) -> None:
    """Deploy an app of AWS CDK's constructs, and compare our resource types with CDK's facts."""
    npm = shutil.which("npm")
    if npm is None:
        session.skip("npm is not on this machine")
    session.install("--editable", ".[emulator]", *PYTEST)
    packages = ("aws-cdk-lib@2.276.0", "constructs@10", "@aws-cdk/aws-service-spec@0.1.216")
    place = Path(session.create_tmp()).resolve()
    session.run(
        npm,
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(place),
        *packages,
        external=True,
    )
    check(
        session,
        "tests/environments/test_cdk.py",
        names=("moto",),
        environment={"CDK_MODULES": str(place / "node_modules")},
        **{"aws-cdk-lib": "2.276.0"},
    )


@nox.session(default=False)  # npm's packages and the environment take a minute by themselves
def express(session: nox.Session) -> None:
    """Pay a seller made of Express and x402's own middleware from npm."""
    npm = shutil.which("npm")
    if npm is None:
        session.skip("npm is not on this machine")
    session.install("--editable", ".[emulator,merchant,pay]", *PYTEST)
    names = ("core", "evm", "express", "svm")
    packages = (*(f"@x402/{name}@2.27.0" for name in names), "express@5.3.0")
    place = Path(session.create_tmp()).resolve()
    quiet = ("--silent", "--no-audit", "--no-fund", "--prefer-offline")
    session.run(npm, "install", *quiet, "--prefix", str(place), *packages, external=True)
    check(
        session,
        "tests/environments/test_express.py",
        names=("x402",),
        environment={"EXPRESS_MODULES": str(place / "node_modules")},
        **{"@x402/express": "2.27.0"},
    )


@nox.session
def frozen(session: nox.Session) -> None:
    """Test programs made by PyInstaller, pex and shiv, from the package as it is published."""
    install_wheel(session, "emulator", "pip", "pyinstaller", "pex", "shiv", *PYTEST)
    names = ("pyinstaller", "pex", "shiv")
    check(session, "tests/environments/test_frozen.py", names=names)


@nox.session
def aws_lambda(session: nox.Session) -> None:
    """Test a function in an interpreter with awslambdaric, for each CPython on the machine."""
    session.install("pip", "--editable", ".[emulator]", *PYTEST)
    runtimes = [place for version in MATRIX if (place := runtime(session, version))]
    check(
        session,
        "tests/environments/test_lambda.py",
        names=(),
        environment={"LAMBDA_RUNTIMES": os.pathsep.join(runtimes)},
        awslambdaric=first_line(session, runtimes[-1], "-c", show_version("awslambdaric")),
        pythons=", ".join(Path(place).parents[1].name for place in runtimes),
    )


def install_wheel(session: nox.Session, extra: str, *others: str) -> None:
    """Install the package as it is published: built from the source distribution."""
    dist = Path(session.create_tmp(), "dist")
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(dist), ".", silent=True)
    (wheel,) = dist.glob("*.whl")
    session.install(f"{wheel}[{extra}]", *others)
    # What an earlier run installed has the same version.
    session.install("--no-deps", "--force-reinstall", str(wheel))


def runtime(session: nox.Session, version: str) -> str | None:
    """Make an interpreter as Lambda has it: with awslambdaric and boto3, and nothing of ours."""
    found = interpreter_of(session, version)
    if found is None:
        session.log(f"no CPython {version} on this machine")
        return None
    place = (Path(session.create_tmp()) / version).resolve()
    made = str(place / "bin" / "python")
    if uv is None:
        make = (found, "-m", "venv", str(place))
        install = (made, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    else:
        make = (uv.find_uv_bin(), "venv", "--quiet", "--python", found, str(place))
        install = (uv.find_uv_bin(), "pip", "install", "--quiet", "--python", made)
    if not Path(made).exists():
        session.run(*make, external=True)
    session.run(*install, "awslambdaric", "boto3", external=True)
    return made


def interpreter_of(session: nox.Session, version: str) -> str | None:
    """Find a CPython on this machine; None where there is none."""
    question = (f"python{version}", "-c", "import sys; print(sys.executable)")
    with contextlib.suppress(CommandFailed):
        printed = session.run(*question, silent=True, external=True)
        return str(printed).strip().splitlines()[-1]
    return None


def check(
    session: nox.Session,
    *tests: str,
    names: tuple[str, ...],
    environment: dict[str, str] | None = None,
    **noted: str,
) -> None:
    """Run tests; if they pass, note the versions they passed with."""
    note = RESULTS / f"{session.name}.json"
    note.unlink(missing_ok=True)
    options = ("-q", "-p", "no:cacheprovider", "--numprocesses=2", REPEATABLE)
    session.run("pytest", *options, *tests, *session.posargs, env=environment)
    passed = {name: first_line(session, "python", "-c", show_version(name)) for name in names}
    passed["python"] = first_line(session, "python", "-c", SHOW_PYTHON)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps({**passed, **noted}, indent=1) + "\n", encoding="utf-8")


SHOW_PYTHON = "import platform; print(platform.python_version())"


def show_version(name: str) -> str:
    """Return a program that prints a distribution's version."""
    return f"from importlib.metadata import version; print(version({name!r}))"


def first_line(session: nox.Session, *command: str) -> str:
    """Return the first line a command prints."""
    printed = session.run(*command, silent=True, external=True)
    return str(printed).strip().splitlines()[0]


def pin(name: str, version: str) -> str:
    """Return a requirement; no version means the newest that the others allow."""
    return f"{name}=={version}" if version else name
