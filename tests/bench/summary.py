"""CPU time and memory of `preflight summary` on many reports: python tests/bench/summary.py [COUNT]."""

import dataclasses
import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from preflight import reports
from preflight.model import Fact, Finding
from preflight.reports import json_document
from preflight.texts import Words

sys.path.insert(0, str(Path(__file__).parents[1]))

import sample_reports

assert sys.platform != "win32"  # the peak of memory is asked of POSIX

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000


def varied(fact: Fact, rng: random.Random) -> Fact:
    if isinstance(fact.value, float):
        return dataclasses.replace(fact, value=fact.value * rng.uniform(0.5, 1.5))
    return fact


def write(path: Path) -> None:
    rng = random.Random(1)
    with path.open("w") as file:
        for _ in range(COUNT):
            outcomes = dict(sample_reports.CHANGES[rng.choice(list(sample_reports.CHANGES))])
            for check, outcome in sample_reports.GOOD.items():
                if isinstance(outcome, Finding):
                    facts = {name: varied(fact, rng) for name, fact in outcome.facts.items()}
                    outcomes.setdefault(check, dataclasses.replace(outcome, facts=facts))
            file.write(json_document.dump_line(sample_reports.build(outcomes)))


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "reports.ndjson"
    write(path)
    size = path.stat().st_size
    before = time.process_time()
    text = reports.summarise(reports.tally([str(path)]), Words("en")).text()
    spent = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(text)
    print(
        json.dumps(
            {"reports": COUNT, "MB": round(size / 1e6), "cpu_s": round(spent, 2), "peak_MB": round(memory)}
        )
    )
