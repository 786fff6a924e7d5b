"""The nouns: frozen dataclasses that every layer speaks in."""

from auditor.types.counts import Counts, CountTable, ScoreSketch
from auditor.types.model import Encoded, FileFact, Item, Model
from auditor.types.predictions import Decisions, Floats, Integers, Scores
from auditor.types.results import MISSING, RESERVED, Evidence, Example, Measurement, Outcome, Status, group_columns
from auditor.types.rules import Check, Clause, Finding, Pack, Said, State, Threshold, Verdict, Why
from auditor.types.run import (
    Column,
    DataFacts,
    Environment,
    Gate,
    GroupEffect,
    LedgerEntry,
    ModelFacts,
    PackFacts,
    Run,
)
from auditor.types.subject import Ask, Cost, Subject, need
from auditor.types.table import BATCH_ROWS, COPY, ROW, Batch, Group, Roles, RowPass, Shard, Source, Table

__all__ = [
    "BATCH_ROWS",
    "COPY",
    "MISSING",
    "RESERVED",
    "ROW",
    "Ask",
    "Batch",
    "Check",
    "Clause",
    "Column",
    "Cost",
    "CountTable",
    "Counts",
    "DataFacts",
    "Decisions",
    "Encoded",
    "Environment",
    "Evidence",
    "Example",
    "FileFact",
    "Finding",
    "Floats",
    "Gate",
    "Group",
    "GroupEffect",
    "Integers",
    "Item",
    "LedgerEntry",
    "Measurement",
    "Model",
    "ModelFacts",
    "Outcome",
    "Pack",
    "PackFacts",
    "Roles",
    "RowPass",
    "Run",
    "Said",
    "ScoreSketch",
    "Scores",
    "Shard",
    "Source",
    "State",
    "Status",
    "Subject",
    "Table",
    "Threshold",
    "Verdict",
    "Why",
    "group_columns",
    "need",
]
