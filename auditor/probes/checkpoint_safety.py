"""Whether a checkpoint's files could run code when they are loaded."""

from collections.abc import Sequence

from auditor.declare import Findings, metrics, probe
from auditor.errors import NotApplicable
from auditor.scan import SEVERITIES, ScanFinding, file_names, scan
from auditor.types import Evidence, Example, Measurement, Subject

_UNSAFE = frozenset({"malicious", "unsafe", "broken"})


@probe(
    yields=(*metrics("unsafe_files", "review_files", "broken_files", "unread_files", "scanned_files"),),
    source="torch.load(weights_only=True) allow-list, https://docs.pytorch.org/docs/stable/notes/serialization.html",
)
async def checkpoint_safety(subject: Subject[None]) -> Findings:
    """Files of the checkpoint that could run code when they are loaded, found without loading any.

    Pickles are read opcode by opcode and compared with the names that torch itself allows; archives are opened, and
    configuration, chat templates and tensor headers are checked.

    Args:
        subject: the checkpoint's files; no model is asked.

    Yields:
        ``unsafe_files``, files with code, with names outside of the allow-list, or that do not read and so may hide
        anything (undefined where there are none but some formats were not looked into); ``review_files``, files that
        need scikit-learn's or NumPy's own code to load; ``broken_files``; ``unread_files``; ``scanned_files``; and one
        example for each finding.

    Raises:
        NotApplicable: there is no checkpoint on disk.
    """
    path = subject.checkpoint
    if path is None:
        raise NotApplicable("needs a checkpoint on disk")
    findings = sorted(scan(path), key=lambda finding: SEVERITIES.index(finding.severity))
    files = len(file_names(path))
    unsafe, unread = _files(findings, *_UNSAFE), _files(findings, "unread")
    blind = f"{unread} of {files} files are of a format that is not looked into" if unread and not unsafe else None
    yield Measurement("unsafe_files", None if blind else unsafe, "count", files, method="exact", reason=blind)
    yield _count("review_files", _files(findings, "review"), files)
    yield _count("broken_files", _files(findings, "broken"), files)
    yield _count("unread_files", unread, files)
    yield _count("scanned_files", files, files)
    if findings:
        yield _evidence(findings)


def _files(findings: Sequence[ScanFinding], *severities: str) -> int:
    """Number of files with a finding of these severities."""
    return len({finding.path for finding in findings if finding.severity in severities})


def _count(metric: str, value: int, files: int) -> Measurement:
    return Measurement(metric, value, "count", files, method="exact")


def _evidence(findings: Sequence[ScanFinding]) -> Evidence:
    examples = tuple(
        Example(
            finding.path,
            finding.detail,
            facts={
                "severity": finding.severity,
                "kind": finding.kind,
                **({"inside": finding.inside} if finding.inside else {}),
            },
        )
        for finding in findings
    )
    return Evidence("unsafe_files", "What the scan of the checkpoint found, worst first.", len(examples), examples)
