"""Audits data sets and models before release."""

from auditor.version import VERSION

__version__ = VERSION
__all__ = ["__version__"]
