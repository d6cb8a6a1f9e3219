"""What a report says, before it is laid out: the same sentences for every format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from preflight import judge, policy
from preflight.checks.reach import THROUGH_VPN, WITHOUT_VPN
from preflight.model import (
    Check,
    Fact,
    Kind,
    Level,
    Readiness,
    Report,
    Result,
    SkipReason,
    Verdict,
    WarnReason,
)
from preflight.texts import LEVELS, READINESS, SOURCES, VERDICTS, WARN_REASONS, Words, _

_NOT_MADE = (SkipReason.NOT_ASKED, SkipReason.DECLINED)
_CLIP_NOTE = _(
    "This was checked by a video from a phone or another device. Check the connection, the battery and Zoom"
    " on that device yourself."
)
_FILE_TROUBLES = (Kind.BAD_INPUT, Kind.SLOW)
"""Troubles whose words do not say which file is meant."""
_BY_SEVERITY = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One check in words."""

    check: Check
    title: str
    verdict_word: str
    """The verdict in a word."""
    measured: str
    """Measured against demanded, in a few words; why, where nothing was measured."""
    finding: str
    """What was found, lower case and without a full stop; empty when all is well or `explained_below`."""
    effect: str
    action: str
    detail: str
    """For a technician at the computer: what exactly is wrong with a file or the system."""
    explained_below: bool
    """A later check of this source has the same trouble and tells it once for all."""

    @property
    def explanation(self) -> str:
        """What was found and its effect, in sentences; empty when all is well."""
        return " ".join(filter(None, (sentence(self.finding), self.effect)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The checks of one source."""

    source: str
    title: str
    device: str
    items: tuple[Item, ...]

    @property
    def heading(self) -> str:
        """The title, with the device where it is named."""
        return f"{self.title} ({self.device})" if self.device else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The whole report in words."""

    headline: str
    other_problems: str
    """The other checks that stand in the way, by name."""
    counts: str
    sections: tuple[Section, ...]
    provenance: str


def content(report: Report, words: Words) -> Content:
    """Return what a report says in a language."""
    return Content(
        headline=headline(report, words),
        other_problems=_other_problems(report, words),
        counts=_verdict_counts(report.checks, words),
        sections=tuple(_sections(report, words)),
        provenance=words.say(
            _("{when} · preflight {version} · policy {policy} {policy_version}"),
            when=start_time(report),
            version=report.tool_version,
            policy=report.policy_name,
            policy_version=report.policy_version,
        ),
    )


def saving_hint(report: Report, words: Words, program: str) -> tuple[str, str]:
    """Return a sentence on saving a report for the bank, and the command to type for it.

    `program` is how this run was started. Both are empty when there is nothing to send.
    """
    if report.verdict is Readiness.READY or not program:
        return "", ""
    return words.say(_("To save a report for the bank, type:")), f"{program} --output report.html"


def headline(report: Report, words: Words) -> str:
    """Return the one line that sums a report up, and what it was made from if not from this computer."""
    summed_up = _summed_up(report, words)
    return f"{summed_up} {words.say(_CLIP_NOTE)}" if is_of_clip(report.checks) else summed_up


def is_of_clip(checks: Iterable[Check]) -> bool:
    """Tell whether a video that another device recorded was looked at."""
    facts = (check.facts.get("cause") for check in checks if check.id == "camera.video")
    return any(fact is not None and fact.value == "clip" for fact in facts)


def _summed_up(report: Report, words: Words) -> str:
    verdict = words.say(READINESS[report.verdict])
    if report.verdict is Readiness.READY and judge.is_nothing_applicable(report.checks):
        return words.say(_("There is nothing to check: what you asked for does not apply to this computer."))
    if report.verdict is Readiness.READY and report.left_out:
        measured, asked = _checks_made_and_asked(report)
        return words.say(
            _(
                "Everything that was checked is ready ({measured} of {asked} checks). The rest was not"
                " checked."
            ),
            measured=measured,
            asked=asked,
        )
    if report.verdict is Readiness.READY:
        if any(check.verdict is Verdict.WARN for check in report.checks):
            return words.say(_("Ready. The session can go ahead; the warnings show what could be improved."))
        return words.say(_("Ready. This computer has everything the session needs."))
    blocking = _blocking_checks(report)
    if not blocking:
        return words.say(_("{verdict}. Nothing was measured."), verdict=verdict)
    return f"{verdict}. {sentence(finding_and_action(blocking[0], words, uplink(report.checks)))}"


def finding_and_action(check: Check, words: Words, uplink: Sequence[str] = ()) -> str:
    """Return what was found and what to do, after the check's name where they do not tell what is meant."""
    check_item, result, trouble = item(check, words, uplink), deciding_result(check), check.trouble
    named = (trouble and trouble.kind not in _FILE_TROUBLES) or (
        result and _miss_fits_verdict(check, result, words)
    )
    subject = "" if named else f"{check_item.title} – "
    return f"{subject}{check_item.finding or check_item.measured}. {check_item.action}".strip()


def uplink(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return what is known of the way out, in the words of `UPLINK_ADVICE`, what explains most first."""
    reach = next((check for check in checks if check.id == "network.reach"), None)
    if reach is None:
        return ()
    told = {name: fact.value for name, fact in reach.facts.items()}
    detail = reach.trouble.detail if reach.trouble else ""
    tunnel = told.get("tunnel", True if THROUGH_VPN in detail else False if WITHOUT_VPN in detail else None)
    known = {
        "vpn": tunnel is True,
        "mobile": told.get("mobile") is True,
        "cable": told.get("mobile") is False and told.get("wireless") is False,
        "no-vpn": tunnel is False,
    }
    return tuple(kind for kind, is_so in known.items() if is_so)


def item(check: Check, words: Words, uplink: Sequence[str] = (), *, explained_below: bool = False) -> Item:
    """Return one check in words; `uplink` is what is known of the way out."""
    measured = finding = effect = action = detail = ""
    result = deciding_result(check)
    if check.trouble is not None:
        cure = words.trouble(check.trouble, source_of(check.id), uplink)
        finding, action = cure.finding, cure.advice
        detail = words.shown_detail(check.trouble)
    elif check.verdict is Verdict.SKIP:
        measured = words.skip_reason(check.skipped_for or SkipReason.NOT_APPLICABLE)
    elif result is not None:
        miss = words.miss(check, result, uplink)
        measured = measured_and_demanded(check, result, words)
        finding, action = _finding(check, result, words), miss.advice
        effect = miss.effect if _miss_fits_verdict(check, result, words) else ""
    else:
        measured = words.measured_text(check) or _first_measured(check, words)
    return Item(
        check=check,
        title=words.title(check.id),
        verdict_word=words.say(VERDICTS[check.verdict]),
        # Why nothing was measured stands in each row, what to do in the last one of those that share it.
        measured=finding if explained_below else measured,
        finding="" if explained_below else finding,
        effect=effect,
        action="" if explained_below else action,
        detail="" if explained_below else detail,
        explained_below=explained_below,
    )


def deciding_result(check: Check) -> Result | None:
    """Return the result that made the verdict of a check, if it is not a pass."""
    for verdict in _BY_SEVERITY:
        if check.verdict is not verdict:
            continue
        for result in check.results:
            if result.verdict is verdict and result.why is check.why:
                return result
    missed = [result for result in check.results if result.verdict in _BY_SEVERITY]
    return missed[0] if missed and check.verdict in _BY_SEVERITY else None


def measured_and_demanded(check: Check, result: Result, words: Words) -> str:
    """Return what was measured and what is demanded: "6.2 Mbit/s, needed: at least 8 Mbit/s"."""
    fact = check.facts.get(result.fact)
    demand = result.demand
    mark = demand.comfortable if result.why is WarnReason.CLOSE else demand.bound
    shown = _fact_text(fact, words, mark)
    if isinstance(demand.bound, bool):
        return ""
    unit = _unit(check, result.fact)
    if result.why is WarnReason.CLOSE:
        pattern, bound = _("{value}, better: {bound}"), words.comfortable_bound(demand, unit)
    elif demand.level is Level.SHOULD:
        pattern, bound = _("{value}, advised: {bound}"), words.bound(demand, unit)
    else:
        pattern, bound = _("{value}, needed: {bound}"), words.bound(demand, unit)
    text = words.say(pattern, value=shown, bound=bound)
    alone = sum(not isinstance(each.demand.bound, bool) for each in check.results) == 1
    return text if alone else f"{words.label(check.id, result.fact)}: {text}"


def details(check: Check, words: Words) -> Iterable[str]:
    """Yield what support staff want to see of a check, line by line."""
    demanded = {result.fact: result for result in check.results}
    for name, result in demanded.items():
        fact, unit = check.facts.get(name), _unit(check, name)
        line = words.say(
            _("{label}: {value} ({level}: {bound}) – {verdict}"),
            label=words.label(check.id, name),
            value=_fact_text(fact, words, result.demand.bound),
            level=words.say(LEVELS[result.demand.level]),
            bound=words.bound(result.demand, unit),
            verdict=words.say(VERDICTS[result.verdict])
            + (f" ({words.say(WARN_REASONS[result.why])})" if result.why else ""),
        )
        # Of what passed the reason would read as if it were found.
        if result.verdict in (Verdict.FAIL, Verdict.WARN) and result.demand.because:
            line = f"{line}. {words.say(_('Why: {because}'), because=words.say(result.demand.because))}"
        yield line
    for name, fact in check.facts.items():
        if name not in demanded and name != "cause":
            yield f"{words.label(check.id, name)}: {words.fact(fact)}"
    if check.trouble is not None:
        code = f"{check.trouble.kind} ({check.trouble.detail})".removesuffix(" ()")
        yield words.say(_("for the bank's support: {code}"), code=code)
    if check.duration_s is not None:
        yield words.say(_("answered after {seconds}"), seconds=words.value(round(check.duration_s, 2), "s"))


def sentence(text: str) -> str:
    """Return a finding as a sentence of its own; the program's own name stays as it is."""
    text = text if text.startswith("preflight") else text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) or not text else f"{text}."


def start_time(report: Report) -> str:
    """Return the day and minute at which a report was begun, by the clock of its computer."""
    return report.started[:16].replace("T", " ")


def age(report: Report, words: Words, now: datetime) -> str:
    """Return how old a report is, by the days of the calendar; empty for one of today."""
    try:
        days = (now.date() - datetime.fromisoformat(report.started).date()).days
    except ValueError:
        return ""
    if days < 1:
        return ""
    return words.say(
        _("Days since this report was made: {days}. Check again on the day of the session."), days=days
    )


def source_of(check: str) -> str:
    """Return the source of a check id."""
    return check.partition(".")[0]


def _sections(report: Report, words: Words) -> Iterable[Section]:
    grouped: dict[str, list[Check]] = {}
    way = uplink(report.checks)
    for check in report.checks:
        grouped.setdefault(source_of(check.id), []).append(check)
    for source, checks in grouped.items():
        last = {_shared_trouble(check): check for check in checks if check.trouble is not None}
        yield Section(
            source=source,
            title=words.say(SOURCES.get(source, source)),
            device=report.devices.get(source, ""),
            items=tuple(
                item(
                    check,
                    words,
                    way,
                    explained_below=check.trouble is not None and check is not last[_shared_trouble(check)],
                )
                for check in checks
            ),
        )


def _shared_trouble(check: Check) -> tuple[Kind, str] | None:
    """Return what makes the trouble of a check the same as another's: no detail that only support sees."""
    if check.trouble is None:
        return None
    return check.trouble.kind, Words.shown_detail(check.trouble)


def _finding(check: Check, result: Result, words: Words) -> str:
    """Return what was found, and no more than the verdict claims."""
    if _miss_fits_verdict(check, result, words):
        return words.miss(check, result).finding
    if result.why is WarnReason.CLOSE:
        return words.say(_("enough, but with little to spare"))
    if result.why is WarnReason.UNSURE and not isinstance(result.demand.bound, bool):
        return words.say(_("it is not certain that this is enough"))
    label = words.label(check.id, result.fact)
    return words.say(_("could not be determined: {label}"), label=label)


def _miss_fits_verdict(check: Check, result: Result, words: Words) -> bool:
    """Return whether the text of a miss says no more than the verdict does."""
    if result.why in (None, WarnReason.ADVISED):
        return result.verdict is not Verdict.ERROR and result.fact in check.facts
    fact = check.facts.get(result.fact)
    return fact is not None and fact.value is None and bool(words.cause_key(check, result))


def _blocking_checks(report: Report) -> list[Check]:
    """Return the checks that made a report not ready or incomplete, in the order in which they ran."""
    if report.verdict is Readiness.NOT_READY:
        return [check for check in report.checks if check.verdict is Verdict.FAIL]
    broken = [check for check in report.checks if check.verdict is Verdict.ERROR]
    return broken or [
        check
        for check in report.checks
        if check.verdict is Verdict.SKIP and check.skipped_for not in tuple(SkipReason)
    ]


def _other_problems(report: Report, words: Words) -> str:
    if report.verdict is Readiness.READY:
        return ""
    blocking = _blocking_checks(report)
    shared = _shared_trouble(blocking[0]) if blocking else None
    # What the first one suffers from, the first line has said already.
    others = [check for check in blocking[1:] if shared is None or _shared_trouble(check) != shared]
    if report.verdict is Readiness.INCOMPLETE:
        return _titles_in(_("Also not measured: {titles}."), others, words)
    broken = [check for check in report.checks if check.verdict is Verdict.ERROR]
    lists = (
        _titles_in(_("Also failed: {titles}."), others, words),
        _titles_in(_("Not measured: {titles}."), broken, words),
    )
    return " ".join(filter(None, lists))


def _titles_in(pattern: str, checks: list[Check], words: Words) -> str:
    titles = ", ".join(words.title(check.id) for check in checks)
    return words.say(pattern, titles=titles) if titles else ""


def _verdict_counts(checks: Iterable[Check], words: Words) -> str:
    verdicts = [check.verdict for check in checks]
    return " · ".join(
        f"{words.say(VERDICTS[verdict])}: {verdicts.count(verdict)}"
        for verdict in Verdict
        if verdict in verdicts
    )


def _checks_made_and_asked(report: Report) -> tuple[int, int]:
    """Return how many checks were made, of how many."""
    made = {check.id for check in report.checks if check.skipped_for not in _NOT_MADE}
    made -= set(report.left_out)
    return len(made), len({check.id for check in report.checks} | set(report.left_out))


def _first_measured(check: Check, words: Words) -> str:
    """Return what was measured of the first demand that has a value to show."""
    for result in check.results:
        fact = check.facts.get(result.fact)
        if fact is not None and fact.value is not None and not isinstance(fact.value, bool):
            return _fact_text(fact, words, result.demand.bound)
    return ""


def _unit(check: Check, fact: str) -> str:
    """Return the unit of a fact, also of one that was not measured."""
    known = check.facts.get(fact)
    return known.unit if known else _units().get(check.id, {}).get(fact, "")


@cache
def _units() -> Mapping[str, Mapping[str, str]]:
    # No policy has other units than the catalogue.
    return {check: entry.units for check, entry in policy.load().catalogue.items()}


def _fact_text(fact: Fact | None, words: Words, apart_from: object) -> str:
    if fact is None:
        return words.say(_("not measured"))
    return words.fact(fact, apart_from=apart_from if isinstance(apart_from, int | float) else None)
