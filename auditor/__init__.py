"""Audits data sets and models before release.

From Python, ``auditor.audit(...)`` and ``auditor.clean(...)`` do what the commands of the same name do.
"""

from typing import TYPE_CHECKING

from auditor.version import VERSION

if TYPE_CHECKING:
    from auditor.api import Result, audit, clean

__version__ = VERSION
__all__ = ["Result", "__version__", "audit", "clean"]


def __getattr__(name: str) -> object:
    """Import the jobs when they are first asked for: the command's help must not wait for them."""
    if name in __all__:
        from auditor import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
