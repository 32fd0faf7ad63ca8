"""The module that runs at interpreter start: what it waits for, and what it leaves alone."""

from __future__ import annotations

import ast
import copy
import importlib.util
import itertools
import subprocess
import sys
import threading
import types
import zipfile
from pathlib import Path

import pytest

import _boto3_agentcore_payments_startup as startup

SOURCE = Path(startup.__file__)
STARTUP_LINE = (SOURCE.parent / "boto3_agentcore_payments.pth").read_text()
OPT_OUT = "BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD"

_numbers = itertools.count()


@pytest.fixture
def hook(monkeypatch):
    """Return a second start-up module, which is not in front of the finders yet."""
    name = f"startup_copy_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(name, SOURCE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    return module


@pytest.fixture
def calls(hook, tmp_path, monkeypatch):
    """Return the calls made for ``waited_for``, an importable module that the hook waits for."""
    made = []
    notified = types.ModuleType("notified")
    notified.call = lambda: made.append(sys.modules["waited_for"].VALUE)
    monkeypatch.setitem(sys.modules, "notified", notified)
    monkeypatch.setitem(hook.WAITING, "waited_for", "notified:call")
    hook.finder.table = {"waited_for": hook.notify}
    (tmp_path / "waited_for.py").write_text("VALUE = 1\nLOADER = __loader__\nSPEC = __spec__\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield made
    sys.modules.pop("waited_for", None)


def test_it_imports_nothing_but_sys():
    imported = [node for node in ast.walk(ast.parse(SOURCE.read_text())) if "Import" in str(node)]
    assert [ast.unparse(node) for node in imported] == ["import sys"]


def test_start_loads_no_module():
    script = (
        "import os, sys; before = set(sys.modules); sys.path.insert(0, sys.argv[1]);"
        "import _boto3_agentcore_payments_startup as hook; hook.start();"
        "print(sorted(set(sys.modules) - before), hook.state, sys.meta_path[0] is hook.finder)"
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(SOURCE.parent)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert answer.stdout == "['_boto3_agentcore_payments_startup'] waiting True\n"


def test_table_names_functions_that_exist():
    for target in startup.WAITING.values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_function_is_called_after_the_module_was_executed(hook, calls):
    hook.install()
    assert importlib.import_module("waited_for").VALUE == 1
    assert calls == [1]


def test_module_knows_its_own_loader_during_and_after_execution(hook, calls):
    hook.install()
    module = importlib.import_module("waited_for")
    assert calls
    assert type(module.LOADER).__name__ == "SourceFileLoader"
    assert module.__loader__ is module.__spec__.loader is module.SPEC.loader is module.LOADER


def test_reload_calls_again(hook, calls):
    hook.install()
    module = importlib.import_module("waited_for")
    assert importlib.reload(module) is module
    assert calls == [1, 1]


def test_module_that_is_there_already_is_noticed_at_once(hook, calls):
    importlib.import_module("waited_for")
    assert calls == []
    hook.install()
    assert calls == [1]


@pytest.mark.skipif(sys.version_info < (3, 10), reason="zipimport had no exec_module before 3.10")
def test_module_of_a_zip_file_is_noticed(hook, calls, tmp_path, monkeypatch):
    (tmp_path / "waited_for.py").unlink()
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("waited_for.py", "VALUE = 2\n")
        archive.writestr("other.py", "")
    monkeypatch.syspath_prepend(tmp_path / "zipped.zip")
    hook.install()
    module = importlib.import_module("waited_for")
    assert calls == [2]
    assert module.__spec__.loader.get_source("waited_for") == "VALUE = 2\n"
    assert module.__loader__ is module.__spec__.loader


def test_lazy_loader_is_noticed_when_it_loads(hook, calls, monkeypatch):
    hook.install()
    spec = importlib.util.find_spec("waited_for")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "waited_for", module)
    spec.loader.exec_module(module)
    assert calls == []
    assert module.VALUE == 1
    assert calls == [1]


def test_unused_spec_answers_as_the_loader_does(hook, calls):
    hook.install()
    spec = importlib.util.find_spec("waited_for")
    assert spec.loader.get_source("waited_for").startswith("VALUE = 1")
    assert spec.loader.path == spec.origin
    assert not hasattr(spec.loader, "no_such_attribute")
    assert calls == []


def test_module_that_fails_to_execute_fails_as_before(hook, calls, tmp_path):
    (tmp_path / "waited_for.py").write_text("raise RuntimeError('from within')\n")
    hook.install()
    with pytest.raises(RuntimeError, match="from within"):
        importlib.import_module("waited_for")
    assert calls == []
    assert "waited_for" not in sys.modules


def test_module_that_is_not_there_is_not_found_as_before(hook, calls, tmp_path):
    (tmp_path / "waited_for.py").unlink()
    hook.install()
    with pytest.raises(ModuleNotFoundError, match="No module named 'waited_for'"):
        importlib.import_module("waited_for")
    assert calls == []


@pytest.mark.parametrize(
    "target", ["notified:missing", "no_such_package.module:call", "notified:fails", "nonsense"]
)
def test_function_that_fails_is_remembered_and_not_raised(hook, calls, monkeypatch, target):
    sys.modules["notified"].fails = lambda: 1 / 0
    monkeypatch.setitem(hook.WAITING, "waited_for", target)
    hook.install()
    assert importlib.import_module("waited_for").VALUE == 1
    assert list(hook.problems) == ["waited_for"]


def test_other_modules_are_left_to_the_other_finders(hook):
    hook.install()
    for name in ("json", "sys", "no_such_module", "botocore"):
        assert hook.finder.find_spec(name) is None


def test_finders_that_ask_one_another_come_to_an_end(hook, calls, monkeypatch):
    class Asking:
        def find_spec(self, fullname, path=None, target=None):
            for finder in sys.meta_path:
                if finder is not self:
                    spec = finder.find_spec(fullname, path, target)
                    if spec is not None:
                        return spec
            return None

    hook.install()
    monkeypatch.setattr(sys, "meta_path", [sys.meta_path[0], Asking(), *sys.meta_path[1:]])
    assert importlib.import_module("waited_for").VALUE == 1
    assert set(calls) == {1}
    assert not hook.finder.asking


def test_finder_without_find_spec_is_passed_over(hook, calls, monkeypatch):
    hook.install()
    monkeypatch.setattr(sys, "meta_path", [sys.meta_path[0], object(), *sys.meta_path[1:]])
    assert hook.finder.find_spec("waited_for", None).name == "waited_for"
    assert calls == []


def test_finder_that_was_taken_out_finds_nothing(hook, calls):
    assert hook.finder.find_spec("waited_for") is None
    assert calls == []


def test_installing_again_changes_nothing(hook, calls):
    hook.install()
    hook.install()
    assert sys.meta_path.count(hook.finder) == 1
    assert calls == []


def test_threads_importing_at_once_call_once(hook, calls):
    hook.install()
    barrier = threading.Barrier(8)

    def work():
        barrier.wait()
        importlib.import_module("waited_for")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_start_waits(hook, monkeypatch):
    monkeypatch.delenv(OPT_OUT, raising=False)
    hook.start()
    assert (hook.state, sys.meta_path[0]) == ("waiting", hook.finder)


def test_start_does_nothing_after_an_opt_out(hook, monkeypatch):
    monkeypatch.setenv(OPT_OUT, "0")
    before = list(sys.meta_path)
    hook.start()
    assert (hook.state, sys.meta_path) == ("opted out", before)


def test_opt_out_does_not_undo_an_import_of_the_package(hook, monkeypatch):
    monkeypatch.setenv(OPT_OUT, "0")
    hook.install()
    hook.start()
    assert sys.meta_path[0] is hook.finder


@pytest.mark.parametrize("value", ["1", "", "true"])
def test_other_values_do_not_switch_it_off(hook, monkeypatch, value):
    monkeypatch.setenv(OPT_OUT, value)
    hook.start()
    assert hook.state == "waiting"


def test_start_never_raises(hook, monkeypatch):
    monkeypatch.setattr(hook, "install", lambda: 1 / 0)
    monkeypatch.delenv(OPT_OUT, raising=False)
    hook.start()
    assert isinstance(hook.problems["start"], ZeroDivisionError)


def test_start_up_line_is_one_line_that_python_accepts():
    assert STARTUP_LINE.count("\n") == 1
    assert STARTUP_LINE.startswith("import sys; ")
    compile(STARTUP_LINE, "boto3_agentcore_payments.pth", "exec")


@pytest.fixture
def waiting(monkeypatch):
    """Return the finder that the start-up line puts in front, and the calls of ``start``."""
    started = []
    monkeypatch.setattr(startup, "start", lambda: started.append(True))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    exec(STARTUP_LINE, {})  # noqa: S102 (as site does)
    return sys.meta_path[0], started


def test_loader_that_is_only_looked_at_may_be_copied(hook, calls):
    hook.install()
    spec = importlib.util.find_spec("waited_for")
    assert copy.copy(spec.loader).path == spec.origin


@pytest.mark.parametrize("name", ["awscli", "boto3", "botocore", "moto", "awscrt", "_awscrt"])
def test_start_up_line_starts_at_the_first_import_of_interest(waiting, name):
    finder, started = waiting
    assert finder.find_spec(name) is None
    assert started == [True]


@pytest.mark.parametrize("name", ["json", "botocore.loaders", "boto3_agentcore_payments", "x"])
def test_start_up_line_lets_other_imports_pass(waiting, name):
    finder, started = waiting
    assert finder.find_spec(name, path=None, target=None) is None
    assert started == []


def test_start_up_line_never_raises(waiting, monkeypatch):
    finder, _ = waiting
    monkeypatch.setattr(startup, "start", lambda: 1 / 0)
    assert finder.find_spec("botocore", None) is None


def test_each_module_waited_for_belongs_to_a_package_of_the_start_up_line():
    for name in startup.WAITING:
        assert f'"{name.partition(".")[0]}"' in STARTUP_LINE


def test_start_file_names_the_function_that_the_start_up_line_calls():
    entry = (SOURCE.parent / "boto3_agentcore_payments.start").read_text().strip()
    module, _, function = entry.partition(":")
    assert (module, function) == (startup.__name__, "start")
    assert f"import {module} as hook; hook.{function}()" in STARTUP_LINE
