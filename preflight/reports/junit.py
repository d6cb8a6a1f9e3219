"""A report as JUnit XML: one test case per check, for the viewers of continuous integration."""

import re
from xml.etree import ElementTree as ET

from preflight.model import Check, Report, Verdict
from preflight.reports.content import Item, Section, content, details, item, sentence, source_of, uplink
from preflight.texts import Words

# What XML 1.0 cannot hold (its production 2, Char).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, words: Words) -> str:
    """Return a report as JUnit XML, such as Jenkins' schema of it allows.

    A warning is a passed test. Its own output says why: viewers show that beside the test, and
    not the suite's.
    """
    root = ET.Element("testsuites")
    for number, section in enumerate(content(report, words).sections):
        root.append(_test_suite(section, number, report, words))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _test_suite(section: Section, number: int, report: Report, words: Words) -> ET.Element:
    check_items = [item(each.check, words, uplink(report.checks)) for each in section.items]
    checks = [each.check for each in check_items]
    suite = ET.Element(
        "testsuite",
        {
            "id": str(number),
            "package": "preflight",
            "name": f"preflight.{section.source}",
            # Ant's schema wants a host and no offset of time; whose computer it is, is not said.
            "hostname": "localhost",
            "timestamp": report.started[:19],
            "time": _seconds(max((check.duration_s or 0 for check in checks), default=0)),
            **_counts(checks),
        },
    )
    properties = ET.SubElement(suite, "properties")
    known = {
        "tool_version": report.tool_version,
        "policy": f"{report.policy_name} {report.policy_version}",
        "verdict": report.verdict.value,
        **({"device": section.device} if section.device else {}),
    }
    for name, value in known.items():
        ET.SubElement(properties, "property", name=name, value=_writable(value))
    answered = 0.0
    for each in check_items:
        # What a report holds is when each was answered; here each has its own share.
        until = max(answered, each.check.duration_s or 0)
        suite.append(_test_case(each, words, until - answered))
        answered = until
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _test_case(entry: Item, words: Words, seconds: float) -> ET.Element:
    check = entry.check
    case = ET.Element(
        "testcase",
        name=check.id,
        classname=f"preflight.{source_of(check.id)}",
        time=_seconds(seconds),
    )
    match check.verdict:
        case Verdict.FAIL:
            failure = ET.SubElement(case, "failure", type=check.id, message=_message(entry))
            failure.text = _body(entry, words)
        case Verdict.ERROR:
            kind = check.trouble.kind.value if check.trouble else "unjudged"
            ET.SubElement(case, "error", type=kind, message=_message(entry)).text = _body(entry, words)
        case Verdict.SKIP:
            ET.SubElement(case, "skipped", message=_message(entry))
        case Verdict.PASS | Verdict.WARN:
            ET.SubElement(case, "system-out").text = _output(entry, words)
    return case


def _output(entry: Item, words: Words) -> str:
    return f"{entry.check.id}: {entry.verdict_word}. {_message(entry)}\n{_body(entry, words)}"


def _message(entry: Item) -> str:
    measured = f"{entry.measured}." if entry.measured else ""
    return _writable(" ".join(filter(None, (f"{entry.title}:", measured, sentence(entry.finding)))))


def _body(entry: Item, words: Words) -> str:
    return _writable("\n".join(filter(None, (entry.effect, entry.action, *details(entry.check, words)))))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _counts(checks: list[Check]) -> dict[str, str]:
    verdicts = [check.verdict for check in checks]
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count(Verdict.FAIL)),
        "errors": str(verdicts.count(Verdict.ERROR)),
        "skipped": str(verdicts.count(Verdict.SKIP)),
    }


def _writable(text: str) -> str:
    return _NOT_XML.sub("", text)
