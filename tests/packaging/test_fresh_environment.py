"""The wheel in an environment of its own: activation, opt-out, faults, and what users override."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = pytest.mark.packaging

DATA = "bedrock-agentcore-payments"
CONTROL = "bedrock-agentcore-payments-control"
OPT_OUT = {"BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD": "0"}
CLIENT = f"import boto3; print(boto3.client('{DATA}').meta.service_model.service_name)"
OURS_LOADED = "import sys; print(*sorted(name for name in sys.modules if 'agentcore' in name))"


@pytest.mark.parametrize("name", [DATA, CONTROL])
def test_client_is_there_with_no_import(installed, name):
    assert installed.prints(CLIENT.replace(DATA, name)) == name


@pytest.mark.parametrize("flag", ["-E", "-s", "-O", "-B", "-u"])
def test_interpreter_flags_do_not_matter(installed, flag):
    assert installed.prints(CLIENT, flag) == DATA


def test_isolated_mode_does_not_matter(installed):
    code = f"import boto3; print(boto3.client('{DATA}', 'us-east-1').meta.region_name)"
    assert installed.prints(code, "-I") == "us-east-1"


def test_without_site_nothing_happens(installed):
    assert installed.prints(OURS_LOADED, "-S") == ""


def test_interpreter_that_uses_no_sdk_loads_nothing(installed):
    assert installed.prints(OURS_LOADED) == ""


def test_start_entry_does_what_the_start_up_line_does(make_environment, wheel):
    environment = make_environment(wheel)
    (environment.site_packages / "boto3_agentcore_payments.pth").unlink()
    entry = (environment.site_packages / "boto3_agentcore_payments.start").read_text().strip()
    code = f"import pkgutil; pkgutil.resolve_name('{entry}')(); {OURS_LOADED}; {CLIENT}"
    assert environment.prints(code).split() == ["_boto3_agentcore_payments_startup", DATA]


def test_sdk_loads_no_emulator(installed):
    code = f"{CLIENT}; {OURS_LOADED}"
    assert "emulator" not in installed.prints(code)


def test_spawned_process_has_the_client(installed):
    (installed.home / "spawning.py").write_text(
        "import boto3, multiprocessing\n"
        "def name(service):\n"
        "    return boto3.client(service).meta.service_model.service_name\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        f"        print(pool.apply(name, ('{DATA}',)))\n"
    )
    code = "import runpy; runpy.run_path('spawning.py', run_name='__main__')"
    assert installed.prints(code) == DATA


def test_opt_out_leaves_botocore_without_the_services(installed):
    code = (
        "import sys, boto3, botocore.exceptions\n"
        "try:\n"
        f"    boto3.client('{DATA}')\n"
        "except botocore.exceptions.UnknownServiceError:\n"
        "    print('unknown')\n"
        f"{OURS_LOADED}"
    )
    assert installed.prints(code, **OPT_OUT) == "unknown\n_boto3_agentcore_payments_startup"


def test_opt_out_leaves_botocore_as_it_is(installed):
    code = (
        "import boto3, botocore.loaders, sys\n"
        "Loader = botocore.loaders.Loader\n"
        "print({getattr(Loader, name).__module__ for name in dir(Loader) if 'load' in name})\n"
        "print([f for f in sys.meta_path if 'agentcore' in type(f).__module__])"
    )
    assert installed.prints(code, "-W", "error", **OPT_OUT) == "{'botocore.loaders'}\n[]"


def test_import_after_a_refusal_activates(installed):
    code = (
        "import boto3\n"
        "try:\n"
        f"    boto3.client('{DATA}')\n"
        "except Exception:\n"
        "    import boto3_agentcore_payments\n"
        f"{CLIENT}"
    )
    assert installed.prints(code, **OPT_OUT) == DATA


def test_import_activates_where_start_up_is_switched_off(installed):
    assert installed.prints(f"import boto3_agentcore_payments; {CLIENT}", **OPT_OUT) == DATA


def test_import_activates_a_default_session_that_was_used_before(installed):
    code = (
        "import boto3\n"
        "boto3.client('sts')\n"
        f"assert '{DATA}' not in boto3.DEFAULT_SESSION.get_available_services()\n"
        "import boto3_agentcore_payments\n"
        f"assert '{DATA}' in boto3.DEFAULT_SESSION.get_available_services()\n"
        f"{CLIENT}"
    )
    assert installed.prints(code, **OPT_OUT) == DATA


def test_reloading_botocore_keeps_the_client(installed):
    code = f"import importlib, botocore.loaders; importlib.reload(botocore.loaders); {CLIENT}"
    assert installed.prints(code) == DATA


def test_profile_set_after_import_is_used(installed):
    code = (
        "import boto3_agentcore_payments, botocore.session\n"
        "session = botocore.session.Session()\n"
        "boto3_agentcore_payments.register(session)\n"
        "session.set_config_variable('profile', 'late')\n"
        f"print(session.create_client('{DATA}').meta.region_name)"
    )
    assert installed.prints(code) == "eu-west-1"


def write_copy(directory, whose):
    target = directory / DATA / "2031-01-01"
    target.mkdir(parents=True, exist_ok=True)
    (target / "service-2.json").write_text(json.dumps({"metadata": {"whose": whose}}))


WHOSE = (
    "import botocore.session; loader = botocore.session.Session().get_component('data_loader');"
    f"print(loader.load_service_model('{DATA}', 'service-2')['metadata']['whose'])"
)


def test_copy_in_the_home_directory_wins(installed, tmp_path):
    write_copy(tmp_path / ".aws" / "models", "home")
    assert installed.prints(WHOSE, HOME=str(tmp_path)) == "home"


def test_copy_in_aws_data_path_wins(installed, tmp_path):
    write_copy(tmp_path / ".aws" / "models", "home")
    write_copy(tmp_path / "models", "path")
    variables = {"HOME": str(tmp_path), "AWS_DATA_PATH": str(tmp_path / "models")}
    assert installed.prints(WHOSE, **variables) == "path"


def test_command_is_installed(installed):
    program = str(installed.python.with_name("agentcore-payments"))
    code = (
        f"import subprocess; print(subprocess.check_output([{program!r}, '--version'], text=True))"
    )
    assert "0.1.0" in installed.prints(code)


def test_directory_on_pythonpath_needs_the_import(make_environment, wheel, tmp_path):
    environment = make_environment()
    from_target = tmp_path / "target"
    shutil.unpack_archive(wheel, from_target, "zip")
    answer = environment.run(CLIENT, PYTHONPATH=str(from_target))
    assert "UnknownServiceError" in answer.stderr
    code = f"import boto3_agentcore_payments; {CLIENT}"
    assert environment.prints(code, PYTHONPATH=str(from_target)) == DATA


@pytest.mark.parametrize("name", ["packages.zip", "boto3_agentcore_payments.whl"])
def test_archive_on_the_path_is_said_to_be_the_reason(make_environment, wheel, tmp_path, name):
    archive = shutil.copy(wheel, tmp_path / name)
    answer = make_environment().run(
        f"import boto3_agentcore_payments; {CLIENT}", PYTHONPATH=str(archive)
    )
    assert "UnknownServiceError" in answer.stderr
    assert (
        f"AgentCorePaymentsWarning: boto3-agentcore-payments was imported from within {archive}, "
        "and botocore reads service definitions from directories only; install it with pip, or "
        "unpack the archive and put the directory on sys.path in its place."
    ) in answer.stderr


@pytest.mark.parametrize(
    "hook",
    [
        "import typeguard; typeguard.install_import_hook(None)",
        "import beartype.claw; beartype.claw.beartype_all()",
    ],
    ids=["typeguard", "beartype"],
)
def test_checking_the_types_of_every_package_hides_nothing(
    make_environment, link_packages, wheel, hook
):
    environment = make_environment(wheel)
    checkers = link_packages("typeguard", "beartype", "typing_extensions")
    code = f"{hook}; import boto3; boto3.client('s3'); {CLIENT}"
    answer = environment.run(code, PYTHONPATH=str(checkers))
    assert (answer.returncode, answer.stdout) == (0, f"{DATA}\n"), answer.stderr
    assert "agentcore" not in answer.stderr.lower()


def test_without_botocore_all_is_silent(make_environment, wheel):
    environment = make_environment(wheel, with_sdk=False)
    assert (
        environment.prints("import boto3_agentcore_payments as p; print(p.__version__)") == "0.1.0"
    )
    assert environment.run("import botocore").stderr.count("ModuleNotFoundError") == 1


def test_damaged_definitions_are_said_once_when_asked_for(damageable):
    shutil.rmtree(damageable.site_packages / "boto3_agentcore_payments" / "data")
    assert damageable.prints("import boto3; boto3.client('sts'); print('fine')") == "fine"
    code = (
        "import boto3, botocore.exceptions\n"
        "for _ in range(2):\n"
        "    try:\n"
        f"        boto3.client('{DATA}')\n"
        "    except botocore.exceptions.UnknownServiceError as error:\n"
        "        print(type(error).__name__)\n"
    )
    answer = damageable.run(code)
    assert answer.returncode == 0
    assert answer.stdout.split() == ["UnknownServiceError"] * 2
    assert answer.stderr.count("AgentCorePaymentsWarning: The service definitions in") == 1
    assert "Traceback" not in answer.stderr


def test_start_up_file_left_behind_alone_is_silent(damageable):
    shutil.rmtree(damageable.site_packages / "boto3_agentcore_payments")
    assert damageable.prints("import boto3; boto3.client('sts'); print('fine')") == "fine"
    (damageable.site_packages / "_boto3_agentcore_payments_startup.py").unlink()
    shutil.rmtree(damageable.site_packages / "__pycache__")
    assert (damageable.site_packages / "boto3_agentcore_payments.pth").exists()
    assert damageable.prints("import boto3; boto3.client('sts'); print('fine')") == "fine"


@pytest.mark.parametrize("text", ["(", "raise SystemError", "1 / 0"])
def test_start_up_module_that_is_damaged_is_silent(damageable, text):
    (damageable.site_packages / "_boto3_agentcore_payments_startup.py").write_text(text)
    shutil.rmtree(damageable.site_packages / "__pycache__", ignore_errors=True)
    assert damageable.prints("import boto3; boto3.client('sts'); print('fine')") == "fine"
