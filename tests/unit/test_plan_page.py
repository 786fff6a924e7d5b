"""The page that lists every key of a plan, and what completes commands in a shell."""

import dataclasses
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.plan import DataSpec, ModelSpec, Plan, Policy

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_what_the_dataclasses_say_now():
    made = runpy.run_path(str(DOCS / "plan_keys.py"))["page"]()
    assert (DOCS / "plan.md").read_text("utf-8") == made, "run: python docs/plan_keys.py"


@pytest.mark.parametrize("kind", [Plan, DataSpec, ModelSpec, Policy])
def test_every_key_is_on_the_page_with_words_of_its_own(kind):
    page = (DOCS / "plan.md").read_text("utf-8")
    for field in dataclasses.fields(kind):
        [*_, line] = [line for line in page.splitlines() if line.startswith(f"| `{field.name}` |")]
        assert len(line.split("|")[4].strip()) > 5, line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("auditor cl", {"clean"}),
        ("auditor ", {"run", "init", "check", "clean", "report", "list", "show", "new"}),
        ("auditor run --pac", {"--pack"}),
        ("auditor clean --runner ", {"auto", "inline", "process"}),
        ("auditor report --lang ", {"en", "zh"}),
    ],
)
def test_a_shell_completes_commands_options_and_choices(words, expected):
    split = words.split(" ")
    place = {**os.environ, "_AUDITOR_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(split) - 1)}
    command = [str(Path(sys.executable).parent / "auditor")]
    done = subprocess.run(command, env=place, capture_output=True, text=True, check=True)
    assert {line.split(",")[1] for line in done.stdout.splitlines()} == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_printed(shell):
    command = [str(Path(sys.executable).parent / "auditor")]
    done = subprocess.run(command, env={**os.environ, "_AUDITOR_COMPLETE": f"{shell}_source"}, capture_output=True, check=True)
    assert b"_AUDITOR_COMPLETE" in done.stdout
