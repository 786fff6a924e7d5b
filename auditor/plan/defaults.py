"""What is done when a plan does not say."""

from auditor.plugins import Step, names

_PROBES = (
    Step("data_quality"),
    Step("performance"),
    Step("calibration"),
    Step("missing_decisions"),
    Step("group_fairness"),
    Step("selection_rates"),
    Step("counterfactual_flips", {"swap": "swap_gendered_words"}),
    Step("label_flips", {"corrupt": "keyboard_typos"}),
    Step("deep_word_bug"),
    Step("checkpoint_safety"),
    Step("energy"),
)
_PASSES = (Step("unicode_repair"), Step("whitespace"), Step("drop_exact_duplicates"))


def default_probes() -> tuple[Step, ...]:
    """Every built-in probe: the data first, then decisions, robustness, security and cost; others follow by name."""
    known = {step.use for step in _PROBES}
    return _PROBES + tuple(Step(name) for name in names("probe") if "/" not in name and name not in known)


def default_passes() -> tuple[Step, ...]:
    """The passes that are safe on any data: text repair, and the removal of exact duplicates."""
    return _PASSES
