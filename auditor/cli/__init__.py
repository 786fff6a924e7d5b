"""The command line. Modules of commands are imported when they are called, so that help is there at once."""

from auditor.cli.app import main

__all__ = ["main"]
