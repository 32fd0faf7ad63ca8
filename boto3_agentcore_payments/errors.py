"""Every error this package itself raises, in one small hierarchy.

What the service answers to a client stays botocore's ``ClientError``; nothing here replaces it.
"""

from __future__ import annotations


class AgentCorePaymentsError(Exception):
    """Base of every error raised by this package."""


class MissingExtraError(AgentCorePaymentsError, ImportError):
    """A library that belongs to one of this package's extras is not installed.

    Args:
        what: What was asked for, as the user named it ("the emulator", "a Solana proof").
        extra: Name of the extra that brings it, without brackets.
        module: The module whose import failed.
    """

    def __init__(self, what: str, *, extra: str, module: str) -> None:
        self.extra = extra
        super().__init__(
            f"{what} needs {module!r}, which is not installed; "
            f"run: pip install 'boto3-agentcore-payments[{extra}]'",
            name=module,
        )


class CommandError(AgentCorePaymentsError):
    """A command cannot go on; its one-line message says why and, where it helps, what to do.

    The command line prints it after the command's name and ends with status 1.
    """


class AgentCorePaymentsWarning(UserWarning):
    """The clients are not available, and why; given once, when one of them is asked for."""
