"""Every error that the package raises on purpose: one tree, each knowing how it is shown."""

import difflib
from collections.abc import Iterable


class AuditorError(Exception):
    """An error a person can act on; shown as one line, without a traceback.

    Args:
        problem: what was found, and what was expected instead.
        place: where: a file, a line, a key of a file, a column, a row.
        remedy: what to do about it, as an imperative sentence.
    """

    exit_code = 2

    def __init__(self, problem: str, *, place: str = "", remedy: str = "") -> None:
        self.problem, self.place, self.remedy = problem, place, remedy
        super().__init__(problem, place, remedy)

    def __str__(self) -> str:
        head = f"{self.place}: {self.problem}" if self.place else self.problem
        end = "" if head.endswith("?") else "."
        return f"{head}{end} {self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from the three parts, so that the error survives a process boundary."""
        return (_rebuild, (type(self), self.problem, self.place, self.remedy))


def near(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: ``; did you mean 'gender'?``, or nothing where no known name is near.

    Upper and lower case are alike in that.
    """
    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), list(folded), n=1)
    return f"; did you mean {folded[found[0]]!r}?" if found else ""


def _rebuild(kind: type[AuditorError], problem: str, place: str, remedy: str) -> AuditorError:
    return kind(problem, place=place, remedy=remedy)


class UsageError(AuditorError):
    """The command, its options or the state of the output folder do not fit."""


class ConfigError(AuditorError):
    """A plan, a rule pack or another file that people write does not read as one."""


class InputError(AuditorError):
    """The data set or the checkpoint cannot be used as it is."""


class UnsafeCheckpoint(InputError):
    """The checkpoint holds code or pickles, and loading them was not asked for."""


class TooManyBadRows(AuditorError):
    """More rows failed in a pass than the run allows."""


class RowsLost(AuditorError):
    """Rows in and rows out of a pass do not add up: a bug in the pass, or in what runs it."""

    exit_code = 1


class Skip(AuditorError):
    """A check cannot be made on this subject: it is *not tested*, with this reason."""


class NotApplicable(Skip):
    """A check cannot apply to what is audited, such as one of a model where only data are: *not applicable*, and not counted.

    What was expected and is missing (a model that was not loaded, a label, a library) is a ``Skip``.
    """


class MissingExtra(Skip):
    """An optional library is not installed; the remedy is the command that installs it."""

    @classmethod
    def named(cls, extra: str, purpose: str) -> "MissingExtra":
        """Say which extra of the package is missing, and what it is for."""
        return cls(f"{purpose} needs an optional library", remedy=f"Run: pip install 'auditor[{extra}]'")
