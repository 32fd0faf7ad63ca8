"""The errors that this package itself raises, in one small hierarchy.

An error answer of the service is botocore's ``ClientError``, as for any other service.
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
    """A command failed; its one-line message says why and, where it helps, what to do.

    The command line prints the message after the command's name and exits with status 1.
    """


class AgentCorePaymentsWarning(UserWarning):
    """The clients are not available; issued once, with the reason, when one is requested."""
