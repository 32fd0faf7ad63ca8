"""Which services a loader lists and loads, and what it does for all the others."""

from __future__ import annotations

import pickle
import threading

import pytest

from boto3_agentcore_payments import loader as hook

DATA = "bedrock-agentcore-payments"
CONTROL = "bedrock-agentcore-payments-control"
OURS = [DATA, CONTROL]
SHIPPED = [
    "service-2",
    "service-2.sdk-extras",
    "paginators-1",
    "waiters-2",
    "endpoint-rule-set-1",
    "examples-1",
]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("type_name", SHIPPED)
def test_each_shipped_definition_is_loaded(extended, name, type_name):
    assert extended.Loader().load_service_model(name, type_name)


@pytest.mark.parametrize("name", OURS)
def test_keyword_arguments_are_taken(extended, name):
    loader = extended.Loader()
    version = loader.determine_latest_version(name, "service-2")
    model = loader.load_service_model(service_name=name, type_name="service-2", api_version=version)
    assert model["metadata"]["apiVersion"] == version


def test_a_model_is_loaded_once(extended):
    loader = extended.Loader()
    first = loader.load_service_model(DATA, "service-2")
    assert loader.load_service_model(DATA, "service-2") is first


@pytest.mark.parametrize("type_name", [*SHIPPED, "resources-1"])
def test_without_ours_the_list_is_that_of_botocore(pristine, extended, type_name):
    listed = extended.Loader().list_available_services(type_name)
    before = pristine.Loader().list_available_services(type_name)
    assert [name for name in listed if name not in OURS] == before
    assert listed == sorted(listed)
    assert (DATA in listed) is (type_name != "resources-1")


def test_loader_that_remembers_its_list_sees_ours(pristine, extend):
    loader = pristine.Loader()
    before = loader.list_available_services("service-2")
    assert DATA not in before
    extend(pristine)
    assert set(loader.list_available_services("service-2")) == {*before, *OURS}
    assert loader.list_available_services(type_name="service-2") == sorted([*before, *OURS])
    assert loader.load_service_model(DATA, "service-2")


def test_changing_the_listed_services_changes_no_later_answer(extended):
    loader = extended.Loader()
    loader.list_available_services("service-2").clear()
    assert DATA in loader.list_available_services("service-2")


def test_ours_are_loaded_without_listing_all_services(pristine, extend, monkeypatch):
    listings = []
    original = pristine.Loader.list_available_services
    monkeypatch.setattr(
        pristine.Loader,
        "list_available_services",
        lambda self, type_name: listings.append(type_name) or original(self, type_name),
    )
    extend(pristine)
    loader = pristine.Loader()
    for type_name in SHIPPED:
        loader.load_service_model(DATA, type_name)
    assert listings == []
    loader.load_service_model("sts", "service-2")
    assert listings == ["service-2"]


@pytest.mark.parametrize("name", ["sts", "s3", "bedrock-agentcore", "dynamodb"])
def test_other_services_load_as_before(pristine, extended, name):
    if name not in pristine.Loader().list_available_services("service-2"):
        pytest.skip("this botocore is older than the service")
    before = pristine.Loader().load_service_model(name, "service-2")
    assert extended.Loader().load_service_model(name, "service-2") == before


def test_other_services_go_through_the_original_with_the_arguments_as_given(
    pristine, extend, monkeypatch
):
    calls = []
    monkeypatch.setattr(
        pristine.Loader, "load_service_model", lambda *args, **kwargs: calls.append((args, kwargs))
    )
    extend(pristine)
    loader = pristine.Loader()
    loader.load_service_model("sts", "service-2", api_version=None)
    loader.load_service_model(service_name="s3", type_name="waiters-2")
    assert calls == [
        ((loader, "sts", "service-2"), {"api_version": None}),
        ((loader,), {"service_name": "s3", "type_name": "waiters-2"}),
    ]


@pytest.mark.parametrize("name", ["sts", "s3", None, "endpoints", "bedrock-agentcore-paymentsx"])
def test_directories_searched_for_others_are_those_of_botocore(pristine, extended, name):
    before = list(pristine.Loader()._potential_locations(name))
    assert list(extended.Loader()._potential_locations(name)) == before


