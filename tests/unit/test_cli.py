import dataclasses
import importlib.metadata
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import auditor
from auditor import assets, codec
from auditor.api import Result
from auditor.cli import app, main, screen
from auditor.types import (
    DataFacts,
    Environment,
    Finding,
    Gate,
    LedgerEntry,
    Outcome,
    Roles,
    Run,
    Source,
    Verdict,
)

ACME = Path(__file__).resolve().parents[1] / "plugins" / "acme"


def run_of(gate: Gate, **more) -> Run:
    facts = DataFacts(Source("d.csv", "csv", "0", 10), 10, Roles(label="y"), "f")
    return Run("audit", "1", "2026-01-01T00:00:00+00:00", 1.0, 0, {}, "p", facts, Environment("3", "l", "p", 2), gate, **more)


@pytest.fixture
def acme(monkeypatch):
    monkeypatch.syspath_prepend(str(ACME))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "acme_audit"]:
        del sys.modules[name]


@pytest.fixture
def packs(monkeypatch, tmp_path):
    """A rule pack without clauses, shipped with nothing else."""
    folder = tmp_path / "rules" / "base"
    (folder / "i18n").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "schema: auditor.rulepack/1\nid: base\nedition: 2026-01\nstatus: house\nas_of: 2026-01-01\nstale_after: 2027-01-01\n"
        "sources: [https://example.org/base]\nclauses: [{ref: b.1, assessment: evidence}]\n"
    )
    (folder / "i18n" / "en.yaml").write_text("title: The base\napplies: Always.\nclauses: {b.1: Know your data.}\n")
    real = assets.folder
    monkeypatch.setattr(assets, "folder", lambda kind: tmp_path / "rules" if kind == "rules" else real(kind))


def said(capsys) -> tuple[str, str]:
    out, err = capsys.readouterr()
    return out, err


def test_help_lists_the_commands_and_teaches_with_examples(capsys):
    assert main(["--help"]) == 0
    out, _ = said(capsys)
    for name, (_, summary) in app.COMMANDS.items():
        assert name in out
        assert summary in out
    assert "Exit codes: 0 the gate is ok" in out


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_help_with_an_example(name, capsys):
    assert main([name, "--help"]) == 0
    out, _ = said(capsys)
    assert f"auditor {name} " in out
    assert "Example" in out


