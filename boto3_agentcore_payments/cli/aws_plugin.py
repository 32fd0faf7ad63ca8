"""A plugin for the AWS CLI v1, for where start-up activation is switched off.

In ``~/.aws/config``::

    [plugins]
    agentcore-payments = boto3_agentcore_payments.cli.aws_plugin

The CLI imports the module named there, and importing this package is what activates it.
"""

from __future__ import annotations


def awscli_initialize(event_hooks: object) -> None:
    """Do what the AWS CLI asks of a plugin; there is nothing left to do.

    Args:
        event_hooks: The CLI's event emitter.
    """
