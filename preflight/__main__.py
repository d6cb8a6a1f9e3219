"""`python -m preflight` and the command `preflight`: the way in, before anything is imported."""

import os
import sys


def main() -> int:
    """Run a worker, say the version, or go on to the commands; returns the exit code."""
    _leave_out_current_folder()
    arguments = sys.argv[1:]
    if sys.stderr is None:
        # Closed by whoever started this: nobody is to be told, least of all on standard output.
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - without pathlib, for as long as this runs
    if arguments == ["--worker"]:
        from preflight import worker  # noqa: PLC0415 - a worker needs no command line

        return worker.main()
    if arguments == ["--version"]:
        from preflight import __version__, console  # noqa: PLC0415 - the version needs nothing else

        if console.say(f"preflight {__version__}"):
            return 0
        from preflight import cli  # noqa: PLC0415 - only what went wrong needs more

        return cli.print_output_error()
    from preflight import cli  # noqa: PLC0415 - Typer costs what a worker need not pay

    return cli.main(arguments)


def _leave_out_current_folder() -> None:
    """Look for no further modules in the current folder, which `python -m` and an empty `PYTHONPATH` name.

    It stays where it is the one that holds this very package, as a checkout's.
    """
    # Nothing may be imported for this: it would be looked for there.
    try:
        current = os.getcwd()  # noqa: PTH109 - as above
    except OSError:
        return
    if current != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120 - as above
        sys.path[:] = [folder for folder in sys.path if folder != current]


if __name__ == "__main__":
    sys.exit(main())
