"""The start-up hook: ``boto3_agentcore_payments.pth`` and ``.start`` call ``start``.

Up to Python 3.14 the ``.pth`` file waits for the first import of ``botocore``, ``boto3``,
``awscli`` or ``moto`` before it loads this module; from Python 3.15 on the ``.start`` file loads it
when Python starts.

``start`` puts a ``Finder`` in front of ``sys.meta_path``. It looks each imported name up in the
table ``WAITING`` and does nothing for any other; once a module of the table has been executed, it
calls the function named there. Nothing else is imported, read or changed, and no error gets out.
``BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD=0`` in the environment switches all of it off. See SECURITY.md.

This module lies beside the package and not inside it, because importing the package is the other,
explicit way to activate it. It imports nothing but ``sys``, because a start of Python waits for it.
pytest is there later, and would warn that it comes too late to rewrite it: PYTEST_DONT_REWRITE.
"""

import sys

WAITING = {
    "botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "awscli.botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "moto.backend_index": "boto3_agentcore_payments.emulator.activation:activate",
}
"""Module to wait for: function to call, without arguments, once that module has been executed."""

state = "not run"
"""``not run``, ``opted out`` or ``waiting``: what ``start`` did in this process."""

problems: "dict[str, Exception]" = {}
"""Errors of the functions called, by the module waited for; ``doctor`` prints them."""


class Finder:
    """A meta-path finder that calls a function once a module of its table has been executed.

    Args:
        table: Module to wait for: function to call with that module; it must not raise.
    """

    def __init__(self, table):
        self.table = table
        self.asking = set()

    def install(self):
        """Go in front of the finders, once; call for the modules that are there already."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        for name, function in self.table.items():
            if sys.modules.get(name):
                function(sys.modules[name])

    def find_spec(self, fullname, path=None, target=None):
        """Return what the finders after this one find for a module of the table."""
        if fullname not in self.table:
            return None
        # A finder after this one may ask this one in its turn, which must come to an end.
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
    """Stands before a module's own loader until the module is executed, then calls a function."""

    def __init__(self, loader, function):
        self.loader = loader
        self.function = function

    def __getattr__(self, name):
        if name == "loader":  # one that is being copied or unpickled has none yet
            raise AttributeError(name)
        return getattr(self.loader, name)

    def exec_module(self, module):
        """Execute the module with its own loader, which is the only one it gets to know."""
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self.loader
        if module.__spec__.loader is self:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.function(module)


def start() -> None:
    """Begin to wait, unless the user opted out. This is all that the start-up files call."""
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
    """Begin to wait, whatever the environment says. Importing the package calls this."""
    finder.install()


def notify(module):
    """Call the function that waits for a module; no error gets out."""
    name = module.__name__
    try:
        where, _, function = WAITING[name].partition(":")
        getattr(__import__(where, fromlist=[function]), function)()
    except Exception as error:
        problems[name] = error


finder = Finder(dict.fromkeys(WAITING, notify))
"""The one finder of this process."""
