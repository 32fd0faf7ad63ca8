"""The typed factories make boto3's own clients with the arguments they are given."""

from __future__ import annotations

import inspect
import subprocess
import sys

import boto3
import boto3.session
import botocore.session
import pytest
from botocore.config import Config
from botocore.loaders import Loader

from boto3_agentcore_payments import control_client, payments_client

FACTORIES = {
    "bedrock-agentcore-payments": payments_client,
    "bedrock-agentcore-payments-control": control_client,
}
factories = pytest.mark.parametrize(("service", "factory"), FACTORIES.items(), ids=FACTORIES)


@factories
def test_client_is_of_the_service(service, factory):
    client = factory(region_name="us-west-2")

    assert type(client).__name__ == type(boto3.client(service, region_name="us-west-2")).__name__
    assert client.meta.region_name == "us-west-2"


@factories
def test_session_makes_the_client(service, factory):
    session = boto3.session.Session(region_name="eu-west-1")

    assert factory(session).meta.region_name == "eu-west-1"
    assert factory(session=session, region_name="us-east-1").meta.region_name == "us-east-1"


@factories
def test_default_session_makes_the_client(service, factory, monkeypatch):
    session = boto3.session.Session(region_name="ap-southeast-2")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    assert factory().meta.region_name == "ap-southeast-2"


@factories
def test_arguments_reach_the_client(service, factory):
    client = factory(
        region_name="us-west-2",
        endpoint_url="https://127.0.0.1:5005",
        verify=False,
        aws_access_key_id="one",
        aws_secret_access_key="two",
        aws_session_token="three",
        config=Config(connect_timeout=7),
    )
    credentials = client._request_signer._credentials

    assert client.meta.endpoint_url == "https://127.0.0.1:5005"
    assert client.meta.config.connect_timeout == 7
    assert client._endpoint.http_session._verify is False
    assert (credentials.access_key, credentials.secret_key, credentials.token) == (
        "one",
        "two",
        "three",
    )


@factories
def test_plain_http_is_boto3s_option(service, factory):
    client = factory(region_name="us-west-2", use_ssl=False)

    assert client.meta.endpoint_url.startswith("http://")


@factories
def test_version_of_the_api_is_boto3s_option(service, factory):
    there = factory(region_name="us-west-2").meta.service_model.api_version

    assert (
        factory(region_name="us-west-2", api_version=there).meta.service_model.api_version == there
    )
    with pytest.raises(Exception, match="1999-01-01"):
        factory(region_name="us-west-2", api_version="1999-01-01")


@factories
def test_every_argument_of_boto3_is_an_argument(service, factory):
    boto3s = inspect.signature(boto3.session.Session.client).parameters.keys()
    ours = inspect.signature(factory).parameters

    assert boto3s - {"self", "service_name"} <= ours.keys()
    assert {p.kind for p in list(ours.values())[1:]} == {inspect.Parameter.KEYWORD_ONLY}


@factories
def test_session_that_searches_nothing_else_finds_the_service(service, factory):
    core = botocore.session.Session()
    everything = Loader().search_paths
    core.register_component(
        "data_loader", Loader(extra_search_paths=everything, include_default_search_paths=False)
    )
    session = boto3.session.Session(botocore_session=core, region_name="us-west-2")

    assert factory(session).meta.service_model.service_name == service


@factories
def test_value_that_is_not_a_session_is_refused(service, factory):
    with pytest.raises(TypeError, match=r"takes a botocore or boto3 session, not str"):
        factory("us-west-2")


def test_boto3_is_imported_when_a_client_is_made():
    code = (
        "import sys; from boto3_agentcore_payments import payments_client; "
        "sys.exit('boto3' in sys.modules or 'boto3_agentcore_payments.types' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
