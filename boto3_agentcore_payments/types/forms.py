"""``TypedDict`` and ``NotRequired`` for every Python this package supports.

``typing_extensions`` is preferred below Python 3.12, where pydantic asks for its ``TypedDict``; it
is not a dependency. Without it, Python 3.9 and 3.10 take every key for a required one at run time.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

__all__ = ["NotRequired", "TypedDict"]

if TYPE_CHECKING:
    from typing_extensions import NotRequired, TypedDict
elif sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:
    try:
        from typing_extensions import NotRequired, TypedDict
    except ImportError:
        from typing import TypedDict

        if sys.version_info >= (3, 11):
            from typing import NotRequired
        else:

            class NotRequired:
                """Stand in for ``typing.NotRequired``, which Python 3.9 and 3.10 lack."""

                def __class_getitem__(cls, annotation: object) -> object:
                    """Return the annotation itself."""
                    return annotation
