"""The built distribution, and virtual environments that hold it and the AWS SDK alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import pytest

ROOT = Path(__file__).resolve().parents[2]
SDK = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def pip(*arguments: object, python: Path | None = None) -> None:
    """Run this interpreter's pip, on another interpreter's packages where one is given."""
    target = ["--python", python] if python else []
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *target, *arguments],
        check=True,
        capture_output=True,
    )


@dataclass
class Environment:
    """A virtual environment, and a home directory for the programs that run in it."""

    directory: Path
    home: Path

    def __post_init__(self) -> None:
        self.config.write_text(
            "[default]\nregion = us-west-2\n[profile late]\nregion = eu-west-1\n"
        )

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def python(self) -> Path:
        return self.directory / SCRIPTS / "python"

    @property
    def site_packages(self) -> Path:
        return Path(sysconfig.get_path("purelib", vars={"base": str(self.directory)}))

    def run(self, code: str, *flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a piece of Python with few variables set, away from the repository."""
        return subprocess.run(
            [self.python, *flags, "-c", code],
            capture_output=True,
            check=False,
            cwd=self.home,
            env={
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_CONFIG_FILE": str(self.config),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "HOME": str(self.home),
                "PATH": os.environ["PATH"],
                **variables,
            },
            text=True,
        )

    def prints(self, code: str, *flags: str, **variables: str) -> str:
        """Run a piece of Python that must succeed and be silent on standard error."""
        answer = self.run(code, *flags, **variables)
        assert (answer.returncode, answer.stderr) == (0, "")
        return answer.stdout.strip()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository, where builds may leave their traces."""
    copy = tmp_path_factory.mktemp("checkout") / "repository"
    ignore = shutil.ignore_patterns(
        ".*", "__pycache__", "*.egg-info", "build", "dist", "htmlcov", "site"
    )
    shutil.copytree(ROOT, copy, ignore=ignore)
    return copy


@pytest.fixture(scope="session")
def build(checkout: Path) -> Callable[..., Path]:
    """Return a function that runs the build frontend and returns the one file asked for.

    It builds with this environment's setuptools; `make package` and nox build in isolation.
    """

    def build(kind: str, directory: Path, pattern: str, source: Path = checkout) -> Path:
        command = [sys.executable, "-m", "build", "--no-isolation", *([kind] if kind else [])]
        subprocess.run(
            [*command, "--outdir", directory, source],
            check=True,
            capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
        )
        (path,) = directory.glob(pattern)
        return path

    return build


@pytest.fixture(scope="session")
def wheel(build: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that is built from the checkout."""
    return build("--wheel", tmp_path_factory.mktemp("wheel"), "*.whl")


@pytest.fixture(scope="session")
def link_packages(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that makes a directory for ``sys.path`` of packages installed here."""

    def link_packages(*names: str) -> Path:
        directory = tmp_path_factory.mktemp("packages")
        for name in names:
            origin = Path(importlib.util.find_spec(name).origin)
            origin = origin.parent if origin.name == "__init__.py" else origin
            (directory / origin.name).symlink_to(origin)
        return directory

    return link_packages


@pytest.fixture(scope="session")
def sdk(link_packages: Callable[..., Path]) -> Path:
    """Return a directory to be put on ``sys.path``: the AWS SDK of this environment alone."""
    return link_packages(*SDK)


@pytest.fixture(scope="session")
def make_environment(
    tmp_path_factory: pytest.TempPathFactory, sdk: Path
) -> Callable[..., Environment]:
    """Return a function that makes an environment and installs into it.

    The AWS SDK is linked and not installed, which saves ten seconds an environment.
    """

    def make(*requirements: object, with_sdk: bool = True) -> Environment:
        directory = tmp_path_factory.mktemp("environment")
        venv.create(directory / "venv", symlinks=os.name != "nt")
        (directory / "home").mkdir()
        environment = Environment(directory / "venv", directory / "home")
        if with_sdk:
            (environment.site_packages / "sdk.pth").write_text(f"{sdk}\n", encoding="utf-8")
        if requirements:
            pip("install", "--no-deps", *requirements, python=environment.python)
        return environment

    return make


@pytest.fixture(scope="session")
def installed(make_environment: Callable[..., Environment], wheel: Path) -> Environment:
    """Return an environment that holds the wheel; tests must not change it."""
    return make_environment(wheel)


@pytest.fixture
def damageable(installed: Environment, tmp_path: Path) -> Environment:
    """Return a copy of the environment that holds the wheel, which may be damaged."""
    shutil.copytree(installed.directory, tmp_path / "venv", symlinks=True)
    (tmp_path / "home").mkdir()
    return Environment(tmp_path / "venv", tmp_path / "home")
