"""Register our services with one existing session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3_agentcore_payments import loader as _loader

if TYPE_CHECKING:
    from typing import Any

    import boto3.session
    import botocore.session


def register(session: botocore.session.Session | boto3.session.Session) -> None:
    """Register our services with a session, whichever directories its loader searches.

    Importing this package is enough for every ordinary session, including existing ones. A
    session whose loader was made with ``include_default_search_paths=False`` needs this function:
    it adds our directory to the end of that loader's ``search_paths``. Calling it again changes
    nothing.

    Args:
        session: A session of botocore, boto3, aiobotocore or aioboto3.

    Raises:
        TypeError: if ``session`` is not a session.
    """
    # boto3 keeps botocore's session in ``_session``.
    core: Any = getattr(session, "_session", session)
    if not callable(getattr(core, "get_component", None)):
        raise TypeError(
            f"register() takes a botocore or boto3 session, not {type(session).__name__}"
        )
    _loader.extend()
    # A loader not made yet will be an ordinary one. Making it here would read ``data_path``
    # and thereby fix the session's profile.
    if "data_loader" in getattr(getattr(core, "_components", None), "_deferred", ()):
        return
    loader = core.get_component("data_loader")
    if not _loader.sees_services(loader):
        loader.search_paths.append(_loader.data_directory())