def test_unknown_service_is_refused_as_before(pristine, extended):
    with pytest.raises(extended.UnknownServiceError) as raised:
        extended.Loader().load_service_model("no-such-service", "service-2")
    with pytest.raises(pristine.UnknownServiceError) as before:
        pristine.Loader().load_service_model("no-such-service", "service-2")
    assert str(raised.value).replace(f"{DATA}, {CONTROL}, ", "") == str(before.value)


def test_type_that_ours_lack_is_an_unknown_service(extended):
    with pytest.raises(extended.UnknownServiceError, match=f"Unknown service: '{DATA}'"):
        extended.Loader().load_service_model(DATA, "resources-1")


def test_api_version_that_ours_lack_is_not_found(extended):
    with pytest.raises(extended.DataNotFoundError, match="1999-01-01/service-2") as raised:
        extended.Loader().load_service_model(DATA, "service-2", "1999-01-01")
    assert raised.value.__context__ is None


def test_search_paths_do_not_show_ours(pristine, extended):
    assert extended.Loader().search_paths == pristine.Loader().search_paths


def test_search_paths_may_be_changed(extended, models):
    loader = extended.Loader()
    loader.search_paths.append(str(models("my-service", service_2={"metadata": {}})))
    assert {"my-service", DATA} <= set(loader.list_available_services("service-2"))


def test_ours_are_not_builtin(extended):
    loader = extended.Loader()
    _, path = loader.load_data_with_path(f"{DATA}/2024-02-28/service-2")
    assert path.startswith(hook.data_directory())
    assert not loader.is_builtin_path(path)


def test_loader_has_the_attributes_it_had_and_is_pickled_as_before(pristine, extended):
    loader = extended.Loader()
    loader.load_service_model(DATA, "paginators-1")
    assert vars(loader).keys() == vars(pristine.Loader()).keys()
    copy = pickle.loads(pickle.dumps(loader))  # noqa: S301 (its own)
    assert copy.load_service_model(DATA, "paginators-1")


def test_isolated_loader_does_not_see_ours(extended, models):
    directory = str(models("my-service", service_2={"metadata": {}}))
    loader = extended.Loader([directory], include_default_search_paths=False)
    assert loader.list_available_services("service-2") == ["my-service"]
    with pytest.raises(extended.UnknownServiceError):
        loader.load_service_model(DATA, "service-2")
    with pytest.raises(extended.DataNotFoundError):
        loader.load_data(f"{DATA}/2024-02-28/service-2")


def test_subclass_that_lists_fewer_services_is_obeyed(extended):
    class Restricted(extended.Loader):
        def list_available_services(self, type_name):
            return [name for name in super().list_available_services(type_name) if name == "sts"]

    with pytest.raises(extended.UnknownServiceError):
        Restricted().load_service_model(DATA, "service-2")
    assert Restricted().load_service_model("sts", "service-2")


def test_loader_whose_list_is_replaced_is_obeyed(extended, monkeypatch):
    loader = extended.Loader()
    monkeypatch.setattr(loader, "list_available_services", lambda _: ["sts"])
    with pytest.raises(extended.UnknownServiceError):
        loader.load_service_model(DATA, "service-2")


def test_subclass_that_loads_otherwise_is_obeyed(extended):
    class Elsewhere(extended.Loader):
        def load_data(self, name):
            return {"loaded": name}

    model = Elsewhere().load_service_model(DATA, "service-2", "2024-02-28")
    assert model == {
        "loaded": f"{DATA}/2024-02-28/service-2",
    }


def test_extending_again_changes_nothing(extended, extend):
    before = dict(vars(extended.Loader))
    extend(extended)
    assert dict(vars(extended.Loader)) == before
    assert hook.is_extended(extended.__name__)


def test_threads_extend_once_and_all_see_ours(pristine, extend, monkeypatch):
    original = pristine.Loader.load_service_model
    monkeypatch.setattr(hook, "MODULES", (pristine.__name__,))
    barrier = threading.Barrier(8)
    seen = []

    def work():
        barrier.wait()
        hook.extend()
        seen.append(bool(pristine.Loader().load_service_model(DATA, "paginators-1")))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 8
    assert pristine.Loader.load_service_model.__wrapped__ is original


def test_module_that_is_blocked_is_left_alone(monkeypatch):
    monkeypatch.setattr(hook, "MODULES", ("blocked_for_a_test",))
    monkeypatch.setitem(hook.sys.modules, "blocked_for_a_test", None)
    hook.extend()
    assert not hook.is_extended("blocked_for_a_test")
