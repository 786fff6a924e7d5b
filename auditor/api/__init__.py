"""The jobs from Python: the same as the commands, on paths, data frames and data sets in memory."""

from auditor.api.jobs import audit, clean, run_audit, run_clean
from auditor.api.results import Result

__all__ = ["Result", "audit", "clean", "run_audit", "run_clean"]
