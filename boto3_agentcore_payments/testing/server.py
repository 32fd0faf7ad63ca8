"""A live endpoint for code in other processes and languages, and the account behind it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.testing.account import newest_open
from boto3_agentcore_payments.testing.environment import CREDENTIALS
from boto3_agentcore_payments.testing.payments import AgentCorePayments

if TYPE_CHECKING:
    from contextlib import ExitStack

_HOST = "127.0.0.1"


class PaymentsServer(AgentCorePayments):
    """An account whose clients speak HTTP to a server on this machine.

    The server is ``agentcore-payments serve`` in a thread of this process, on a free port. It is
    one emulator with ``mock_aws`` in this process, which resets it when it begins and ends.

    Args:
        options: What the account looks like.

    Attributes:
        url: Where the server listens, e.g. ``http://127.0.0.1:41234``.
    """

    url = ""

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead AWS's SDKs and CLI, in any process, to the server."""
        return {
            **CREDENTIALS,
            "AWS_DEFAULT_REGION": self.options.region,
            "AWS_REGION": self.options.region,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "BEDROCK_AGENTCORE_CP_ENDPOINT": self.url,
            "BEDROCK_AGENTCORE_DP_ENDPOINT": self.url,
        }

    def reset(self) -> None:
        """Begin again: nothing made, nothing paid, no merchant open but those of the seed.

        While another account of this process is open its resources stay, those of the server with
        them.
        """
        self._forget()
        if newest_open() is self:
            from moto.moto_api._internal.models import moto_api_backend

            from boto3_agentcore_payments.emulator.backend import seeding

            seeding.returning(moto_api_backend.reset)
            seed = self.options.seed
            if seed is not None and not (self._start and seeding.is_known(self._start)):
                self._plant(seed)  # a mock_aws that began meanwhile has reset moto
            if self.options.new_account:
                self.emulator.new_account()
                self._do_all_but_grant()
        self._note_earlier()

    def _enter(self, opening: ExitStack) -> None:
        from boto3_agentcore_payments.cli.web import application, connections, guard, hand_over
        from boto3_agentcore_payments.emulator import install

        install()
        server = connections.Server(_HOST, 0, application.create(guard.Guard(_HOST)), None)
        thread = threading.Thread(target=server.run, name="agentcore-payments", daemon=True)
        thread.start()
        opening.callback(thread.join)
        opening.callback(server.stop)
        self.url = server.url
        opening.enter_context(hand_over.leading_to(self.url))

    def _client_arguments(self) -> dict[str, Any]:
        return {
            **super()._client_arguments(),
            "endpoint_url": self.url,
            "aws_access_key_id": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }
