"""The start-up hook: ``boto3_agentcore_payments.pth`` and ``.start`` call ``start``.

Up to Python 3.14 the ``.pth`` file has the interpreter wait for the first import of ``botocore``,
``boto3``, ``awscli`` or ``moto`` before it loads this module; from Python 3.15 on the ``.start``
file has it loaded at start.

``start`` puts this module in front of ``sys.meta_path``. ``find_spec`` looks each imported name up
in the table ``WAITING`` and does nothing for any other; when a module of the table has been
executed, the function named there is called. Nothing else is imported, read or changed, and no
error gets out. ``BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD=0`` in the environment switches it off: then all
that is left is a warning for whoever asks botocore for one of the services. See SECURITY.md.

It lies beside the package and not inside it, because importing the package is the other, explicit
way to activate it. It makes no class and has few types, because a start of Python may wait for it.
"""

import sys

WAITING = {
    "botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "awscli.botocore.loaders": "boto3_agentcore_payments.loader:extend",
    "moto.backend_index": "boto3_agentcore_payments.emulator.activation:activate",
}
"""Module to wait for: function to call, with no argument, once that module has been executed."""

OPTED_OUT = {
    "botocore.loaders": "_boto3_agentcore_payments_startup:explain",
    "awscli.botocore.loaders": "_boto3_agentcore_payments_startup:explain",
}
"""What there is to wait for after an opt-out."""

waiting: "dict[str, str]" = {}
"""The table in force: empty, ``OPTED_OUT`` or ``WAITING``."""

told: "list[str]" = []
"""The service whose absence has been explained, once that has happened."""

__module__ = __name__  # Who looks through the finders asks each for it: the AWS CLI does.

state = "not run"
"""``not run``, ``opted out`` or ``waiting``: what ``start`` did in this process."""

problems: "dict[str, Exception]" = {}
"""Errors of the functions called, by the module waited for; ``doctor`` prints them."""

searching: "list[str]" = []
"""Names that ``find_spec`` is asking other finders for."""


def start() -> None:
    """Begin to wait, unless the user opted out. This is all that the start-up files call."""
    global state
    try:
        # ``site``, through which this is called, has imported ``os``.
        if sys.modules["os"].environ.get("BOTO3_AGENTCORE_PAYMENTS_AUTOLOAD") != "0":
            install()
            state = "waiting"
        elif not waiting:  # importing the package, which says more than the variable, comes first
            install(OPTED_OUT)
            state = "opted out"
    except Exception as error:
        problems["start"] = error


def install(table: "dict[str, str] | None" = None) -> None:
    """Put this module in front of the finders, once; make up for modules that are there already."""
    global waiting
    table = WAITING if table is None else table
    if waiting is not table or sys.modules[__name__] not in sys.meta_path:
        waiting = table
        if sys.modules[__name__] not in sys.meta_path:
            sys.meta_path.insert(0, sys.modules[__name__])  # pyright: ignore[reportArgumentType]
        for name in table:
            if sys.modules.get(name):
                notify(name)


def notify(name: str) -> None:
    """Call the function that waits for a module; no error gets out."""
    try:
        module, _, function = waiting[name].partition(":")
        getattr(__import__(module, fromlist=[function]), function)()
    except Exception as error:
        problems[name] = error


def explain() -> None:
    """Have botocore's loaders say why they do not know the services; they stay as they are."""
    for name in OPTED_OUT:
        loader = getattr(sys.modules.get(name), "Loader", None)
        if loader and not hasattr(loader.load_service_model, "explained"):
            loader.load_service_model = make_explanation(loader.load_service_model)


def make_explanation(original):
    """Make a ``load_service_model`` that warns once; ``explained`` is the one it stands before."""

    def load_service_model(self, *args, **kwargs):
        try:
            return original(self, *args, **kwargs)
        except Exception as error:
            name = str(args[0] if args else kwargs.get("service_name"))
            if type(error).__name__ != "UnknownServiceError" or told:
                raise
            if name.startswith("bedrock-agentcore-payments"):
                told.append(name)
                __import__("warnings").warn(
                    "The AgentCore payments clients are switched off by BOTO3_AGENTCORE_PAYMENTS_"
                    "AUTOLOAD=0; import boto3_agentcore_payments to have them.",
                    stacklevel=2,
                )
            raise

    load_service_model.__dict__["explained"] = original
    return load_service_model


def find_spec(fullname, path=None, target=None):
    """Return what the finders after this one find for a module of the table, with our loader."""
    # Another finder may ask this one in its turn, which must come to an end.
    if fullname not in waiting or searching.count(fullname) > 8:
        return None
    searching.append(fullname)
    try:
        after = False
        for finder in list(sys.meta_path):
            if after and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, path, target)
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = make_loader(spec.loader)  # pyright: ignore[reportAttributeAccessIssue]
                    return spec
            after = after or finder is sys.modules[__name__]
    finally:
        searching.remove(fullname)
    return None


def make_loader(loader):
    """Make what stands before a module's own loader until the module is executed."""

    class Loader:
        def __getattr__(self, name):
            return getattr(loader, name)

        def exec_module(self, module):
            # The module must know its own loader, during its execution and after.
            if getattr(module, "__loader__", None) is self:
                module.__loader__ = loader
            if module.__spec__.loader is self:
                module.__spec__.loader = loader
            loader.exec_module(module)
            notify(module.__spec__.name)

    return Loader()
