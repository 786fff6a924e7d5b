"""Rule packs against measurements: what the evidence says about each clause, and what that comes to."""

from auditor.judge.asked import check_columns
from auditor.judge.gates import gate
from auditor.judge.pack_files import packs
from auditor.judge.statements import check_statements
from auditor.judge.verdicts import judge

__all__ = ["check_columns", "check_statements", "gate", "judge", "packs"]
