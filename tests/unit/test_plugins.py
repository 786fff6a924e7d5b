import importlib.metadata
import pickle
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from auditor import declare, plugins
from auditor.errors import ConfigError
from auditor.plugins import Step

ACME = Path(__file__).resolve().parents[1] / "plugins" / "acme"


@pytest.fixture(autouse=True)
def acme(monkeypatch):
    """The plugin's folder on the path, as if it were installed; its modules forgotten again."""
    monkeypatch.syspath_prepend(str(ACME))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "acme_audit"]:
        del sys.modules[name]


def error_of(call, *args, **kwargs) -> str:
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_lists_a_plugin_by_file_and_function_without_importing_it():
    mine = [name for name in plugins.names("probe") if name.startswith("acme/")]
    assert mine == ["acme/credit", "acme/credit.lift", "acme/needs_library", "acme/plain"]
    assert [name for name in plugins.names("pass") if "/" in name] == ["acme/shout", "acme/shout.settle"]
    assert [name for name in plugins.names("loader") if "/" in name] == ["acme/nothing"]
    assert "acme_audit" not in sys.modules


def test_an_entry_says_where_it_is_and_its_first_sentence():
    entry = next(entry for entry in plugins.entries("probe") if entry.name == "acme/credit.lift")
    assert entry.summary == "Lift of the model over chance."
    assert entry.path == ACME / "acme_audit/probes/credit.py"
    assert entry.path.read_text().splitlines()[entry.line - 1].startswith("async def lift(")
    assert (entry.module, entry.function) == ("acme_audit.probes.credit", "lift")


def test_built_ins_come_first_and_have_no_prefix():
    names = plugins.names("probe")
    assert "deep_word_bug" in names
    assert [("/" in name, name) for name in names] == sorted(("/" in name, name) for name in names)


def test_find_imports_what_is_named_and_nothing_else():
    function = plugins.find("probe", "acme/credit")
    assert function.__module__ == "acme_audit.probes.credit"
    assert declare.info(function).source == "https://example.org/credit"
    assert "acme_audit.passes.shout" not in sys.modules


@pytest.mark.parametrize(
    ("noun", "name", "message"),
    [
        ("probe", "acme/credt", "unknown probe 'acme/credt'; did you mean 'acme/credit'? Run: auditor list probes"),
        ("probe", "zzz", "unknown probe 'zzz'. Run: auditor list probes"),
        ("probe", "acme/shout", "unknown probe 'acme/shout'; 'acme/shout' is a pass. Run: auditor list probes"),
        ("pass", "other/shout", "unknown pass 'other/shout'; no plugin 'other' is installed. Run: auditor list passes"),
        ("probe", "acme/_private", "unknown probe 'acme/_private'"),
        ("probe", "acme/credit.not_marked", "unknown probe"),
    ],
)
def test_an_unknown_name_is_answered_with_what_may_be_meant(noun, name, message):
    assert error_of(plugins.find, noun, name).startswith(message)


def test_a_module_that_cannot_be_imported_is_named():
    message = error_of(plugins.find, "probe", "acme/needs_library")
    assert "needs_library.py: probe 'acme/needs_library' cannot be imported" in message
    assert "a_library_that_is_not_installed" in message


def test_a_file_that_is_not_python_is_left_out_with_a_warning(tmp_path, monkeypatch, caplog):
    folder = tmp_path / "broken_audit" / "probes"
    folder.mkdir(parents=True)
    (tmp_path / "broken_audit" / "__init__.py").touch()
    (folder / "bad.py").write_text("@probe()\nasync def bad(:\n")
    point = importlib.metadata.EntryPoint("broken", "broken_audit", plugins.listing.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: (point,))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not [name for name in plugins.names("probe") if name.startswith("broken/")]
    assert f"{folder / 'bad.py'}, line 2: left out of the catalogue" in caplog.text


def test_a_plugin_without_its_package_is_named(monkeypatch):
    point = importlib.metadata.EntryPoint("gone", "gone_audit", plugins.listing.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: (point,))
    assert "the package 'gone_audit' of a plugin is not there" in error_of(plugins.names, "probe")


def test_bind_gives_a_partial_that_can_be_pickled_and_called():
    bound = plugins.bind(Step("acme/shout", {"marks": 2}), "pass")
    again = pickle.loads(pickle.dumps(bound))
    assert again(pa.table({"text": ["a"]})).column("text").to_pylist() == ["A!!"]
    assert declare.describe(bound) == "shout(marks=2)"


