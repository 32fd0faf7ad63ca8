"""The start-up hook: ``boto3_agentcore_payments.pth`` and ``.start`` call ``start``.

Up to Python 3.14 the ``.pth`` file waits for the first import of ``botocore``, ``boto3``,
``awscli`` or ``moto`` before it loads this module; from Python 3.15 on the ``.start`` file loads it
when Python starts.

``start`` puts a ``Finder`` at the front of ``sys.meta_path``. The finder handles only the modules
in the table ``WAITING``: once such a module has been executed, it calls the function named there.
It imports, reads and changes nothing else, and no error escapes.
``BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD=0`` in the environment switches all of it off. See SECURITY.md.

This module is beside the package, not inside it, because importing the package is the other,
explicit way to activate the clients. It imports only ``sys``, because it delays Python's start.
It is imported before pytest starts, which would warn that it can no longer rewrite the module's
assertions; the following word prevents that warning: PYTEST_DONT_REWRITE.
"""

import sys

WAITING = {
    "botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "awscli.botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "moto.backend_index": "boto3_agentcore_payments.emulator.activation:activate",
}
"""Module to wait for -> function to call, without arguments, once it has been executed."""

state = "not run"
"""``not run``, ``opted out`` or ``waiting``: what ``start`` did in this process."""

problems: "dict[str, Exception]" = {}
"""Errors raised by the called functions, by module waited for; ``doctor`` prints them."""


class Finder:
    """A meta-path finder that calls a function once a module of its table has been executed.

    Args:
        table: Module to wait for -> function to call with that module; it must not raise.
    """

    def __init__(self, table):
        self.table = table
        self.asking = set()

    def install(self):
        """Become the first finder, once; handle modules that are already imported at once."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        for name, function in self.table.items():
            if sys.modules.get(name):
                function(sys.modules[name])

    def find_spec(self, fullname, path=None, target=None):
        """Return the later finders' spec for a module of the table, with our loader around it."""
        if fullname not in self.table:
            return None
        # A later finder may call this one again; that must not recurse without end.
        asked = fullname, sys.modules["_thread"].get_ident()
        finders = list(sys.meta_path)
        if asked in self.asking or self not in finders:
            return None
        self.asking.add(asked)
        try:
            for finder in finders[finders.index(self) + 1 :]:
                find = getattr(finder, "find_spec", None)
                spec = find(fullname, path, target) if find else None
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = Loader(spec.loader, self.table[fullname])
                    return spec
        finally:
            self.asking.discard(asked)
        return None


class Loader:
    """Wrap a module's own loader until the module is executed, then call a function."""

    def __init__(self, loader, function):
        self.loader = loader
        self.function = function

    def __getattr__(self, name):
        if name == "loader":  # not set yet while an instance is copied or unpickled
            raise AttributeError(name)
        return getattr(self.loader, name)

    def exec_module(self, module):
        """Execute the module with its own loader, the only one that the module ever sees."""
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self.loader
        if module.__spec__.loader is self:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.function(module)


def start() -> None:
    """Begin to wait, unless the user opted out. The start-up files call only this."""
    global state
    try:
        # ``site``, which calls this, has imported ``os``.
        if sys.modules["os"].environ.get("BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD") == "0":
            state = "opted out"
        else:
            state = "waiting"
            install()
    except Exception as error:
        problems["start"] = error


def install() -> None:
    """Begin to wait, even if the environment opts out. Importing the package calls this."""
    finder.install()


def notify(module):
    """Call the function that waits for a module; no error escapes."""
    name = module.__name__
    try:
        where, _, function = WAITING[name].partition(":")
        getattr(__import__(where, fromlist=[function]), function)()
    except Exception as error:
        problems[name] = error


finder = Finder(dict.fromkeys(WAITING, notify))
"""This process's only finder."""
