"""What users put into AWS_DATA_PATH and ~/.aws/models under our services' names wins over ours."""

from __future__ import annotations

import json

import pytest

from boto3_agentcore_payments import loader as hook

DATA = "bedrock-agentcore-payments"
VERSION = "2024-02-28"
MINE = {"metadata": {"apiVersion": VERSION}, "whose": "mine"}


def test_aws_data_path_wins(extended, models):
    loader = extended.create_loader(str(models(service_2=MINE)))
    assert loader.load_service_model(DATA, "service-2")["whose"] == "mine"


def test_home_directory_wins(extended, models, monkeypatch):
    monkeypatch.setattr(extended.Loader, "CUSTOMER_DATA_PATH", str(models(service_2=MINE)))
    assert extended.Loader().load_service_model(DATA, "service-2")["whose"] == "mine"


def test_aws_data_path_wins_over_home_directory(extended, models, tmp_path, monkeypatch):
    home = tmp_path / "home" / DATA / VERSION
    home.mkdir(parents=True)
    (home / "service-2.json").write_text(json.dumps({**MINE, "whose": "home"}))
    monkeypatch.setattr(extended.Loader, "CUSTOMER_DATA_PATH", str(tmp_path / "home"))
    loader = extended.create_loader(str(models(service_2=MINE)))
    assert loader.load_service_model(DATA, "service-2")["whose"] == "mine"


def test_what_botocore_itself_may_once_ship_wins(extended, models, monkeypatch):
    monkeypatch.setattr(extended.Loader, "BUILTIN_DATA_PATH", str(models(service_2=MINE)))
    assert extended.Loader().load_service_model(DATA, "service-2")["whose"] == "mine"


def test_later_api_version_wins(extended, models):
    loader = extended.create_loader(str(models(version="2031-01-01", service_2=MINE)))
    assert loader.list_api_versions(DATA, "service-2") == [VERSION, "2031-01-01"]
    assert loader.load_service_model(DATA, "service-2")["whose"] == "mine"


def test_earlier_api_version_does_not_win_but_may_be_asked_for(extended, models):
    loader = extended.create_loader(str(models(version="2001-01-01", service_2=MINE)))
    assert "whose" not in loader.load_service_model(DATA, "service-2")
    assert loader.load_service_model(DATA, "service-2", "2001-01-01")["whose"] == "mine"


def test_file_that_a_users_copy_lacks_comes_from_ours(extended, models):
    loader = extended.create_loader(str(models(service_2=MINE)))
    assert loader.load_service_model(DATA, "paginators-1", VERSION)["pagination"]


def test_extras_of_a_user_are_merged_once(extended, models):
    extras = {"merge": {"metadata": {"tags": "extra"}}}
    loader = extended.create_loader(str(models(service_2__sdk_extras=extras)))
    model = loader.load_service_model(DATA, "service-2")
    assert model["metadata"]["tags"] == "extra"
    assert loader.load_service_model(DATA, "service-2") is model


def test_extras_may_be_switched_off(extended, models):
    directory = str(models(service_2__sdk_extras={"merge": {"metadata": {"tags": "extra"}}}))
    loader = extended.Loader([directory], include_default_extras=False)
    assert "tags" not in loader.load_service_model(DATA, "service-2")["metadata"]


def test_isolated_loader_takes_a_users_copy(extended, models):
    loader = extended.Loader([str(models(service_2=MINE))], include_default_search_paths=False)
    assert loader.load_service_model(DATA, "service-2")["whose"] == "mine"


def test_isolated_loader_may_name_our_directory(extended):
    loader = extended.Loader([hook.data_directory()], include_default_search_paths=False)
    assert DATA in loader.list_available_services("service-2")
    assert loader.load_service_model(DATA, "service-2")


@pytest.mark.parametrize("content", ["{", "", "\xff"])
def test_damaged_copy_of_a_user_is_reported_by_botocore(extended, models, content, recwarn):
    loader = extended.create_loader(str(models(service_2=content)))
    with pytest.raises(json.JSONDecodeError):
        loader.load_service_model(DATA, "service-2")
    assert not recwarn.list


def test_odd_copy_of_a_user_is_loaded_as_botocore_does(extended, models):
    loader = extended.create_loader(str(models(service_2=[])))
    assert loader.load_service_model(DATA, "service-2") == []
