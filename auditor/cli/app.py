"""The command ``auditor``: what commands there are, and how errors leave it."""

import contextlib
import importlib
import io
import logging
import os
from collections.abc import Iterator, Sequence
from typing import cast

import click

from auditor import __version__, startup
from auditor.cli.screen import escaped, say
from auditor.errors import AuditorError, near

COMMANDS = {
    "run": ("auditor.cli.run", "Audit a model, a data set, or both, and write the report."),
    "init": ("auditor.cli.init", "Look at a model and a data file, and write a commented audit.yaml."),
    "check": ("auditor.cli.check", "Check an audit.yaml against its data; say what a run will do."),
    "clean": ("auditor.cli.clean", "Clean a data set, with a ledger of every row that was touched."),
    "report": ("auditor.cli.report", "Write the report of a run again, in English or Chinese."),
    "list": ("auditor.cli.catalogue", "List probes, passes, loaders or rules."),
    "show": ("auditor.cli.show", "Show what a probe, pass, loader or rule pack does, needs and takes."),
    "new": ("auditor.cli.new", "Start a probe or a pass of your own, with a test."),
}
_QUIET = {
    "DATASETS_VERBOSITY": "error",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which they are used."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by its name."""
        if cmd_name in COMMANDS:
            return cast(click.Command, importlib.import_module(COMMANDS[cmd_name][0]).command)
        if not (ctx.resilient_parsing or cmd_name.startswith("-")):
            ctx.fail(f"no command {cmd_name!r}{near(cmd_name, COMMANDS)}")
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="auditor %(version)s")
@click.option("-v", "--verbose", is_flag=True, help="Say more, and show the warnings of libraries.")
def commands(verbose: bool) -> None:
    """Audit data sets and models before release.

    What is known about data quality, fairness, robustness and security, how sure it is, and which obligations it serves.

    \b
    Three jobs:
      auditor run --model DIR --data FILE --text text --label label --group gender -o runs/x
      auditor clean train.parquet -o clean/
      auditor report runs/x --lang zh

    \b
    Exit codes: 0 the gate is ok, 2 usage, plan or input, 3 a rule fails, 4 undecided under --strict.
    """  # noqa: D301
    click.get_current_context().with_resource(_logged(verbose))
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


class _Said(logging.Handler):
    """Writes the lines of a log as everything else: with nothing in them that drives a terminal, and in its encoding."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        say(escaped(self.format(record)), error=True)


@contextlib.contextmanager
def _logged(verbose: bool) -> Iterator[None]:
    """Show what the package has to say on the error stream; what libraries warn of only where it was asked for."""
    handler = _Said()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    own = logging.getLogger("auditor")
    loggers = [own, logging.getLogger("py.warnings")] if verbose else [own]
    own.setLevel(logging.INFO if verbose else logging.WARNING)
    logging.captureWarnings(capture=True)
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        for logger in loggers:
            logger.removeHandler(handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: without the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    try:
        return commands.main(arguments, prog_name="auditor", standalone_mode=False) or 0
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        say(escaped(shown.getvalue().rstrip()), error=True)
        return 2
    except AuditorError as error:
        say(escaped(f"auditor: {error}"), error=True)
        return error.exit_code
    except OSError as error:
        from auditor.store.failures import said

        say(escaped(f"auditor: {said(error)}"), error=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        say(startup.STOPPED, error=True)
        return startup.INTERRUPTED
