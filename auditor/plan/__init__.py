"""Plans: what is to be audited or cleaned and how, checked before any data is read."""

from auditor.plan.checks import checked, shipped_packs
from auditor.plan.defaults import default_passes, default_probes
from auditor.plan.forms import from_value, group, label, parse, read, read_clean, read_statements, same, statements, step
from auditor.plan.nouns import MOST_CLASSES, ROLES, CleanPlan, DataSpec, ModelSpec, Plan, Policy
from auditor.plan.written import lasting, plain, plan_digest, repeated, roles_in_words

__all__ = [
    "MOST_CLASSES",
    "ROLES",
    "CleanPlan",
    "DataSpec",
    "ModelSpec",
    "Plan",
    "Policy",
    "checked",
    "default_passes",
    "default_probes",
    "from_value",
    "group",
    "label",
    "lasting",
    "parse",
    "plain",
    "plan_digest",
    "read",
    "read_clean",
    "read_statements",
    "repeated",
    "roles_in_words",
    "same",
    "shipped_packs",
    "statements",
    "step",
]
