"""A report as JUnit XML: one test case per check, for the viewers of continuous integration."""

import re
from xml.etree import ElementTree as ET

from preflight.model import Check, Report, Verdict
from preflight.reports.content import Item, Section, content, details, item, sentence
from preflight.texts import Words

# What XML 1.0 cannot hold (its production 2, Char).
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, words: Words) -> str:
    """Return a report as JUnit XML; a warning is a passed test whose output says why."""
    said = content(report, words)
    root = ET.Element("testsuites", {"name": "preflight", **_counts(report.checks)})
    root.set("time", f"{report.duration_s:.3f}")
    for section in said.sections:
        root.append(_suite(section, report, words))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _suite(section: Section, report: Report, words: Words) -> ET.Element:
    checks = tuple(each.check for each in section.items)
    suite = ET.Element(
        "testsuite",
        {
            "name": f"preflight.{section.source}",
            # Without the offset: the usual schema takes none.
            "timestamp": report.started[:19],
            "time": f"{sum(check.duration_s or 0 for check in checks):.3f}",
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
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    for check in checks:
        suite.append(_case(item(check, words), section.source, words))
    return suite


def _case(said: Item, source: str, words: Words) -> ET.Element:
    check = said.check
    case = ET.Element(
        "testcase", name=check.id, classname=f"preflight.{source}", time=f"{check.duration_s or 0:.3f}"
    )
    message = _clean(
        " ".join(filter(None, (f"{said.title}:", _stopped(said.measured), sentence(said.finding))))
    )
    body = _clean("\n".join(filter(None, (said.effect, said.action, *details(check, words)))))
    match check.verdict:
        case Verdict.FAIL:
            ET.SubElement(case, "failure", type=check.id, message=message).text = body
        case Verdict.ERROR:
            kind = check.trouble.kind.value if check.trouble else "unjudged"
            ET.SubElement(case, "error", type=kind, message=message).text = body
        case Verdict.SKIP:
            ET.SubElement(case, "skipped", message=message)
        case Verdict.PASS | Verdict.WARN:
            ET.SubElement(case, "system-out").text = f"{said.word}. {message}\n{body}"
    return case


def _counts(checks: tuple[Check, ...]) -> dict[str, str]:
    verdicts = [check.verdict for check in checks]
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count(Verdict.FAIL)),
        "errors": str(verdicts.count(Verdict.ERROR)),
        "skipped": str(verdicts.count(Verdict.SKIP)),
    }


def _stopped(text: str) -> str:
    return f"{text}." if text else ""


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)
