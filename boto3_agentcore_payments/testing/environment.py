"""The environment of code under test: never a real account, and one region."""

from __future__ import annotations

import os

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SECURITY_TOKEN": "testing",
    "AWS_SESSION_TOKEN": "testing",
}
"""What moto advises to set, so that no test ever uses a real account."""

_ELSEWHERE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL")
"""Variables, with what begins like them, that would lead a client of a test elsewhere."""


class TestEnvironment:
    """Credentials and region as environment variables, and nothing that leads elsewhere.

    Args:
        region: The region of clients that are not given one.
    """

    __test__ = False  # pytest collects what is named Test

    def __init__(self, region: str) -> None:
        self._set = {**CREDENTIALS, "AWS_DEFAULT_REGION": region, "AWS_REGION": region}
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        """Change the environment."""
        removed = [name for name in os.environ if name.startswith(_ELSEWHERE)]
        self._before = {name: os.environ.get(name) for name in (*removed, *self._set)}
        for name in removed:
            del os.environ[name]
        os.environ.update(self._set)

    def __exit__(self, *exception: object) -> None:
        """Put back what was there."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
