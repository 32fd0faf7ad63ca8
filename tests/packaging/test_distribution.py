"""What is in the wheel and in the source distribution, and every way to install them."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli.diagnosis import installation

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).resolve().parents[2]
DATA = "bedrock-agentcore-payments"
CLIENT = f"import boto3; print(boto3.client('{DATA}').meta.service_model.service_name)"
SUFFIXES = {".css", ".html", ".js", ".py", ".pyi"}
STARTUP = [
    "_boto3_agentcore_payments_pytest.py",
    "_boto3_agentcore_payments_startup.py",
    "boto3_agentcore_payments.pth",
    "boto3_agentcore_payments.start",
]


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return email.message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def from_sdist(build, tmp_path_factory):
    """Return the wheel that is built from the source distribution."""
    return build("", tmp_path_factory.mktemp("from_sdist"), "*.whl")


def test_wheel_holds_the_package_its_data_and_the_start_up_files_alone(names, checkout):
    package = checkout / "boto3_agentcore_payments"
    expected = {
        path.relative_to(checkout).as_posix()
        for path in package.rglob("*")
        if path.is_file() and (path.suffix in SUFFIXES or path.name == "py.typed")
    }
    expected |= {
        f"boto3_agentcore_payments/{path.relative_to(checkout).as_posix()}"
        for path in (checkout / "data").rglob("*.json")
    }
    assert {name for name in names if ".dist-info/" not in name} == expected | set(STARTUP)


def test_start_up_files_are_those_of_the_repository(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in STARTUP:
            assert archive.read(name) == (ROOT / name).read_bytes()


def test_wheel_from_the_sdist_is_the_wheel_from_the_checkout_byte_for_byte(wheel, from_sdist):
    assert from_sdist.name == wheel.name
    assert from_sdist.read_bytes() == wheel.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_wheel_built_under_another_umask_is_the_same_byte_for_byte(
    wheel, build, checkout, tmp_path
):
    before = os.umask(0o077)
    try:
        # As git would write a checkout: under this umask as well.
        copy = tmp_path / "repository"
        shutil.copytree(checkout, copy, copy_function=shutil.copyfile)
        other = build("--wheel", tmp_path, "*.whl", copy)
    finally:
        os.umask(before)
    assert other.read_bytes() == wheel.read_bytes()


def test_metadata_says_who_where_and_for_what(metadata):
    assert (metadata["Name"], metadata["Version"]) == ("boto3-agentcore-payments", "0.1.0")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Requires-Python"] == ">=3.9"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert not [value for value in metadata.get_all("Classifier") if value.startswith("License")]
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert {"Changelog", "Documentation", "Homepage", "Issues", "Security"} == {
        value.partition(",")[0] for value in metadata.get_all("Project-URL")
    }


def test_base_installation_needs_the_sdk_alone(metadata):
    base = [value for value in metadata.get_all("Requires-Dist") if "extra ==" not in value]
    assert base == [
        f"boto3>={installation.OLDEST_BOTO3}",
        f"botocore>={loader.OLDEST_BOTOCORE}",
    ]
    extras = {"dev", "emulator", "mcp", "merchant", "mpp", "pay"}
    assert extras == set(metadata.get_all("Provides-Extra"))


def test_emulator_needs_the_moto_that_the_doctor_asks_for(metadata):
    required = metadata.get_all("Requires-Dist")
    assert f'moto[server]>={installation.OLDEST_MOTO}; extra == "emulator"' in required


def tool(name):
    path = Path(sys.executable).with_name(name)
    return pytest.param(
        path,
        marks=pytest.mark.skipif(not path.exists(), reason=f"{name} is not installed"),
        id=name,
    )


@pytest.mark.parametrize("program", [tool("check-wheel-contents")])
def test_contents_pass_the_checker(program, wheel):
    subprocess.run([program, wheel], check=True, cwd=ROOT)


@pytest.mark.parametrize("program", [tool("twine")])
def test_description_renders_on_a_package_index(program, wheel, from_sdist):
    subprocess.run(
        [program, "check", "--strict", wheel, *from_sdist.parent.glob("*.tar.gz")], check=True
    )


@pytest.mark.parametrize("program", [tool("validate-pyproject")])
def test_pyproject_is_valid(program):
    subprocess.run([program, ROOT / "pyproject.toml"], check=True)


@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_editable_installation_has_the_client_with_no_import(make_environment, checkout, mode):
    environment = make_environment("--config-settings", f"editable_mode={mode}", "-e", checkout)
    assert environment.prints(CLIENT) == DATA
    where = environment.prints("import boto3_agentcore_payments as p; print(p.__file__)")
    assert checkout in Path(where).parents


def test_checkout_on_the_path_needs_the_import_alone(make_environment):
    code = f"import boto3_agentcore_payments; {CLIENT}"
    assert make_environment().prints(code, PYTHONPATH=str(ROOT)) == DATA


def test_uninstalling_leaves_nothing(make_environment, wheel):
    environment = make_environment()
    before = sorted(environment.site_packages.iterdir())
    pip = [sys.executable, "-m", "pip", "-q", "--python", environment.python]
    subprocess.run([*pip, "install", "--no-deps", wheel], check=True)
    environment.prints(CLIENT)
    subprocess.run([*pip, "uninstall", "-y", "boto3-agentcore-payments"], check=True)
    left = {path for path in environment.site_packages.iterdir() if path.name != "__pycache__"}
    assert sorted(left) == before
