"""The verbs of the control surface behind the pages where a person takes over from an agent.

They tell what the pages show, with linked accounts masked. What a person does there is one of the
other verbs: ``give_grant``, ``revoke_grant``, ``fund_wallet``, ``approve_authorization`` or
``fail_authorization``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend import places
from boto3_agentcore_payments.emulator.engine import account as accounts
from boto3_agentcore_payments.emulator.engine import hand_over, instruments
from boto3_agentcore_payments.emulator.engine.finding import connector_status
from boto3_agentcore_payments.emulator.engine.ledger import CHAINS

if TYPE_CHECKING:
    from boto3_agentcore_payments.emulator.engine.state import PaymentsState


class HandOverVerbs:
    """The verbs; the class that has all of them adds the place."""

    account_id: str | None
    region: str | None

    def wallet_hub(self, link: str) -> dict[str, Any]:
        """Return what the WalletHub of ``serve`` shows of a wallet: user, funds, signing grant.

        Args:
            link: The 12 hexadecimal digits at the end of the instrument's ``redirectUrl``.

        Returns:
            The instrument, with its linked accounts masked; ``balances`` in USDC by chain;
            ``granted`` and ``grant_ends``; ``grant_days``, which a grant may last; and whether the
            vendor's project lets others sign at all (``delegated_signing``).

        Raises:
            ResourceNotFoundException: if no wallet has this link.
        """
        # Only these need moto.
        from boto3_agentcore_payments.emulator.backend.dashboard import MASK
        from boto3_agentcore_payments.emulator.backend.overview import held

        def show(state: PaymentsState) -> dict[str, Any]:
            with state.lock:
                instrument = hand_over.require_wallet(state, link)
                address = instruments.wallet_address(state, instrument)
                grant = state.account.grant(instrument.identifier, state.clock())
                return {
                    **_place(state),
                    "instrument_id": instrument.identifier,
                    "user": instrument.user,
                    "linked_accounts": [
                        dict.fromkeys(linked, MASK) for linked in instrument.linked_accounts
                    ],
                    "network": instrument.network,
                    "wallet_address": address,
                    "status": instrument.lifecycle.current(),
                    "chains": list(CHAINS[instrument.network]),
                    "balances": held(state, address, instrument.network),
                    "granted": grant.given,
                    "grant_ends": grant.ends,
                    "grant_days": list(accounts.GRANT_DAYS),
                    "delegated_signing": state.account.settings.delegated_signing[
                        instrument.vendor
                    ],
                }

        return places.where_found(self._places(), show)

    def consent(self, request_uri: str) -> dict[str, Any]:
        """Return what the consent page of ``serve`` shows of a quick create.

        Args:
            request_uri: The parameter of the connector's ``authorizationUrl``, decoded.

        Returns:
            The connector, with its status; and when the consent runs out (``consent_ends``), which
            is ``None`` once it was answered.

        Raises:
            ResourceNotFoundException: if no connector has this ``authorizationUrl``.
        """

        def show(state: PaymentsState) -> dict[str, Any]:
            with state.lock:
                connector = hand_over.require_consent(state, request_uri)
                status = connector_status(state, connector)
                return {
                    **_place(state),
                    "connector_id": connector.identifier,
                    "manager_id": connector.manager_id,
                    "name": connector.name,
                    "type": connector.type,
                    "status": status,
                    "consent_ends": connector.authorization_ends,
                }

        return places.where_found(self._places(), show)

    def _places(self) -> list[PaymentsState]:
        return places.states(self.account_id, self.region)


def _place(state: PaymentsState) -> dict[str, str]:
    return {"account_id": state.account_id, "region": state.region}
