"""CPU time of the short commands over that of a bare interpreter: `python tests/bench/startup.py`.

Prints the median of `--runs` runs each; user and system time of the child together.
"""

import argparse
import resource
import statistics
import subprocess
import sys

COMMANDS = {
    "preflight --version": (["--version"], 40),
    "preflight --help": (["--help"], 120),
    "preflight run --help": (["run", "--help"], 250),
}


def cpu_ms(command: list[str]) -> float:
    """Return the CPU time of a command in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    bare = statistics.median(cpu_ms([sys.executable, "-c", "pass"]) for _ in range(runs))
    print(f"bare Python {bare:.0f} ms; {runs} runs each")
    print(f"{'command':<24}{'over bare Python':>18}{'demand':>10}")
    for name, (arguments, demand) in COMMANDS.items():
        command = [sys.executable, "-m", "preflight", *arguments]
        spent = statistics.median(cpu_ms(command) for _ in range(runs)) - bare
        print(f"{name:<24}{spent:>15.0f} ms{demand:>7} ms")


if __name__ == "__main__":
    main()
