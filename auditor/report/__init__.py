"""Reports: pure functions from a run to HTML and to formats for machines."""

from auditor.report.files import read, write
from auditor.report.page import html

__all__ = ["html", "read", "write"]
