"""``python -m boto3_agentcore_payments``: the same as the ``agentcore-payments`` command."""

from __future__ import annotations

import sys

from boto3_agentcore_payments.cli import main

if __name__ == "__main__":
    sys.exit(main())
