"""Text in lines: nothing is cut, whatever the width, the characters and the terminal."""

import subprocess
import sys

import click
import hypothesis.strategies as st
import pytest
from hypothesis import given

from auditor.cli import screen
from auditor.cli.wrapping import encodable, wide, wrapped

LONG = "group = Ärzt_innen: the difference is 0.12, above .1, by 4,000 of 8,000 rows; see also https://example.org/" + "x" * 90
ROWS = [("fail", "us-four-fifths 1607.4-D", LONG), ("not tested", "deep_word_bug", "评论 " + "很好" * 40), ("pass", "B1", "")]


def together(text: str) -> str:
    return "".join(click.unstyle(text).split())


@pytest.mark.parametrize("columns", [40, 41, 60, 79, 80, 100, 133, 200])
def test_findings_are_whole_and_within_the_width(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    screen.table(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(wide, lines)) <= columns
    shown = together("".join(lines))
    for row in ROWS:
        for cell in row:
            assert together(cell) in shown
    assert "…" not in shown


def test_a_pipe_gets_the_lines_of_a_page(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    screen.table(ROWS)
    assert max(map(wide, capsys.readouterr().out.splitlines())) <= 100


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_wrapping_loses_nothing_but_spaces(text, width):
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(wide(line) <= width for line in lines)


def test_styles_take_no_room_and_stay_whole():
    red = click.style("fail", fg="red")
    assert wide(red) == 4
    assert wrapped(f"{red} {red}", 9) == [f"{red} {red}"]
    assert click.unstyle("".join(wrapped(red * 5, 3))) == "fail" * 5


def test_an_encoding_without_our_signs_gets_them_in_ascii_and_the_data_by_number():
    assert encodable("a ≥ b … ‹é›", "ascii") == r"a >= b ... <\xe9>"
    assert encodable("a ≥ é", "latin-1") == "a >= é"
    assert encodable("a ≥ é", "utf-8") == "a ≥ é"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_they_are_not_wanted(name, value, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert screen.coloured("fail") == click.style("fail", fg="red")
    monkeypatch.setenv(name, value)
    assert screen.coloured("fail") == "fail"


def test_every_help_is_plain_ascii_and_knows_no_markup():
    from auditor.cli.app import COMMANDS, commands

    for name in COMMANDS:
        command = commands.get_command(click.Context(commands), name)
        text = command.get_help(click.Context(command, info_name=name))
        assert text.isascii(), name
        assert "\\x1b" not in text
        assert "[/" not in text


def test_the_package_shows_its_interface_and_imports_nothing_for_it():
    program = "import sys, auditor; print(*dir(auditor)); print(*sorted({'numpy', 'typing', 'click'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["AuditorError Result __version__ audit clean", ""]
