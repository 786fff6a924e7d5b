"""What a process of ours imports from, and how it ends when it is told to.

The folder that a command is run in may hold anything: a ``numpy.py`` beside the data must not run. So the working directory
is on the import path of no process of ours. This module imports only what Python has loaded before it looks at that path.
"""

import os
import sys

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

STOPPED = "auditor: stopped. The same command goes on where this one was."
INTERRUPTED, TERMINATED = 130, 143
"""Exit codes after Ctrl-C and SIGTERM, as shells have them: 128 and the number of the signal."""

SHOWN: "list[str]" = []
"""What has to be written to the terminal before the last line, as where bars are drawn on it."""

_LIBRARY = os.path.dirname(os.__file__)
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_INSTALLED = ("site-packages", "dist-packages")


def settle() -> None:
    """Make this process, which runs nothing but the command, safe to work in; called before anything else is imported."""
    for number in range(3):
        _open_standard_file(number)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    path, changed = import_path(own=True), environment()
    sys.path[:] = path
    os.environ.update(changed)
    _end_when_told()


def environment() -> "dict[str, str]":
    """What is set for processes that this one starts, so that they do not import from their working directory."""
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(filter(os.path.isabs, _named()))}


def import_path(*, own: bool = False) -> "list[str]":
    """This process's import path without the working directory, and without what is relative to it.

    A working directory that is on the path for a reason of its own is kept: as an absolute path in ``PYTHONPATH``, by an
    editable installation, or because the program that runs lives there.

    Args:
        own: whether that program is the command itself.
    """
    chosen = {entry for entry in _named() if os.path.isabs(entry)} | (set() if own else _home_of_main())
    unsafe = set(map(_real, ["", *(entry for entry in _named() if not os.path.isabs(entry))]))
    backwards = sys.path[::-1]
    installed = len(sys.path) - (backwards.index(_LIBRARY) if _LIBRARY in backwards else 0)
    kept = [
        entry
        for place, entry in enumerate(sys.path)
        if os.path.isabs(entry) and (place >= installed or entry in chosen or _real(entry) not in unsafe)
    ]
    lost = [entry for entry in sys.path[:installed] if os.path.isabs(entry) and entry not in kept]
    return kept + [entry for entry in lost if entry == _PACKAGE or entry in _editable()]


def _named() -> "list[str]":
    """The entries of ``PYTHONPATH``; an empty one stands for the working directory."""
    named = os.environ.get("PYTHONPATH")
    return named.split(os.pathsep) if named and not sys.flags.ignore_environment else []


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except OSError:  # the working directory was removed
        return path


def _home_of_main() -> "set[str]":
    """The folder that the program which runs here imports its own modules from."""
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if not file:
        return set()
    home = os.path.dirname(os.path.abspath(file))
    for _ in range(getattr(getattr(main, "__spec__", None), "name", "").count(".")):
        home = os.path.dirname(home)
    return {home}


def _editable() -> "Iterator[str]":
    """Folders that files of installed packages add to the path."""
    for folder in sys.path:
        if os.path.basename(folder) in _INSTALLED and os.path.isdir(folder):
            for name in os.listdir(folder):
                if name.endswith(".pth"):
                    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                        yield from file.read().splitlines()


def _open_standard_file(number: int) -> None:
    """Open a standard stream that was closed on nothing, lest the next file that is opened takes its number, and its text."""
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDWR)


def _end_when_told() -> None:
    """End with one line on Ctrl-C and SIGTERM, at whatever is being imported or done.

    What is finished is on disk, whole; a run may be killed at any moment. So nothing needs to be unwound.
    """
    import signal

    def end(number: int, _: object) -> None:
        with_line = "".join([*SHOWN, STOPPED, "\n"]).encode()
        try:
            os.write(2, with_line)
        finally:
            os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, end)
