"""Reports: pure functions from a run to HTML and to formats for machines."""

from auditor.report.again import PLANS
from auditor.report.files import read, write
from auditor.report.page import html

__all__ = ["PLANS", "html", "read", "write"]
