"""Whatever is wrong, other services keep working, and one warning says what it is."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest

from boto3_agentcore_payments import loader as hook
from boto3_agentcore_payments.damage import damage_of
from boto3_agentcore_payments.errors import AgentCorePaymentsWarning

DATA = "bedrock-agentcore-payments"
CONTROL = "bedrock-agentcore-payments-control"
SERVICE = Path(DATA, "2024-02-28", "service-2.json")


def remove_all(data: Path) -> None:
    shutil.rmtree(data)


def remove_service(data: Path) -> None:
    shutil.rmtree(data / DATA)


def remove_versions(data: Path) -> None:
    shutil.rmtree(data / DATA)
    (data / DATA).mkdir()


def remove_file(data: Path) -> None:
    (data / SERVICE).unlink()


def put_directory(data: Path) -> None:
    (data / SERVICE).unlink()
    (data / SERVICE).mkdir()


def put_file_for_service(data: Path) -> None:
    shutil.rmtree(data / DATA)
    (data / DATA).write_text("")


def truncate(data: Path) -> None:
    (data / SERVICE).write_bytes((data / SERVICE).read_bytes()[:5000])


def empty(data: Path) -> None:
    (data / SERVICE).write_bytes(b"")


def put_bytes(data: Path) -> None:
    (data / SERVICE).write_bytes(b"\xff\xfe\x00")


def put_list(data: Path) -> None:
    (data / SERVICE).write_text("[]")


def put_nothing(data: Path) -> None:
    (data / SERVICE).write_text("{}")


DAMAGES = [
    (remove_all, "cannot be read"),
    (remove_service, "cannot be read"),
    (remove_versions, "are missing"),
    (remove_file, "cannot be read"),
    (put_directory, "cannot be read"),
    (put_file_for_service, "cannot be read"),
    (truncate, "is damaged"),
    (empty, "is damaged"),
    (put_bytes, "is damaged"),
    (put_list, "is damaged"),
    (put_nothing, "is damaged"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGES)
def test_damaged_definitions_give_one_warning_and_an_unknown_service(
    extended, own_data, damage, words
):
    damage(own_data)
    loader = extended.Loader()
    with pytest.warns(AgentCorePaymentsWarning, match=f"{words}.*; install .* again") as record:  # noqa: PT031
        for _ in range(2):
            with pytest.raises(extended.UnknownServiceError, match=f"Unknown service: '{DATA}'"):
                loader.load_service_model(DATA, "service-2")
    assert len(record) == 1
    assert str(own_data) in str(record[0].message)


@pytest.mark.parametrize("damage", [damage for damage, _ in DAMAGES])
def test_damaged_definitions_leave_other_services_alone(pristine, extended, own_data, damage):
    damage(own_data)
    loader = extended.Loader()
    before = pristine.Loader().list_available_services("service-2")
    assert set(before) <= set(loader.list_available_services("service-2"))
    assert loader.load_service_model("sts", "service-2")


def test_damage_of_one_service_leaves_the_other(extended, own_data):
    remove_service(own_data)
    assert extended.Loader().load_service_model(CONTROL, "service-2")


def test_damaged_waiters_are_named(extended, own_data):
    (own_data / DATA / "2024-02-28" / "waiters-2.json").write_text("{")
    loader = extended.Loader()
    assert loader.load_service_model(DATA, "service-2")
    with (
        pytest.warns(AgentCorePaymentsWarning, match="waiters-2.json is damaged"),
        pytest.raises(extended.UnknownServiceError),
    ):
        loader.load_service_model(DATA, "waiters-2")


def test_the_unknown_service_error_does_not_offer_the_damaged_service(extended, own_data):
    truncate(own_data)
    with (
        pytest.warns(AgentCorePaymentsWarning),
        pytest.raises(extended.UnknownServiceError) as raised,
    ):
        extended.Loader().load_service_model(DATA, "service-2")
    known = str(raised.value).rpartition(": ")[2].split(", ")
    assert DATA not in known
    assert {CONTROL, "sts"} <= set(known)


def test_warning_made_an_error_names_the_damage(extended, own_data):
    truncate(own_data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AgentCorePaymentsWarning, match="is damaged"):
            extended.Loader().load_service_model(DATA, "service-2")


@pytest.mark.parametrize("name", sorted(hook.SERVICES))
def test_shipped_definitions_are_not_damaged(name):
    assert damage_of(str(Path(hook.data_directory(), name))) is None


def test_old_botocore_gives_one_warning_when_asked(old):
    loader = old.Loader()
    with pytest.warns(  # noqa: PT031
        AgentCorePaymentsWarning, match=r"botocore 1\.31\.0 or newer.*1\.30\.99"
    ) as given:
        for name in (DATA, CONTROL, DATA):
            with pytest.raises(old.UnknownServiceError):
                loader.load_service_model(name, "service-2")
    assert len(given) == 1


def test_old_botocore_that_finds_a_users_copy_gives_no_warning(old, models, recwarn):
    loader = old.create_loader(str(models(service_2={"whose": "mine"})))
    assert loader.load_service_model(DATA, "service-2")["whose"] == "mine"
    assert not recwarn.list


def test_old_botocore_is_left_unchanged(old, pristine, recwarn):
    assert old.Loader().load_service_model("sts", "service-2")
    before = pristine.Loader().list_available_services("service-2")
    assert old.Loader().list_available_services("service-2") == before
    assert not recwarn.list


@pytest.mark.parametrize("name", ["_potential_locations", "list_api_versions", "load_data"])
def test_loader_without_a_method_gives_one_warning_when_asked(pristine, extend, monkeypatch, name):
    monkeypatch.delattr(pristine.Loader, name)
    monkeypatch.setattr(pristine.Loader, "load_service_model", fail_as_botocore_does)
    extend(pristine)
    with pytest.warns(AgentCorePaymentsWarning, match=f"lacks {name}") as record:  # noqa: PT031
        for _ in range(2):
            with pytest.raises(LookupError, match="botocore's own error"):
                pristine.Loader().load_service_model(DATA, "x")
    assert len(record) == 1


def fail_as_botocore_does(*_):
    raise LookupError("botocore's own error")


def test_loader_we_do_not_know_that_finds_the_services_gives_no_warning(
    pristine, extend, monkeypatch, recwarn
):
    monkeypatch.delattr(pristine.Loader, "load_data")
    monkeypatch.setattr(pristine.Loader, "load_service_model", lambda *_: "botocore's own answer")
    extend(pristine)
    assert pristine.Loader().load_service_model(DATA, "x") == "botocore's own answer"
    assert not recwarn.list


@pytest.mark.parametrize("owner", ["Loader", "module"])
def test_loader_that_caches_or_finds_extras_otherwise_still_loads_ours(
    pristine, extend, monkeypatch, owner
):
    if owner == "Loader":
        monkeypatch.setattr(pristine.Loader, "load_service_model", lambda *_: "its own way")
        monkeypatch.delattr(pristine.Loader, "_find_extras")
    else:
        monkeypatch.delattr(pristine, "instance_cache")
    extend(pristine)
    assert pristine.Loader().load_service_model(DATA, "service-2")


@pytest.mark.parametrize("name", ["DataNotFoundError", "UnknownServiceError"])
def test_loader_module_without_an_error_gives_a_warning_when_asked(
    pristine, extend, monkeypatch, name
):
    monkeypatch.setattr(pristine.Loader, "load_service_model", fail_as_botocore_does)
    monkeypatch.delattr(pristine, name)
    extend(pristine)
    with pytest.warns(AgentCorePaymentsWarning, match=f"lacks {name}"):  # noqa: SIM117
        with pytest.raises(LookupError, match="botocore's own error"):
            pristine.Loader().load_service_model(DATA, "x")


def test_module_without_a_loader_is_left_alone(pristine, extend, monkeypatch):
    monkeypatch.delattr(pristine, "Loader")
    extend(pristine)
    assert not hook.is_extended(pristine.__name__)


def test_loader_without_load_service_model_is_left_alone(pristine, extend, monkeypatch):
    monkeypatch.delattr(pristine.Loader, "load_service_model")
    before = dict(vars(pristine.Loader))
    extend(pristine)
    assert dict(vars(pristine.Loader)) == before
