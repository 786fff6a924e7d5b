"""The checkpoint scanner: files are read as bytes; nothing is unpickled, imported or run."""

from auditor.scan.findings import SEVERITIES, ScanFinding, Severity
from auditor.scan.folder import file_names, manifest, scan

__all__ = ["SEVERITIES", "ScanFinding", "Severity", "file_names", "manifest", "scan"]
