"""``register``: one session, whatever its loader searches."""

from __future__ import annotations

import subprocess
import sys

import boto3.session
import botocore.loaders
import botocore.session
import pytest

import boto3_agentcore_payments
from boto3_agentcore_payments import loader as hook
from boto3_agentcore_payments import register

DATA = "bedrock-agentcore-payments"
REGION = "us-west-2"


@pytest.fixture
def isolated():
    """Return a botocore session whose loader has listed its services and does not see ours."""
    session = botocore.session.Session()
    loader = botocore.loaders.Loader(
        [botocore.loaders.Loader.BUILTIN_DATA_PATH + "/."], include_default_search_paths=False
    )
    session.register_component("data_loader", loader)
    assert DATA not in session.get_available_services()
    return session


def test_session_with_an_isolated_loader_gets_our_services(isolated):
    register(isolated)
    assert DATA in isolated.get_available_services()
    assert isolated.create_client(DATA, region_name=REGION).meta.service_model.service_name == DATA


def test_boto3_session_is_taken(isolated):
    session = boto3.session.Session(botocore_session=isolated)
    register(session)
    assert session.client(DATA, region_name=REGION).meta.service_model.service_name == DATA


def test_registering_again_changes_nothing(isolated):
    register(isolated)
    paths = list(isolated.get_component("data_loader").search_paths)
    register(isolated)
    assert isolated.get_component("data_loader").search_paths == paths
    assert paths[-1] == hook.data_directory()


def test_ordinary_session_needs_no_change():
    session = boto3.session.Session()
    paths = list(session._loader.search_paths)
    register(session)
    assert session._loader.search_paths == paths


def test_configuration_is_not_settled_early(tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[profile late]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    session = botocore.session.Session()
    register(session)
    assert "data_loader" in session._components._deferred
    session.set_config_variable("profile", "late")
    assert session.get_config_variable("region") == "eu-west-1"
    assert DATA in session.get_available_services()


@pytest.mark.parametrize("value", [None, "default", 1, boto3, object])
def test_value_that_is_not_a_session_is_refused(value):
    with pytest.raises(TypeError, match=r"takes a botocore or boto3 session, not \w+"):
        register(value)


def test_version_is_that_of_the_distribution():
    assert boto3_agentcore_payments.__version__ == "0.1.0"


def test_unknown_attribute_is_refused():
    with pytest.raises(AttributeError, match=r"'boto3_agentcore_payments' has no attribute 'x'"):
        _ = boto3_agentcore_payments.x


def test_importing_the_package_imports_little():
    script = (
        "import sys; before = set(sys.modules); import boto3_agentcore_payments;"
        "print(*sorted(set(sys.modules) - before))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    loaded = set(answer.stdout.split())
    assert "boto3_agentcore_payments" in loaded
    assert not {
        name
        for name in loaded
        if name.startswith(("boto3.", "botocore", "boto3_agentcore_payments."))
    }
