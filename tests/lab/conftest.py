"""The table at the end: of each lab its rows, how they ended, and the time they took.

Skipped are those that could not be set up; the reason stands above the table.
"""

from collections import Counter

import pytest

OUTCOMES = ("passed", "failed", "error", "skipped")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    seconds: dict[str, float] = {}
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                for lab in (word for word in report.keywords if word.startswith("lab_")):
                    counts[lab, outcome] += 1
                    seconds[lab] = seconds.get(lab, 0) + report.duration
    if not seconds:
        return
    terminalreporter.section("labs")
    terminalreporter.write_line(
        f"{'lab':<16}{'rows':>8}{''.join(f'{outcome:>8}' for outcome in OUTCOMES)}{'time':>10}"
    )
    for lab, spent in sorted(seconds.items()):
        numbers = [counts[lab, outcome] for outcome in OUTCOMES]
        line = "".join(f"{number:>8}" for number in (sum(numbers), *numbers))
        terminalreporter.write_line(f"{lab:<16}{line}{spent:>8.0f} s")
