"""The verbs of the control surface that make a known start, and return to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3_agentcore_payments.emulator.backend import places, seeding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike


class SeedVerbs:
    """The verbs; the class that has all of them adds the place."""

    account_id: str | None
    region: str | None

    def seed(self, start: Mapping[str, Any] | str | PathLike[str]) -> dict[str, Any]:
        """Make managers, connectors, wallets, sessions, funds and merchants from one document.

        :meth:`reset` returns to it, and so does ``/moto-api/reset``. In Python it is forgotten, and
        its merchants are closed, when moto is reset, as ``mock_aws`` does when it begins.

        Args:
            start: ``{"managers": [{"name": ..., "connectors": [{"name": ..., "type": ...,
                "wallets": [{"user": ..., "network": ..., "funds": "5.00"}]}], "sessions":
                [{"user": ..., "minutes": 60, "limit": "2.00"}]}], "merchants": [{"kind":
                "x402_merchant", "price": "0.02"}]}``; funds and limits in US dollars, merchants
                with the arguments of the functions of :mod:`boto3_agentcore_payments.merchants`. In
                Python also the path of a JSON or YAML file.

        Returns:
            What was made, in the form of the document: names or users, ids, and merchants' URLs.

        Raises:
            ValueError: if something in it is wrong, with its place; then nothing is made.
            OSError: if the file cannot be read.
            MissingExtraError: if the extra of a merchant is not installed, or PyYAML for YAML.
        """
        return seeding.plant(start, self.account_id, self.region).made

    def seeded(self) -> list[dict[str, Any]]:
        """Return what each :meth:`seed` made, with the ids since the last reset."""
        return [
            start.made
            for backend in places.in_use(self.account_id, self.region)
            for start in seeding.starts(backend)
        ]

    def reset(self) -> None:
        """Begin again: nothing made, nothing paid, and then what :meth:`seed` was given.

        Only what this control covers, and what holds for its account; the rest of moto stays. Its
        merchants stay open, at the same URLs, with no sales.
        """
        seeding.reset(places.in_use(self.account_id, self.region))
