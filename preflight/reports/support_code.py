"""The support code: what each check came to, short enough to be read out over the telephone.

A code holds verdicts, which policy judged them, and a checksum; no value, name or time.
Its symbols are Crockford's base 32 (digits and letters without I, L, O and U): the layout's
version, then one number, then two check symbols.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from preflight import judge, policy
from preflight.errors import UsageError
from preflight.model import Check, Readiness, Report, SkipReason, Verdict
from preflight.policy import Policy
from preflight.reports.content import source_of
from preflight.texts import READINESS, SOURCES, SYMBOLS, VERDICTS, Words, _

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LAYOUTS: Mapping[int, tuple[str, ...]] = {
    1: (
        "camera.video",
        "camera.still",
        "camera.colour",
        "camera.face",
        "camera.lighting",
        "camera.focus",
        "camera.document",
        "microphone.signal",
        "microphone.noise",
        "speaker.output",
        "speaker.heard",
        "network.download",
        "network.upload",
        "network.stability",
        "network.reach",
        "power.battery",
        "software.zoom",
        "software.browser",
        "software.system",
    ),
}
"""The checks that a code speaks of, by its version. A released layout never changes: a new check
needs a new version, so that old codes stay readable."""
VERSION = max(LAYOUTS)

_BASE = len(ALPHABET)
_BITS = 5
_CHECK_SYMBOLS = 2
_POLICIES = 32
"""Policies that a code tells apart at least."""
_GROUP = 4
_SEPARATORS = " -\u2010\u2011\u2012\u2013\u2014\u2212\u00a0"
_LOOK_ALIKES = str.maketrans("OILАВЕЗКМНОРСТХІ", "011ABE3KMH0PCTX1")
_SHORTEST, _LONGEST = 8, 26
_PRIMITIVE = 0b100101
"""x^5 + x^2 + 1, a primitive polynomial of the field of 32 elements."""
_FACTOR = 0x9E3779B1
"""Odd, and near 2^32 divided by the golden ratio: spreads the digits, as a row of equal ones is
easily misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportCode:
    """What a code says."""

    verdicts: Mapping[str, Verdict]
    """By check id; what was left out is a skip."""
    policy: int
    """The fingerprint of the policy that judged, as `fingerprint` gives it."""
    version: int = VERSION


def encode(report: Report) -> str:
    """Return the code of a report, in groups joined by hyphens."""
    verdicts = {check.id: check.verdict for check in report.checks}
    return _grouped_text(_pack(verdicts, fingerprint(report.policy_name, report.policy_version)))


def decode(text: str) -> SupportCode:
    """Return what a code says.

    Raises `UsageError` for a code that is too short or too long, that holds a wrong character or
    two that changed places, or that a newer version of the program made.
    """
    symbols = _parse_symbols(text)
    if not _SHORTEST <= len(symbols) <= _LONGEST or any(_syndromes(symbols)):
        raise UsageError("code-wrong", code=text)
    version = symbols[0]
    if version not in LAYOUTS:
        raise UsageError("code-newer", code=text)
    checks = LAYOUTS[version]
    length, policies = _layout_size(checks)
    number = _number_of_digits(symbols[1:-_CHECK_SYMBOLS])
    judged_by, number = divmod(_unscramble(number, length), len(Verdict) ** len(checks))
    if len(symbols) != 1 + length + _CHECK_SYMBOLS or judged_by >= policies:
        raise UsageError("code-wrong", code=text)
    found: dict[str, Verdict] = {}
    for check in reversed(checks):
        number, verdict = divmod(number, len(Verdict))
        found[check] = tuple(Verdict)[verdict]
    return SupportCode(verdicts={check: found[check] for check in checks}, policy=judged_by, version=version)


def is_code(text: str) -> bool:
    """Tell whether a word may be meant as a support code rather than as the name of a file."""
    try:
        return _SHORTEST <= len(_parse_symbols(text)) <= _LONGEST
    except UsageError:
        return False


