"""Audits data sets and models before release.

From Python, ``auditor.audit(...)`` and ``auditor.clean(...)`` do what the commands of the same name do.
"""

# Nothing from elsewhere is imported here: under ``python -m auditor`` the working directory is still searched at this point,
# and a file of the data's folder may have any name. A type checker takes this constant for True.
TYPE_CHECKING = False

from auditor.version import VERSION  # noqa: E402

if TYPE_CHECKING:
    from auditor.api import Result, audit, clean
    from auditor.errors import AuditorError

__version__ = VERSION
__all__ = ["AuditorError", "Result", "__version__", "audit", "clean"]


def __getattr__(name: str) -> object:
    """Import the jobs when they are first asked for: the command's help must not wait for them."""
    if name == "AuditorError":
        from auditor.errors import AuditorError

        return AuditorError
    if name in __all__:
        from auditor import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is to use, imported or not."""
    return sorted(__all__)
