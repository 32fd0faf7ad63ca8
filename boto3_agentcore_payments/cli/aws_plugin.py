"""A plugin for the AWS CLI v1, for use when start-up activation is switched off.

In ``~/.aws/config``::

    [plugins]
    agentcore-payments = boto3_agentcore_payments.cli.aws_plugin

The CLI imports the module named there, and importing this package is what activates it.
"""

from __future__ import annotations


def awscli_initialize(event_hooks: object) -> None:
    """Do nothing: importing this module has activated the clients, but the CLI requires a function.

    Args:
        event_hooks: The CLI's event emitter.
    """
