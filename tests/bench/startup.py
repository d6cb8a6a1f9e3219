"""CPU time of the short commands over that of a bare interpreter: `python tests/bench/startup.py`.

Prints the median of `--runs` runs each, taken by turns; user and system time of the child together.
Beside them stands what the libraries alone take, which no help of Typer's can do without.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence

BARE = "bare Python"
TYPER = """
import typer
app = typer.Typer(rich_markup_mode=None)
app.command()(lambda: None)
app(["--help"])
"""
COMMANDS: Mapping[str, tuple[Sequence[str], int | None]] = {
    BARE: (["-c", "pass"], None),
    "import typer": (["-c", "import typer"], None),
    "import typer, rich.console": (["-c", "import typer, rich.console"], None),
    "help of an empty Typer app": (["-c", TYPER], None),
    "preflight --version": (["-m", "preflight", "--version"], 40),
    "preflight --help": (["-m", "preflight", "--help"], 120),
    "preflight run --help": (["-m", "preflight", "run", "--help"], 250),
}
"""What is run, and at most how many milliseconds over bare Python are asked for."""


def cpu_ms(command: list[str]) -> float:
    """Return the CPU time of a command in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, (arguments, _) in COMMANDS.items():
            spent[name].append(cpu_ms([sys.executable, *arguments]))
    bare = statistics.median(spent[BARE])
    print(f"bare Python {bare:.0f} ms; {runs} runs each")
    print(f"{'command':<28}{'over bare Python':>18}{'demand':>10}")
    for name, (_, demand) in COMMANDS.items():
        if name != BARE:
            asked = "" if demand is None else f"{demand} ms"
            print(f"{name:<28}{statistics.median(spent[name]) - bare:>15.0f} ms{asked:>10}")


if __name__ == "__main__":
    main()