def test_bind_binds_passes_inside_options():
    options = {"corrupt": {"use": "acme/shout", "marks": 3}, "words": ["a", "b"], "twice": "acme/shout", "limit": None}
    bound = plugins.bind(Step("acme/credit.lift", options), "probe")
    assert declare.describe(bound.keywords["corrupt"]) == "shout(marks=3)"
    assert declare.describe(bound.keywords["twice"]) == "shout"
    assert (bound.keywords["words"], bound.keywords["limit"]) == (("a", "b"), None)


def test_bind_takes_a_function_for_a_pass():
    def shuffle(batch):
        return batch

    assert plugins.bind(Step("acme/credit.lift", {"corrupt": shuffle}), "probe").keywords["corrupt"] is shuffle


def test_bind_leaves_what_the_data_answers_to_the_runner():
    assert plugins.bind(Step("acme/shout.settle"), "pass").keywords == {}


@pytest.mark.parametrize(
    ("use", "options", "message"),
    [
        ("acme/credit", {"shre": 1}, "plan, probes[0].shre: unknown; did you mean 'share'?"),
        ("acme/credit", {"zzz": 1}, "plan, probes[0].zzz: unknown; the options are share, side"),
        ("acme/plain", {"a": 1}, "plan, probes[0].a: unknown; 'acme/plain' has no options"),
        ("acme/credit", {"share": "much"}, "plan, probes[0].share: expected a number, found 'much'"),
        ("acme/credit", {"share": float("nan")}, "plan, probes[0].share: expected a finite number, found nan"),
        (
            "acme/credit",
            {"side": "rigth"},
            "plan, probes[0].side: expected 'left' or 'right', found 'rigth'; did you mean 'right'?",
        ),
        ("acme/credit.lift", {}, "plan, probes[0]: 'acme/credit.lift' needs the option 'corrupt' (RowPass)"),
        (
            "acme/credit.lift",
            {"corrupt": "acme/shuot"},
            "plan, probes[0].corrupt: unknown pass 'acme/shuot'; did you mean 'acme/shout'?",
        ),
        (
            "acme/credit.lift",
            {"corrupt": {"use": "acme/shout", "rat": 1}},
            "plan, probes[0].corrupt.rat: unknown; did you mean 'rate'?",
        ),
        (
            "acme/credit.lift",
            {"corrupt": 3},
            "plan, probes[0].corrupt: expected a name, or a mapping with the key 'use', found 3",
        ),
        ("acme/credit.lift", {"corrupt": "acme/shout.settle"}, "plan, probes[0].corrupt: 'settle' has to see the whole table"),
        ("acme/credit.lift", {"corrupt": "acme/shout", "words": [1]}, "plan, probes[0].words[0]: expected text, found 1"),
        (
            "acme/credit.lift",
            {"corrupt": "acme/shout", "limit": 1.5},
            "plan, probes[0].limit: expected a whole number, found 1.5",
        ),
    ],
)
def test_bind_says_what_is_wrong_and_where(use, options, message):
    assert error_of(plugins.bind, Step(use, options), "probe", place="plan, probes[0]").startswith(message)


def test_filled_writes_defaults_out_but_not_what_the_runner_binds():
    step = plugins.filled(Step("acme/credit.lift", {"corrupt": {"use": "acme/shout", "marks": 2}, "words": ("a",)}), "probe")
    assert step.options == {
        "corrupt": {"use": "acme/shout", "rate": 1.0, "marks": 2},
        "words": ["a"],
        "twice": None,
        "limit": None,
    }


def test_requirement_is_the_annotation():
    needs = {
        name: plugins.requirement(plugins.find("probe", name)) for name in ("acme/plain", "acme/credit", "acme/credit.lift")
    }
    assert needs == {"acme/plain": "none", "acme/credit": "decisions", "acme/credit.lift": "scores"}


def test_requirement_of_another_annotation_is_an_error():
    async def odd(subject: int):
        yield subject

    assert "has to be a Subject[None], Subject[Decisions] or Subject[Scores]" in error_of(plugins.requirement, odd)


def test_options_read_as_they_are_written():
    kinds = {option.name: option.kind for option in plugins.options(plugins.find("probe", "acme/credit.lift"))}
    assert kinds == {"corrupt": "RowPass", "words": "tuple[str, ...]", "twice": "RowPass | None", "limit": "int | None"}
    assert plugins.options(plugins.find("probe", "acme/credit"))[1].kind == "Literal['left', 'right']"