def fingerprint(name: str, version: str, layout: int = VERSION) -> int:
    """Return by which number a code of a layout knows a policy."""
    digest = hashlib.sha256(f"{name}\0{version}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _layout_size(LAYOUTS[layout])[1]


def describe(text: str, words: Words, own: Policy | None = None) -> tuple[list[str], Readiness]:
    """Return what a code says in words, line by line, and the readiness that it comes to.

    The policy is named where it is the bank's, or `own`. Raises `UsageError` as `decode` does.
    """
    code = decode(text)
    bank = policy.load()
    checks = [
        Check(
            id=check, verdict=verdict, skipped_for=SkipReason.NOT_ASKED if verdict is Verdict.SKIP else None
        )
        for check, verdict in code.verdicts.items()
    ]
    verdict = judge.readiness(checks, {check: entry.level for check, entry in bank.catalogue.items()})
    known = [each for each in (own, bank) if each and code.policy == _fingerprint_of(each, code.version)]
    return list(_description_lines(checks, verdict, known[0] if known else None, words)), verdict


def _description_lines(
    checks: Sequence[Check], verdict: Readiness, judged_by: Policy | None, words: Words
) -> Iterator[str]:
    partly = verdict is Readiness.READY and any(check.verdict is Verdict.SKIP for check in checks)
    yield (
        words.say(_("Everything that was checked is ready."))
        if partly
        else f"{words.say(READINESS[verdict])}."
    )
    if judged_by:
        yield words.say(
            _("Checked against the policy {policy}."), policy=f"{judged_by.name} {judged_by.version}".strip()
        )
    else:
        yield words.say(_("Checked against another policy, or against another version of the bank's."))
    source = ""
    for check in checks:
        if source_of(check.id) != source:
            source = source_of(check.id)
            yield ""
            yield words.say(SOURCES[source])
        yield f"  {SYMBOLS[check.verdict]} {words.title(check.id)}: {words.say(VERDICTS[check.verdict])}"
        if check.verdict in (Verdict.FAIL, Verdict.ERROR):
            yield f"    → {words.usual_help(check.id)}"
    yield ""
    yield words.say(_("A code contains no measured values. A saved report shows them."))


def _fingerprint_of(judged_by: Policy, layout: int) -> int:
    return fingerprint(judged_by.name, judged_by.version, layout)


def _pack(verdicts: Mapping[str, Verdict], judged_by: int) -> list[int]:
    """Return the symbols of a code: version, number, check symbols."""
    checks = LAYOUTS[VERSION]
    number = judged_by
    for check in checks:
        number = number * len(Verdict) + tuple(Verdict).index(verdicts.get(check, Verdict.SKIP))
    length, _policies = _layout_size(checks)
    number = _scramble(number, length)
    digits = [number // _BASE**place % _BASE for place in reversed(range(length))]
    return _with_check_symbols([VERSION, *digits])


def _layout_size(checks: Sequence[str]) -> tuple[int, int]:
    """Return how many symbols the number of a layout takes, and how many policies then find room in it."""
    combinations = len(Verdict) ** len(checks)
    length = math.ceil(math.log(combinations * _POLICIES, _BASE))
    return length, _BASE**length // combinations


def _scramble(number: int, length: int) -> int:
    return number * _FACTOR % (1 << _BITS * length)


def _unscramble(number: int, length: int) -> int:
    return number * pow(_FACTOR, -1, 1 << _BITS * length) % (1 << _BITS * length)


def _with_check_symbols(symbols: list[int]) -> list[int]:
    """Return symbols with two check symbols after them, which make both syndromes zero."""
    total = 0
    for symbol in symbols:
        total ^= symbol
    candidates = ([*symbols, total ^ last, last] for last in range(_BASE))
    return next(each for each in candidates if not any(_syndromes(each)))


def _syndromes(symbols: Sequence[int]) -> tuple[int, int]:
    """Return the two sums of a Reed-Solomon code of distance 3; both are zero in a correct code.

    Of at most 31 symbols any two wrong ones are found, and with the second sum, in which each place
    has a weight of its own, any two neighbours that changed places.
    """
    plain = weighed = 0
    for symbol in symbols:
        plain ^= symbol
        weighed <<= 1
        if weighed & _BASE:
            weighed ^= _PRIMITIVE
        weighed ^= symbol
    return plain, weighed


def _number_of_digits(digits: Sequence[int]) -> int:
    number = 0
    for digit in digits:
        number = number * _BASE + digit
    return number


def _grouped_text(symbols: Sequence[int]) -> str:
    text = "".join(ALPHABET[symbol] for symbol in symbols)
    groups = math.ceil(len(text) / _GROUP)
    ends = [math.ceil(len(text) * group / groups) for group in range(groups + 1)]
    return "-".join(text[start:end] for start, end in pairwise(ends))


def _parse_symbols(text: str) -> list[int]:
    """Return the symbols of a code as somebody typed it; raises `UsageError` for a character of no code."""
    typed = text.upper().translate({ord(each): None for each in _SEPARATORS}).translate(_LOOK_ALIKES)
    if not typed or not set(typed) <= set(ALPHABET):
        raise UsageError("code-wrong", code=text)
    return [ALPHABET.index(each) for each in typed]
