"""What people see: lines, tables, and bars where there is a terminal to draw them on."""

import contextlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import click

Progress = Callable[[str, int, int], None]

COLOURS = {"pass": "green", "ok": "green", "fail": "red", "error": "red", "inconclusive": "yellow", "undecided": "yellow"}
_EVERY = 30.0
"""Seconds between lines of progress where there is no terminal."""

_DRIVING = "\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Controls, what turns the direction of text, and halves of characters; line ends, tabs and escape are not in it."""

_NEVER = re.compile(rf"[{_DRIVING}\x1b]")
_STYLED = re.compile(rf"[{_DRIVING}]|\x1b(?!\[[0-9;]*m)")


def say(text: str = "", *, error: bool = False) -> None:
    """Write a line; where nobody reads any more, quietly nothing."""
    try:
        click.echo(_STYLED.sub(_escape, text), err=error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if error else sys.stdout).fileno())


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


def coloured(state: str) -> str:
    """A state in its colour, where there are colours."""
    return click.style(state, fg=COLOURS.get(state))


def table(rows: Sequence[Sequence[str]], *, indent: int = 0) -> None:
    """Write rows in columns; a terminal is not written beyond its width."""
    widths = [max(len(click.unstyle(cell)) for cell in column) for column in zip(*rows, strict=True)]
    room = _width() - indent - sum(width + 2 for width in widths[:-1])
    for *first, last in rows:
        cells = [cell + " " * (width - len(click.unstyle(cell))) for cell, width in zip(first, widths, strict=False)]
        end = last if len(click.unstyle(last)) <= room else f"{last[: max(room - 1, 9)]}…"
        say((" " * indent + "  ".join([*cells, end])).rstrip())


def _width() -> int:
    """Columns of the terminal; no limit where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


@contextlib.contextmanager
def progress() -> Iterator[Progress]:
    """Something to tell how far a stage is: bars on a terminal, else a line now and then; all on the error stream."""
    with _bars() if sys.stderr.isatty() else _lines() as tell:
        yield tell


@contextlib.contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


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
