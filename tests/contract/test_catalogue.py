"""Every loader, pass and probe keeps the promises of its kind."""

import pytest

from auditor import plan, plugins
from auditor.plugins import Step
from auditor.testing import check_loader, check_pass, check_probe

DEFAULTS = {step.use: step for step in plan.default_probes()}
NEED_OPTIONS: dict[str, dict[str, object]] = {}
"""Options of passes that have no default."""


@pytest.mark.parametrize("name", plugins.names("loader"))
def test_loader(name):
    check_loader(plugins.find("loader", name))


@pytest.mark.parametrize("name", plugins.names("pass"))
def test_pass(name):
    check_pass(plugins.bind(Step(name, NEED_OPTIONS.get(name, {})), "pass"))


@pytest.mark.parametrize("name", plugins.names("probe"))
def test_probe(name):
    check_probe(plugins.bind(DEFAULTS[name], "probe"))


@pytest.mark.parametrize("noun", ["loader", "pass", "probe"])
def test_the_first_sentence_and_place_of_each_are_in_the_list(noun):
    for entry in plugins.entries(noun):
        assert entry.summary.endswith("."), entry
        assert plugins.find(noun, entry.name).__code__.co_firstlineno <= entry.line