def test_help_imports_nothing_heavy_and_is_there_at_once():
    code = (
        "import sys; from auditor.cli import main; main(['--help']);"
        "print(*[m for m in ('numpy', 'pyarrow', 'pydantic', 'yaml', 'torch', 'rich', 'jinja2', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == ""


def test_the_package_itself_imports_nothing_heavy():
    code = (
        "import sys, auditor; print('pyarrow' in sys.modules, 'click' in sys.modules);"
        "auditor.audit; print('pyarrow' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False", "True"]


def test_an_unknown_attribute_of_the_package_is_an_error():
    with pytest.raises(AttributeError, match="no attribute 'adit'"):
        auditor.adit  # noqa: B018


def test_version(capsys):
    assert main(["--version"]) == 0
    assert said(capsys)[0] == f"auditor {auditor.__version__}\n"
    assert importlib.metadata.version("auditor") == auditor.__version__


def test_python_m_auditor_is_the_command():
    """In a process of its own: what the command does to its process would stay in that of the tests."""
    done = subprocess.run([sys.executable, "-P", "-m", "auditor", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"auditor {auditor.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "no command 'rnu'; did you mean 'run'?"),
        (["run"], "auditor: nothing to audit. Name a plan, or give --data; see: auditor run --help"),
        (["run", "no.yaml"], "auditor: no.yaml: cannot be read: No such file or directory"),
        (
            ["run", "--data", "d.csv", "--dtype", "float32"],
            "auditor: --dtype is about a model, and there is none. Give --model.",
        ),
        (
            ["run", "--data", "d.csv", "--probe", "acme/plain", "--pack", "bse"],
            "command line, packs[0]: no rule pack 'bse'; did you mean 'base'?",
        ),
        (
            ["run", "--data", "d.csv", "--probe", "acme/plan"],
            "command line, probes[0]: unknown probe 'acme/plan'; did you mean 'acme/plain'?",
        ),
        (["run", "--data", "d.csv", "--probe", "acme/plain:x"], "--probe: expected NAME or NAME:option=value"),
        (
            ["run", "--data", "d.csv", "--probe", "acme/plain", "--alpha", "2"],
            "command line, policy.alpha: expected a number between 0 and 0.5",
        ),
        (
            ["run", "--data", "d.csv", "--probe", "acme/plain", "--group", "a", "--group", "a"],
            "the column 'a' is a group already",
        ),
        (["run", "--data", "d.csv", "--evidence", "all"], "'all' is not one of 'show', 'hash', 'none'"),
        (["clean", "d.csv", "--pass", "acme/shuot"], "plan, passes[0]: unknown pass 'acme/shuot'; did you mean 'acme/shout'?"),
        (["report", "nowhere"], "auditor: nowhere: no run here. Name the folder of a run"),
        (["list", "prbes"], "'prbes' is not one of"),
        (["show", "acme/plian"], "nothing is called 'acme/plian'; did you mean 'acme/plain'?"),
        (["check", "no.yaml"], "no.yaml: cannot be read"),
        (["init", "--data", "no.csv", "-o", "-"], "no.csv: there is no such file"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments, message, capsys, acme, packs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = said(capsys)
    assert message in err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("fail", 3), ("undecided", 4)])
def test_the_gate_decides_the_exit_code(state, code, monkeypatch, capsys, tmp_path, acme, packs):
    run = run_of(Gate(state, code, states={"pass": 2, "fail": 1}))
    monkeypatch.setattr("auditor.api.run_audit", lambda *_, **__: Result(run, tmp_path))
    assert main(["run", "--data", "d.csv", "--probe", "acme/plain"]) == code
    out, _ = said(capsys)
    assert f"Gate     {state}, exit code {code}" in out
    assert "Clauses  2 pass, 1 fail" in out
    assert out.endswith(f"Report  {tmp_path / 'report.html'}\n")


def test_the_summary_shows_the_worst_first_and_nothing_that_drives_a_terminal(monkeypatch, capsys, tmp_path, acme, packs):
    verdicts = tuple(
        Verdict("base", "2026", f"c.{i}", state, f"reason {i} \x1b[31m", findings=(Finding("m", {}, state, "r"),))
        for i, state in enumerate(
            ["pass", "inconclusive", "fail", "not-tested", "inconclusive", "inconclusive", "inconclusive"]
        )
    )
    outcomes = (
        Outcome("plain", "measured"),
        Outcome("lift", "failed", "ValueError: \x07"),
        Outcome("gone", "skipped", "needs a model"),
    )
    run = run_of(Gate("fail", 3, states={"fail": 1}), verdicts=verdicts, outcomes=outcomes)
    monkeypatch.setattr("auditor.api.run_audit", lambda *_, **__: Result(run, tmp_path))
    main(["run", "--data", "d.csv", "--probe", "acme/plain"])
    out, _ = said(capsys)
    lines = out.splitlines()
    assert "Probes   1 measured, 1 failed, 1 not tested" in lines
    worst = lines[lines.index("") + 1 :][:6]
    assert [line.split()[0] for line in worst] == ["error", "fail", "inconclusive", "inconclusive", "inconclusive", "and"]
    assert "and 1 more in the report" in worst[-1]
    assert "not tested  gone  needs a model" in lines
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_cleaning_run_says_what_became_of_the_rows(monkeypatch, capsys, tmp_path, acme):
    ledger = (LedgerEntry("a", {}, 10, 8, removed=2), LedgerEntry("b", {}, 8, 9, changed=3, added=1))
    run = dataclasses.replace(run_of(Gate("ok", 0)), kind="cleaning", ledger=ledger)
    made = {}
    monkeypatch.setattr(
        "auditor.api.run_clean", lambda plan, out, **_: made.update(plan=plan, out=out) or Result(run, tmp_path)
    )
    arguments = [
        "clean",
        "d.csv",
        "--pass",
        "acme/shout:marks=2",
        "--pass",
        "acme/shout",
        "--group",
        "sex",
        "-o",
        "c",
        "--workers",
        "2",
    ]
    assert main([*arguments, "--format", "csv", "--runner", "inline", "--seed", "4", "--evidence", "none"]) == 0
    assert "Rows  10 in, 9 out: 2 removed, 3 changed, 1 added" in said(capsys)[0]
    plan = made["plan"]
    assert [dict(step.options) for step in plan.passes] == [{"marks": 2}, {}]
    assert (plan.format, plan.runner, plan.workers, plan.seed, made["out"]) == ("csv", "inline", 2, 4, Path("c"))
    assert plan.data.groups[0].column == "sex"
    assert plan.evidence == "none"
    assert main(arguments) == 0
    assert made["plan"].evidence == "show"


def test_rows_that_several_passes_changed_are_not_added_up(monkeypatch, capsys, tmp_path):
    ledger = tuple(LedgerEntry(name, {}, 1500, 1500, changed=number) for name, number in (("a", 1500), ("b", 0), ("c", 1200)))
    run = dataclasses.replace(run_of(Gate("ok", 0)), kind="cleaning", ledger=ledger)
    monkeypatch.setattr("auditor.api.run_clean", lambda *_, **__: Result(run, tmp_path))
    assert main(["clean", "d.csv", "-o", "c"]) == 0
    lines = said(capsys)[0].splitlines()
    assert "Rows     1,500 in, 1,500 out" in lines
    assert "Changed  1,500 by a, 1,200 by c" in lines


def test_options_go_before_what_the_plan_says(monkeypatch, tmp_path, acme, packs):
    (tmp_path / "audit.yaml").write_text(
        "data: {path: d.csv, text: t, label: y}\nmodel: m\nprobes: [acme/plain, {use: acme/credit, share: 0.2}]\nseed: 1"
    )
    (tmp_path / "m").mkdir()
    made = {}

    def run_audit(plan, out, **_):
        made["plan"] = plan
        return Result(run_of(Gate("ok", 0)), tmp_path)

    monkeypatch.setattr("auditor.api.run_audit", run_audit)
    options = [
        "--label",
        "z",
        "--group",
        "age:25,45",
        "--positive",
        "1",
        "--input",
        "a",
        "--input",
        "b",
        "--data-format",
        "csv:latin-1",
    ]
    options += ["--device", "cpu", "--allow-pickle", "--strict", "--level", "0.9", "--probe", "acme/credit", "--pack", "base"]
    assert (
        main(["run", str(tmp_path / "audit.yaml"), *options, "--data", "e.csv", "--seed", "9", "--prediction", "p >= 5"]) == 2
    )
    options = options[:6] + options[10:]
    assert (
        main(["run", str(tmp_path / "audit.yaml"), *options, "--data", "e.csv", "--seed", "9", "--prediction", "p >= 5"]) == 0
    )
    plan = made["plan"]
    assert (plan.data.path, plan.data.text, plan.data.label, plan.data.prediction) == ("e.csv", "t", "z", "p >= 5")
    assert (plan.data.positive, plan.data.format, plan.data.groups[0].bins) == ("1", "csv:latin-1", (25.0, 45.0))
    assert (plan.model.path, plan.model.device, plan.model.allow_pickle) == (str(tmp_path / "m"), "cpu", True)
    assert (plan.policy.strict, plan.policy.level, plan.policy.alpha, plan.seed) == (True, 0.9, 0.05, 9)
    assert [(step.use, dict(step.options)) for step in plan.probes] == [("acme/credit", {"share": 0.2})]


def test_ctrl_c_says_that_the_same_command_goes_on(monkeypatch, capsys, acme, packs):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("auditor.api.run_audit", stopped)
    assert main(["run", "--data", "d.csv", "--probe", "acme/plain"]) == 130
    assert "stopped. The same command goes on where this one was." in said(capsys)[1]


def test_roles_are_said_before_the_work_and_progress_on_the_error_stream(monkeypatch, capsys, tmp_path, acme, packs):
    def run_audit(plan, out, *, lang, progress, tell, **_):
        tell("label: y\x1b")
        progress("probes", 1, 2)
        progress("probes", 2, 2)
        return Result(run_of(Gate("ok", 0)), tmp_path)

    monkeypatch.setattr("auditor.api.run_audit", run_audit)
    main(["run", "--data", "d.csv", "--probe", "acme/plain"])
    out, err = said(capsys)
    assert err.splitlines() == ["label: y␛", "probes: 2 of 2"]
    assert "probes: " not in out


def test_progress_has_bars_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with screen.progress() as tell:
        tell("predictions", 1, 4)
        tell("predictions", 4, 4)
    assert "predictions: " not in said(capsys)[1]


def test_progress_says_a_line_now_and_then(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 31.0, 31.0, 32.0])
    monkeypatch.setattr(screen.time, "monotonic", lambda: next(clock))
    with screen.progress() as tell:
        tell("predictions", 1, 4000)
        tell("predictions", 2000, 4000)
        tell("predictions", 4000, 4000)
    assert said(capsys)[1].splitlines() == ["predictions: 2,000 of 4,000", "predictions: 4,000 of 4,000"]


def test_a_reader_that_went_away_is_no_error():
    command = f"{sys.executable} -m auditor show deep_word_bug; echo done $? >&2"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(["sh", "-c", command], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.stderr == "done 0\n"


def test_check_says_what_a_plan_will_do(tmp_path, capsys, acme, packs):
    path = tmp_path / "audit.yaml"
    path.write_text(
        "data: {path: rows.csv, label: y}\npacks: [base]\n"
        "probes: [acme/plain, acme/credit, {use: acme/credit.lift, corrupt: acme/shout}]"
    )
    assert main(["check", str(path)]) == 2
    assert "rows.csv: there is no such file" in said(capsys)[1]
    (tmp_path / "rows.csv").write_text("y,p\n" + "no,yes\nyes,yes\n" * 20)
    assert main(["check", str(path)]) == 0
    out, _ = said(capsys)
    assert f"{tmp_path / 'rows.csv'}: 40 rows, read as csv" in out
    assert "Roles    label: y\n" in out
    assert "Packs    base 2026-01 (1 clauses)" in out
    assert "Classes  no, yes" in out
    rows = {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in out.splitlines() if "  " in line}
    assert rows["plain"] == "the data"
    assert rows["credit"].endswith("not applicable: needs decisions: a model, or a prediction column")
    assert rows["lift(corrupt=shout)"].split("  ")[0] == "a model"
    path.write_text(path.read_text().replace("label: y", "label: y, prediction: p"))
    main(["check", str(path)])
    assert said(capsys)[0].count("not applicable: needs a model that can be asked") == 1


def test_list_names_what_there_is(capsys, acme, packs):
    assert main(["list", "probes"]) == 0
    out, err = said(capsys)
    assert "acme/credit.lift  " in out
    assert "Lift of the model over chance." in out
    assert err == "More of one: auditor show NAME\n"
    main(["list", "passes"])
    assert "Write texts in capitals." in said(capsys)[0]
    main(["list", "rules"])
    assert said(capsys)[0] == "base  2026-01  The base\n"


def test_show_tells_source_needs_and_options(capsys, acme, packs):
    assert main(["show", "acme/credit.lift"]) == 0
    out, _ = said(capsys)
    assert out.startswith("acme/credit.lift  (probe)\n\nLift of the model\nover chance.\n")
    assert "Source   https://example.org/lift" in out
    assert "Needs    a model" in out
    assert "credit.py:" in out
    assert "  corrupt  RowPass          has to be given" in out
    assert "  limit    int | None       default None" in out


def test_show_tells_what_the_runner_fills_in(capsys, acme, packs):
    main(["show", "acme/shout"])
    out, _ = said(capsys)
    assert "  column  str    from the data or the run, where not given" in out
    assert "  rate    float  default 1.0" in out


def test_show_of_a_rule_pack_lists_its_clauses(capsys, acme, packs):
    assert main(["show", "base"]) == 0
    out, _ = said(capsys)
    assert out.startswith("base 2026-01  (rule pack, house)\n\nThe base\nAlways.\n")
    assert "b.1  (major; measured for a person to judge)\n  Asks  Know your data." in out


def test_libraries_are_quiet_unless_asked(monkeypatch, capsys, acme, packs):
    import logging
    import warnings

    def noisy(*_, **__):
        warnings.warn("from a library", UserWarning, stacklevel=1)
        logging.getLogger("auditor.test").info("detail")
        return Result(run_of(Gate("ok", 0)), Path("x"))

    monkeypatch.setattr("auditor.api.run_audit", noisy)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        main(["run", "--data", "d.csv", "--probe", "acme/plain"])
        quiet = said(capsys)[1]
        main(["-v", "run", "--data", "d.csv", "--probe", "acme/plain"])
        loud = said(capsys)[1]
    assert "from a library" not in quiet
    assert "detail" not in quiet
    assert "from a library" in loud
    assert "auditor.test: detail" in loud


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--data", "x\u202egpj\x9b\x1b[31m\x07.csv", "--probe", "acme/plain"],
        ["rnu\u202egpj\x9b\x1b[31m\x07"],
        ["report", "x\u202egpj\x9b\x1b[31m\x07"],
    ],
)
def test_no_error_drives_a_terminal(arguments, capsys, acme, packs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert not set(err) & set("\u202e\x9b\x1b\x07")
    assert r"\u202egpj\x9b\x1b[31m\x07" in err.lower()


def test_what_is_said_keeps_its_colours_and_nothing_else_that_drives_a_terminal(capsys):
    screen.say("\x1b[32mok\x1b[0m a\tb\nc \x1b]0;title\x07 \u2067\u200e\udc80")
    # Where nobody looks, click leaves colours out.
    assert capsys.readouterr().out == "ok a\tb\nc \\x1B]0;title\\x07 \\u2067\\u200E\\uDC80\n"


def test_a_line_of_the_log_does_not_drive_a_terminal(monkeypatch, capsys, acme, packs):
    def noisy(*_, **__):
        logging.getLogger("auditor.test").warning("x\u202e\x1b[2J")
        return Result(run_of(Gate("ok", 0)), Path("x"))

    monkeypatch.setattr("auditor.api.run_audit", noisy)
    main(["run", "--data", "d.csv", "--probe", "acme/plain"])
    assert r"auditor.test: x\u202E\x1B[2J" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["run", "--data", "d.csv", "--probe", "acme/plain"], ["clean", "d.csv", "--pass", "acme/shout"]]
)
def test_an_output_folder_or_cache_that_cannot_be_made_is_told_before_data_are_read(
    command, capsys, acme, packs, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("auditor.loaders.tables.load", None)
    (tmp_path / "file").write_text("mine")
    for out, problem in (("file/x", "made"), ("file", "written to")):
        assert main([*command, "-o", out]) == 2
        assert f"auditor: {out}: the folder cannot be {problem}: 'file' is no folder. Name another" in said(capsys)[1]
    monkeypatch.setenv("AUDITOR_CACHE", str(tmp_path / "file"))
    assert main([*command, "-o", "out"]) == 2
    assert "Name a folder that can be written to in AUDITOR_CACHE." in said(capsys)[1]
    assert {one.name for one in tmp_path.iterdir()} == {"file", "rules"}


def test_report_tells_of_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "run.json").write_text(codec.to_json(run_of(Gate("ok", 0))))
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "run.json" / "x")]) == 2
    assert "run.json' is no folder. Name another folder with -o." in said(capsys)[1]


def test_report_writes_a_run_again(monkeypatch, tmp_path, capsys):
    run = run_of(Gate("ok", 0))
    (tmp_path / "run.json").write_text(codec.to_json(run))
    assert json.loads((tmp_path / "run.json").read_text())["kind"] == "audit"
    made = []
    monkeypatch.setattr(
        "auditor.report.write",
        lambda *given, lang, home: made.append((*given, lang, home)) or given[1] / "report.html",
        raising=False,
    )
    assert main(["report", str(tmp_path), "--lang", "zh"]) == 0
    assert main(["report", str(tmp_path / "run.json"), "-o", str(tmp_path / "zh")]) == 0
    assert made == [(run, tmp_path, "zh", tmp_path), (run, tmp_path / "zh", "en", tmp_path)]
    assert said(capsys)[0].splitlines() == [str(tmp_path / "report.html"), str(tmp_path / "zh/report.html")]
