"""What ``auditor new`` writes is tried literally."""

import subprocess
import sys

import pytest

from auditor.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def output_of_pytest(folder) -> str:
    """The output of pytest on what was written, warnings being errors."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_plugin_started_here_passes_its_tests_as_it_is(folder):
    assert main(["new", "probe", "short_texts", "--package", "acme_audit"]) == 0
    assert main(["new", "pass", "small_letters", "--package", "acme_audit"]) == 0
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "acme_audit/__init__.py",
        "acme_audit/passes/__init__.py",
        "acme_audit/passes/small_letters.py",
        "acme_audit/probes/__init__.py",
        "acme_audit/probes/short_texts.py",
        "pyproject.toml",
        "tests/test_short_texts.py",
        "tests/test_small_letters.py",
    ]
    assert "4 passed" in output_of_pytest(folder)
    assert '[project.entry-points."auditor.plugins"]\nacme = "acme_audit"' in (folder / "pyproject.toml").read_text()


def test_the_tests_that_are_written_can_fail(folder):
    main(["new", "probe", "short_texts", "--package", "acme_audit"])
    probe = folder / "acme_audit/probes/short_texts.py"
    probe.write_text(probe.read_text().replace("< least", "<= least"))
    with pytest.raises(AssertionError, match="1 failed, 1 passed"):
        output_of_pytest(folder)


def test_nothing_is_written_over(folder, capsys):
    main(["new", "pass", "small_letters", "--package", "acme_audit"])
    kept = folder / "acme_audit/passes/small_letters.py"
    kept.write_text("mine")
    assert main(["new", "pass", "small_letters", "--package", "acme_audit"]) == 2
    assert kept.read_text() == "mine"
    assert "small_letters.py: is there already, and is not written over" in capsys.readouterr().err


def test_another_projects_file_is_kept_and_the_missing_line_is_said(folder, capsys):
    (folder / "pyproject.toml").write_text("[project]\n")
    main(["new", "pass", "small_letters", "--package", "acme_audit"])
    assert (folder / "pyproject.toml").read_text() == "[project]\n"
    assert 'Add    [project.entry-points."auditor.plugins"] acme = "acme_audit"  to pyproject.toml' in capsys.readouterr().out


def test_in_a_checkout_it_joins_the_catalogue(folder, capsys):
    (folder / "auditor" / "probes").mkdir(parents=True)
    assert main(["new", "probe", "short_texts"]) == 0
    assert (folder / "auditor/probes/short_texts.py").exists()
    assert "from auditor.probes.short_texts import short_texts" in (folder / "tests/unit/test_short_texts.py").read_text()
    assert "Show   auditor show short_texts" in capsys.readouterr().out
    assert not (folder / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["probe", "short_texts"], "which package is it for. Give --package"),
        (["probe", "Short-Texts", "--package", "acme_audit"], "'Short-Texts' cannot be the name of a probe"),
        (["pass", "lambda", "--package", "acme_audit"], "'lambda' cannot be the name of a pass"),
        (["pass", "a", "--package", "../up"], "'../up' cannot be the name of a package"),
        (["probe", "deep_word_bug", "--package", "auditor"], "there is a probe called 'deep_word_bug' already"),
    ],
)
def test_names_are_checked_before_anything_is_written(folder, arguments, message, capsys):
    assert main(["new", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(folder.iterdir()) == []
