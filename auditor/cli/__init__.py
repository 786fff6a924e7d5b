"""The command line. Modules of commands are imported when they are called, so that help is there at once."""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command.

    Args:
        arguments: without the program's name. By default those of the process, which is then taken to be the command's own:
            it no longer imports from the working directory, and ends with one line when it is stopped.

    Returns:
        The exit code.
    """
    if arguments is None:
        from auditor.startup import settle

        settle()
    from auditor.cli.app import main

    return main(arguments)
