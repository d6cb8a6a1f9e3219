"""What a careful person would say of a report: the words of the labs' tables.

Expected is, per check or per source for all its checks at once, one of these forms; ` | ` stands
between what is equally right:

    pass
    warn WHY FACT       fail FACT         the facts that were missed, at least these
    error KIND          skip ID
"""

from collections.abc import Mapping
from typing import Any

NOT_ASKED: Mapping[str, str] = {"camera.document": "skip not-asked"}
"""Of every row that does not say otherwise."""
EXITS = {"ready": 0, "not-ready": 1, "incomplete": 3}


def told(check: dict[str, Any]) -> set[str]:
    """Return all that may be said of a check's answer in the table's words."""
    verdict = check["verdict"]
    if verdict == "error":
        return {"error", f"error {check['trouble']['kind']}"}
    if verdict == "skip":
        return {"skip", f"skip {check['skipped_for']}"}
    missed = [result for result in check["results"] if result["verdict"] == verdict]
    if verdict == "warn":
        return {"warn", *(f"warn {result['why']} {result['fact']}" for result in missed)}
    return {verdict, *(f"{verdict} {result['fact']}" for result in missed)}


def expected(expect: Mapping[str, str], check: str) -> list[str]:
    """Return what is right to say of a check, in the table's words."""
    right = {**NOT_ASKED, **expect}
    return right.get(check, right.get(check.partition(".")[0], "pass")).split(" | ")


def wrong(expect: Mapping[str, str], report: dict[str, Any]) -> list[str]:
    """Return what a careful person would have said differently, one line per check."""
    lines = []
    for check in report["checks"]:
        if (
            check["verdict"] == "skip"
            and check["skipped_for"] == "not-asked"
            and check["id"] in report["left_out"]
        ):
            continue
        right = expected(expect, check["id"])
        if not told(check) & set(right):
            facts = {name: fact["value"] for name, fact in check["facts"].items()}
            lines.append(
                f"{check['id']}: {sorted(told(check))} and not {right}; {check['trouble'] or ''} {facts}"
            )
    return lines
