"""What people see: lines, tables, and bars where there is a terminal to draw them on."""

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import click

from auditor import startup
from auditor.cli.wrapping import encodable, wide, wrapped

Progress = Callable[[str, int, int], None]

COLOURS = {"pass": "green", "ok": "green", "fail": "red", "error": "red", "inconclusive": "yellow", "undecided": "yellow"}
_PAGE = 100
_READABLE = 30
"""Columns that a text must have to be read beside others."""

_EVERY = 30.0
"""Seconds between lines of progress where there is no terminal."""

_DRIVING = "\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Controls, what turns the direction of text, and halves of characters; line ends, tabs and escape are not in it."""

_NEVER = re.compile(rf"[{_DRIVING}\x1b]")
_STYLED = re.compile(rf"[{_DRIVING}]|\x1b(?!\[[0-9;]*m)")


def say(text: str = "", *, error: bool = False) -> None:
    """Write a line; where it cannot be written, as to a full disk or a reader that went away, quietly nothing."""
    stream = sys.stderr if error else sys.stdout
    if stream is None:
        return
    try:
        click.echo(encodable(_STYLED.sub(_escape, text), stream.encoding), err=error)
    except OSError:
        _give_up(stream)
    except ValueError:  # the stream is closed
        return


def _give_up(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere, so that the process can end in peace."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def escaped(text: str) -> str:
    r"""Text, which may have several lines, with what drives a terminal or turns its direction as ``\x1B``, ``\u202E``."""
    return _NEVER.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"


def shown(text: str) -> str:
    """Text from data or a model on one line, with nothing in it that drives a terminal."""
    from auditor.report.visible import visible

    return visible(text)


def coloured(state: str, text: str = "") -> str:
    """A state, or a text about one, in its colour, where there are colours."""
    said = text or state
    return click.style(said, fg=COLOURS.get(state)) if _draws() and not os.environ.get("NO_COLOR") else said


def table(rows: Sequence[Sequence[str]], *, indent: int = 0) -> None:
    """Write rows in columns, the last one wrapped; where it would be too narrow, it stands below the others."""
    widths = [max(map(wide, column)) for column in zip(*rows, strict=True)][:-1]
    width, margin = _width(), " " * indent
    before = indent + sum(one + 2 for one in widths)
    stands = width - before >= min(_READABLE, max(wide(row[-1]) for row in rows))
    for *first, last in rows:
        if stands:
            head = margin + "".join(cell + " " * (one - wide(cell) + 2) for cell, one in zip(first, widths, strict=True))
            _lined(head, wrapped(last, width - before))
        else:
            for line in wrapped("  ".join(first).rstrip(), width - indent):
                say(margin + line)
            _lined(f"{margin}  ", wrapped(last, width - indent - 2) if last else [])


def paragraph(text: str, *, error: bool = False) -> None:
    """Write a text in lines of the terminal's width."""
    for line in wrapped(text, _width()):
        say(line, error=error)


def _lined(head: str, lines: Sequence[str]) -> None:
    for place, line in enumerate(lines):
        say(((" " * wide(head) if place else head) + line).rstrip())


def _width() -> int:
    """Columns of the terminal, or of ``COLUMNS``; where the output goes elsewhere, those of a page."""
    return max(shutil.get_terminal_size((_PAGE, 24)).columns, 20)


def _draws() -> bool:
    """Whether the terminal can do more than print."""
    return os.environ.get("TERM", "") not in ("dumb", "unknown")


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """Something to tell how far a stage is: bars on a terminal, else a line now and then; all on the error stream."""
    with _bars() if sys.stderr is not None and sys.stderr.isatty() and _draws() else _lines() as tell:
        yield tell


@contextlib.contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _restored(), Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


@contextlib.contextmanager
def _restored() -> Iterator[None]:
    """While bars are drawn: what shows the cursor again and clears the line, should the process be told to end."""
    startup.SHOWN.append("\x1b[?25h\r\x1b[J")
    try:
        yield
    finally:
        startup.SHOWN.clear()


@contextlib.contextmanager
def _lines() -> Iterator[Progress]:
    latest: dict[str, tuple[int, int]] = {}
    said = time.monotonic()

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal said
        latest[stage] = (done, total)
        if time.monotonic() - said >= _EVERY:
            said = time.monotonic()
            say(_line(stage, done, total), error=True)

    yield tell
    for stage, (done, total) in latest.items():
        say(_line(stage, done, total), error=True)


def _line(stage: str, done: int, total: int) -> str:
    return f"{stage}: {done:,} of {total:,}"
