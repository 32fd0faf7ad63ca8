"""install-models and uninstall-models, on directories of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from boto3_agentcore_payments import loader
from boto3_agentcore_payments.cli import main, model_copies, packaged_models
from boto3_agentcore_payments.cli.model_copies import Condition

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = "bedrock-agentcore-payments"
DEFINITION = "2024-02-28/service-2.json"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory with something of the user's in it, but no .aws."""
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    (home / "work" / "notes.txt").write_text("mine\n")
    monkeypatch.setenv("HOME", str(home))
    return home


def contents(directory: Path) -> dict[str, bytes | str | None]:
    """Every path below a directory: a file's bytes, a link's target, None for a directory."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = path.read_bytes() if path.is_file() else None
    return found


def set_version(directory: Path, version: str) -> None:
    """Make the installed copies say that another version of this package wrote them."""
    for service in loader.SERVICES:
        path = directory / service / model_copies.MANIFEST
        path.write_text(json.dumps({**json.loads(path.read_text()), "version": version}))


def put_foreign(home: Path) -> Path:
    """What ``aws configure add-model`` leaves behind."""
    place = home / ".aws" / "models" / SERVICE / DEFINITION
    place.parent.mkdir(parents=True)
    place.write_text('{"theirs": true}')
    return place


def test_both_services_are_installed_complete_and_as_plain_json(home: Path) -> None:
    assert main(["install-models"]) == 0
    for service in loader.SERVICES:
        installed = home / ".aws" / "models" / service
        visible = {
            path.relative_to(installed).as_posix(): path.read_bytes()
            for path in installed.glob("[0-9]*/*")
        }
        assert visible == packaged_models.files(service)
        assert all(json.loads(content) for content in visible.values())


def test_install_and_uninstall_leave_a_home_directory_byte_identical(home: Path) -> None:
    before = contents(home)
    assert main(["install-models"]) == 0
    assert contents(home) != before
    assert main(["uninstall-models"]) == 0
    assert contents(home) == before


def test_directories_that_were_there_stay(home: Path) -> None:
    (home / ".aws" / "models").mkdir(parents=True)
    before = contents(home)
    main(["install-models"])
    main(["uninstall-models"])
    assert contents(home) == before


def test_a_directory_made_for_the_copies_stays_once_something_else_is_in_it(home: Path) -> None:
    main(["install-models"])
    (home / ".aws" / "config").write_text("[default]\n")
    main(["uninstall-models"])
    assert contents(home / ".aws") == {"config": b"[default]\n"}


def test_installing_twice_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["install-models"])
    before = contents(home)
    capsys.readouterr()
    assert main(["install-models"]) == 0
    assert contents(home) == before
    assert capsys.readouterr().out.count("already up to date") == len(loader.SERVICES)


def test_uninstalling_twice_is_not_an_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["install-models"])
    main(["uninstall-models"])
    capsys.readouterr()
    assert main(["uninstall-models"]) == 0
    assert capsys.readouterr().out.count("not installed") == len(loader.SERVICES)
    assert not (home / ".aws").exists()


def test_a_directory_given_is_used_and_named(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "some" / "where"
    assert main(["install-models", "--directory", str(target)]) == 0
    assert (target / SERVICE / DEFINITION).is_file()
    assert f"export AWS_DATA_PATH={target}" in capsys.readouterr().out
    assert not (home / ".aws").exists()
    assert main(["uninstall-models", "--directory", str(target)]) == 0
    assert not (tmp_path / "some").exists()


def test_an_empty_directory_in_a_copys_place_is_taken(home: Path) -> None:
    place = home / ".aws" / "models" / SERVICE
    place.mkdir(parents=True)
    assert main(["install-models"]) == 0
    assert (place / DEFINITION).is_file()
    assert model_copies.inspect(place.parent, SERVICE).condition is Condition.CURRENT


def test_files_that_this_command_did_not_install_are_not_overwritten(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_foreign(home)
    before = contents(home)
    assert main(["install-models"]) == 1
    assert contents(home) == before
    assert capsys.readouterr().err == (
        f"agentcore-payments install-models: {home}/.aws/models/{SERVICE} "
        "was not installed by this command; --force replaces it\n"
    )


def test_files_replaced_with_force_are_restored(home: Path) -> None:
    put_foreign(home)
    before = contents(home)
    assert main(["install-models", "--force"]) == 0
    assert model_copies.inspect(home / ".aws/models", SERVICE).condition is Condition.CURRENT
    assert main(["uninstall-models"]) == 0
    assert contents(home) == before


def test_a_link_that_force_replaced_comes_back(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    models = home / ".aws" / "models"
    models.mkdir(parents=True)
    (models / SERVICE).symlink_to(elsewhere)
    before = contents(home)
    assert main(["install-models"]) == 1
    assert main(["install-models", "--force"]) == 0
    assert contents(elsewhere) == {}
    assert main(["uninstall-models"]) == 0
    assert contents(home) == before


def test_uninstall_leaves_alone_what_it_did_not_install(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_foreign(home)
    before = contents(home)
    assert main(["uninstall-models"]) == 0
    assert contents(home) == before
    assert "not installed by this command, left alone" in capsys.readouterr().out


def test_an_older_copy_is_reported_and_updated(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = home / ".aws" / "models"
    packaged = packaged_models.files
    monkeypatch.setattr(
        packaged_models,
        "files",
        lambda service: {**packaged(service), "2024-02-28/gone-1.json": b"{}"},
    )
    main(["install-models"])
    monkeypatch.setattr(packaged_models, "files", packaged)
    monkeypatch.setattr(packaged_models, "package_version", lambda: "99.1")
    assert model_copies.inspect(models, SERVICE).condition is Condition.OLDER
    capsys.readouterr()
    assert main(["install-models"]) == 0
    assert "updated from the older copy of" in capsys.readouterr().out
    assert model_copies.inspect(models, SERVICE).condition is Condition.CURRENT
    assert not (models / SERVICE / "2024-02-28" / "gone-1.json").exists()
    main(["uninstall-models"])
    assert not (home / ".aws").exists()


def test_a_newer_copy_is_not_replaced_unless_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install-models"])
    set_version(home / ".aws" / "models", "99.1")
    assert main(["install-models"]) == 1
    assert "holds a copy from the newer version 99.1; --force" in capsys.readouterr().err
    assert main(["install-models", "--force"]) == 0


def test_a_changed_file_is_not_overwritten_unless_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install-models"])
    changed = home / ".aws" / "models" / SERVICE / DEFINITION
    changed.write_text("{}")
    assert main(["install-models"]) == 1
    assert f"was changed since it was installed ({DEFINITION})" in capsys.readouterr().err
    assert changed.read_text() == "{}"
    assert main(["install-models", "--force"]) == 0
    assert changed.read_bytes() == packaged_models.files(SERVICE)[DEFINITION]


def test_uninstall_keeps_a_changed_file_and_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["install-models"])
    changed = home / ".aws" / "models" / SERVICE / DEFINITION
    changed.write_text("{}")
    assert main(["uninstall-models"]) == 1
    assert f"{changed}: changed since it was installed, kept" in capsys.readouterr().err
    assert [path for path, content in contents(home / ".aws").items() if content is not None] == [
        f"models/{SERVICE}/{DEFINITION}"
    ]


def test_a_file_put_beside_ours_survives_update_and_removal(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["install-models"])
    beside = home / ".aws" / "models" / SERVICE / "2024-02-28" / "paginators-1.sdk-extras.json"
    beside.write_text("{}")
    set_version(home / ".aws" / "models", "0.0")
    monkeypatch.setattr(packaged_models, "package_version", lambda: "7")
    assert main(["install-models"]) == 0
    main(["uninstall-models"])
    assert beside.read_text() == "{}"
    assert [path for path in beside.parent.parent.rglob("*") if path.is_file()] == [beside]


def test_a_missing_file_is_put_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["install-models"])
    (home / ".aws" / "models" / SERVICE / DEFINITION).unlink()
    capsys.readouterr()
    assert main(["install-models"]) == 0
    assert "repaired" in capsys.readouterr().out
    assert model_copies.inspect(home / ".aws/models", SERVICE).condition is Condition.CURRENT


def test_an_interrupted_update_can_be_finished(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["install-models"])
    set_version(home / ".aws" / "models", "0.0")
    monkeypatch.setattr(packaged_models, "package_version", lambda: "7")
    replace, calls = type(home).replace, []

    def fail_at_the_third(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(type(home), "replace", fail_at_the_third)
    assert main(["install-models"]) == 1
    assert model_copies.inspect(home / ".aws/models", SERVICE).condition is Condition.INCOMPLETE
    monkeypatch.setattr(type(home), "replace", replace)
    assert main(["install-models"]) == 0
    assert model_copies.inspect(home / ".aws/models", SERVICE).condition is Condition.CURRENT
    assert main(["uninstall-models"]) == 0
    assert not (home / ".aws").exists()


def test_a_failed_installation_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(home)

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(type(home), "replace", fail)
    assert main(["install-models"]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert contents(home) == before


def test_damaged_definitions_are_not_installed(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(packaged_models, "root", lambda: tmp_path)
    packaged_models.files.cache_clear()
    assert main(["install-models"]) == 1
    packaged_models.files.cache_clear()
    shown = capsys.readouterr().err
    assert "cannot be read" in shown
    assert shown.endswith("install boto3-agentcore-payments again\n")
    assert not (home / ".aws").exists()


def test_nothing_is_put_among_the_services_of_aws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "endpoints.json").write_text("{}")
    assert main(["install-models", "--directory", str(tmp_path), "--force"]) == 1
    assert capsys.readouterr().err == (
        f"agentcore-payments install-models: {tmp_path} holds AWS's own service definitions; "
        "give a directory of its own\n"
    )


def test_a_file_in_place_of_the_directory_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "file"
    place.write_text("")
    assert main(["install-models", "--directory", str(place)]) == 1
    assert capsys.readouterr().err == (
        f"agentcore-payments install-models: {place} is not a directory\n"
    )


def test_a_directory_that_cannot_be_made_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "models"
    assert main(["install-models", "--directory", str(place)]) == 1
    assert (
        capsys.readouterr().err == f"agentcore-payments install-models: {place}: Not a directory\n"
    )


def test_an_unwritable_directory_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, whom no permission stops, so the system's answer is made here.
    place = tmp_path / "models"

    def refuse(path: Path, *_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(place), "mkdir", refuse)
    assert main(["install-models", "--directory", str(place)]) == 1
    assert capsys.readouterr().err == (
        f"agentcore-payments install-models: {place}: Permission denied\n"
    )


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        '{"format": 2}',
        '{"format": 1, "version": "1", "files": {"../../x": "0"}, "former": {}}',
    ],
    ids=["empty", "no object", "another format", "leads outside"],
)
def test_a_manifest_that_is_not_ours_makes_a_copy_foreign(home: Path, manifest: str) -> None:
    main(["install-models"])
    (home / ".aws" / "models" / SERVICE / model_copies.MANIFEST).write_text(manifest)
    assert model_copies.inspect(home / ".aws/models", SERVICE).condition is Condition.FOREIGN
