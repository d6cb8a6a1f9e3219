"""Download, upload, stability and reach: what recorded lines come to, on both sides of each bound."""

from dataclasses import fields, replace

import line_recordings
import pytest

from preflight import judge, policy
from preflight.captures import (
    Answer,
    Download,
    Endurance,
    Probe,
    Reach,
    Rehearsal,
    Transfer,
    Uplink,
    Upload,
)
from preflight.checks import download, reach, stability, upload
from preflight.errors import MeasurementError
from preflight.model import Check, Fact, Finding, Kind, Trouble, Verdict, WarnReason
from preflight.reports.content import item, uplink
from preflight.texts import LANGUAGES, MISSES, Words

POLICY = policy.load()


def facts(finding: object) -> dict[str, object]:
    assert isinstance(finding, Finding)
    return {name: fact.value for name, fact in finding.facts.items()}


def judged(check: str, finding: object) -> tuple[Verdict, WarnReason | None]:
    assert isinstance(finding, Finding)
    said = judge.judge(check, finding, POLICY.demands_on(check))
    return said.verdict, said.why


@pytest.mark.parametrize(
    ("rate", "verdict"), [(2.0, Verdict.FAIL), (7.5, Verdict.FAIL), (8.7, Verdict.PASS), (20.0, Verdict.PASS)]
)
def test_a_rate_is_judged_by_its_side_of_the_bound(rate: float, verdict: Verdict) -> None:
    down, up = line_recordings.transfer(Download, rate), line_recordings.transfer(Upload, rate)
    assert isinstance(down, Download)
    assert isinstance(up, Upload)
    assert judged("network.download", download.analyse(down, {})) == (verdict, None)
    assert judged("network.upload", upload.analyse(up, {})) == (verdict, None)


def test_a_rate_at_the_bound_is_too_close_to_tell() -> None:
    at_the_bound = steady(8.0, 95, end="time")
    assert judged("network.download", download.analyse(at_the_bound, {})) == (Verdict.WARN, WarnReason.UNSURE)


def test_a_fast_line_reads_at_least_and_answers_no_higher_question() -> None:
    fact = rate_fact(steady(24.7, 11))
    assert (fact.value, fact.low, fact.high) == (24.0, 24.0, None)
    (demand,) = POLICY.demands_on("network.download")
    finding = Finding(facts={"rate": fact})
    higher = judge.judge("network.download", finding, [replace(demand, bound=50)])
    assert higher.verdict is Verdict.ERROR


@pytest.mark.parametrize(("mean", "verdict"), [(8.45, Verdict.PASS), (7.55, Verdict.FAIL)])
def test_an_uneven_line_is_told_at_the_end_by_its_mean(mean: float, verdict: Verdict) -> None:
    swings = tuple(mean * (1.9 if step // 10 % 2 else 0.1) for step in range(100))
    capture = replace(steady(mean, 100, end="time"), rates=(0.0,) * 5 + swings)
    finding = download.analyse(capture, {})
    assert facts(finding)["uneven"] is True
    assert judged("network.download", finding)[0] is verdict


@pytest.mark.parametrize("end", ["stalled", "lost"])
def test_a_broken_transfer_is_interrupted_not_slow(end: str) -> None:
    with pytest.raises(MeasurementError) as told:
        download.analyse(steady(1.0, 30, end=end), {})
    assert told.value.trouble.kind is Kind.INTERRUPTED


def test_a_busy_computer_is_not_judged() -> None:
    with pytest.raises(MeasurementError) as told:
        upload.analyse(replace(lines_upload(), late=(0.028,) * 40), {})
    assert told.value.trouble.kind is Kind.STARVED


def test_a_busy_computer_cannot_rehearse() -> None:
    with pytest.raises(MeasurementError) as told:
        stability.analyse(replace(line_recordings.rehearsal(), late=(0.028,) * 40), {})
    assert told.value.trouble.kind is Kind.STARVED


def test_no_load_is_no_rehearsal() -> None:
    with pytest.raises(MeasurementError) as told:
        stability.analyse(replace(line_recordings.rehearsal(), up=(0.0,) * 40, errors=("refused",)), {})
    assert told.value.trouble.kind is Kind.INTERRUPTED


@pytest.mark.parametrize(
    ("trips", "missed"),
    [
        pytest.param([0.03] * 200, [], id="calm"),
        pytest.param([0.149] * 200, [], id="149 ms"),
        pytest.param([0.151] * 200, ["round_trip"], id="151 ms"),
        pytest.param([0.03, 0.069] * 100, [], id="39 ms jitter"),
        pytest.param([0.03, 0.071] * 100, ["jitter"], id="41 ms jitter"),
        pytest.param([None, *[0.03] * 49] * 4, [], id="2 % lost"),
        pytest.param([None, *[0.03] * 39] * 5, ["loss"], id="2.5 % lost"),
        pytest.param([*[0.03] * 1000, *[None] * 14, *[0.03] * 986], [], id="280 ms gap"),
        pytest.param([*[0.03] * 1000, *[None] * 16, *[0.03] * 984], ["gap"], id="320 ms gap"),
    ],
)
def test_each_bound_of_stability(trips: list[float | None], missed: list[str]) -> None:
    finding = stability.analyse(rehearsed(trips), {})
    assert isinstance(finding, Finding)
    said = judge.judge("network.stability", finding, POLICY.demands_on("network.stability"))
    assert [result.fact for result in said.results if result.verdict is not Verdict.PASS] == missed
    assert len(finding.series["round_trip"].values) <= 200


def test_losses_cannot_be_told_over_https() -> None:
    finding = stability.analyse(replace(rehearsed([0.03] * 40), method="https"), {})
    assert facts(finding)["loss"] is None
    said = item(
        judge.judge("network.stability", finding, POLICY.demands_on("network.stability")), Words("en")
    )
    assert said.finding == "it cannot be determined how much data is lost: no call server answered"
    assert "closer to the router" not in said.action
    assert judged("network.stability", finding) == (Verdict.WARN, WarnReason.UNSURE)


def test_all_lost_is_all_lost() -> None:
    told = facts(stability.analyse(rehearsed([None] * 100), {}))
    assert told["loss"] == 100.0
    assert told["round_trip"] is None


def test_both_addresses_and_udp_reached() -> None:
    assert judged("network.reach", reach.analyse(line_recordings.reach(), {})) == (Verdict.PASS, None)


@pytest.mark.parametrize("trouble", [Kind.EXPIRED, Kind.INSPECTED, Kind.UNREACHABLE, Kind.REFUSED])
def test_one_address_missing_is_found_with_its_cause(trouble: Kind) -> None:
    finding = reach.analyse(answered(cabinet=trouble, zoom=None), {})
    told = facts(finding)
    assert (told["cabinet"], told["zoom"], told["cause"]) == (False, True, trouble)
    assert judged("network.reach", finding) == (Verdict.WARN, WarnReason.ADVISED)


def test_udp_blocked_is_found() -> None:
    assert judged("network.reach", reach.analyse(replace(line_recordings.reach(), udp=None), {})) == (
        Verdict.WARN,
        WarnReason.ADVISED,
    )


@pytest.mark.parametrize("kind", [Kind.NO_NAMES, Kind.PROXY_LOGIN])
def test_what_every_address_meets_is_the_network_s(kind: Kind) -> None:
    with pytest.raises(MeasurementError) as told:
        reach.analyse(answered(cabinet=kind, zoom=kind), {})
    assert told.value.trouble.kind is kind


def test_without_a_route_there_is_no_network() -> None:
    with pytest.raises(MeasurementError) as told:
        reach.analyse(replace(answered(cabinet=Kind.UNREACHABLE, zoom=Kind.UNREACHABLE), connected=False), {})
    assert told.value.trouble.kind is Kind.NO_NETWORK


def test_a_portal_is_named_only_where_it_stands_in_the_way() -> None:
    with pytest.raises(MeasurementError) as told:
        reach.analyse(replace(answered(cabinet=Kind.INSPECTED, zoom=None), portal=True), {})
    assert told.value.trouble.kind is Kind.PORTAL
    assert isinstance(reach.analyse(replace(line_recordings.reach(), portal=True), {}), Finding)


def steady(rate: float, count: int, *, end: str = "sure") -> Download:
    made = replace(
        line_recordings.transfer(Download, 9.0),
        rates=(rate,) * count,
        late=(0.0,) * count,
        end=end,
        bound=8.0,
    )
    assert isinstance(made, Download)
    return made


def lines_upload() -> Upload:
    made: Transfer = line_recordings.transfer(Upload, 9.0)
    assert isinstance(made, Upload)
    return made


def rate_fact(capture: Download) -> Fact:
    finding = download.analyse(capture, {})
    assert isinstance(finding, Finding)
    return finding.facts["rate"]


def rehearsed(trips: list[float | None]) -> Rehearsal:
    probes = tuple(Probe(sent=step / 50, round_trip=trip) for step, trip in enumerate(trips))
    return replace(line_recordings.rehearsal(), probes=probes)


def answered(*, cabinet: Kind | None, zoom: Kind | None) -> Reach:
    answers = tuple(
        Answer(
            target=target,
            dns=0.01,
            tcp=0.03,
            tls=None if trouble else 0.05,
            http=None,
            status=None,
            trouble=trouble,
        )
        for target, trouble in (("cabinet", cabinet), ("zoom", zoom))
    )
    return replace(line_recordings.reach(), answers=answers)


def watched(asleep: float = 0.0, **changes: object) -> Endurance:
    known = {field.name: getattr(line_recordings.rehearsal(), field.name) for field in fields(Rehearsal)}
    return Endurance(**{**known, "seconds": 1200.0, **changes}, asleep_s=asleep, busy=0.3)


def questions(late_s: float) -> tuple[Probe, ...]:
    """Return questions each twentieth of a second, of which each third is so late."""
    return tuple(
        Probe(sent=step / 20 + (late_s if step % 3 == 0 else 0.0), round_trip=0.02) for step in range(600)
    )


def test_a_load_that_was_starved_leaves_a_whole_session_its_questions() -> None:
    facts = stability.analyse(watched(late=(0.3,) * 10, probes=questions(0.0)), {})
    assert isinstance(facts, Finding)
    assert judged("network.stability", facts)[0] is Verdict.PASS
    assert (facts.facts["down"].value, facts.facts["up"].value) == (None, None)


def test_a_whole_session_whose_questions_were_starved_says_nothing() -> None:
    assert isinstance(stability.analyse(watched(probes=questions(0.01)), {}), Finding)
    with pytest.raises(MeasurementError) as told:
        stability.analyse(watched(probes=questions(0.04)), {})
    assert told.value.trouble.kind is Kind.STARVED


def test_a_whole_session_tells_what_seconds_cannot() -> None:
    facts = stability.analyse(watched(), {})
    assert isinstance(facts, Finding)
    assert {
        name: facts.facts[name].value for name in ("minutes", "dropouts", "worst_minute", "busy", "asleep")
    } == {
        "minutes": 20.0,
        "dropouts": 0,
        "worst_minute": 0.0,
        "busy": 30,
        "asleep": 0.0,
    }
    assert judged("network.stability", facts)[0] is Verdict.PASS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_computer_that_slept_is_told_as_that(lang: str) -> None:
    finding = stability.analyse(watched(asleep=240.0), {})
    check = judge.judge("network.stability", finding, POLICY.demands_on("network.stability"))
    words = Words(lang)
    said = item(check, words)
    assert check.verdict is Verdict.WARN
    assert words.value(240.0, "s") in said.finding
    assert said.action == words.say(MISSES["network.stability.gap.asleep"].advice)


CABLE = Uplink(wireless=False, mobile=False, tunnel=False)
WIFI = Uplink(wireless=True, mobile=False, tunnel=False, metered=True)
PHONE = Uplink(wireless=False, mobile=True, tunnel=False)
VPN = Uplink(tunnel=True)


def surveyed(way: Uplink | None) -> Check:
    finding = reach.analyse(replace(line_recordings.reach(), uplink=way), {})
    return judge.judge("network.reach", finding, POLICY.demands_on("network.reach"))


@pytest.mark.parametrize("way", [None, Uplink(), CABLE, WIFI, PHONE, VPN])
def test_the_way_out_informs_and_is_no_verdict(way: Uplink | None) -> None:
    check = surveyed(way)
    assert check.verdict is Verdict.PASS
    told = {name: fact.value for name, fact in check.facts.items() if name in Uplink.__slots__}
    wanted = {name: getattr(way, name) for name in Uplink.__slots__} if way else {}
    assert told == {name: value for name, value in wanted.items() if value is not None}


@pytest.mark.parametrize(
    ("way", "advice"),
    [
        pytest.param(None, "Switch off a VPN if you use one, and sit closer to the router", id="untold"),
        pytest.param(VPN, "Switch off the VPN that is on now", id="a VPN"),
        pytest.param(WIFI, "Sit closer to the router or use a cable.", id="Wi-Fi"),
        pytest.param(CABLE, "Pause downloads", id="a cable"),
        pytest.param(PHONE, "Go where the mobile reception is better", id="a phone"),
    ],
)
def test_the_way_out_explains_a_miss_of_another_check(way: Uplink | None, advice: str) -> None:
    finding = stability.analyse(rehearsed([0.2] * 100), {})
    check = judge.judge("network.stability", finding, POLICY.demands_on("network.stability"))
    assert item(check, Words("en"), uplink([check, surveyed(way)])).action.startswith(advice)


@pytest.mark.parametrize(
    ("way", "said", "unsaid"),
    [(None, "if you use one", "that is on"), (VPN, "that is on", "if you use one"), (WIFI, "router", "VPN")],
)
def test_names_that_nobody_knows_are_a_vpns_only_where_one_may_be_on(
    way: Uplink | None, said: str, unsaid: str
) -> None:
    nobody = tuple(
        replace(answer, dns=None, tcp=None, tls=None, trouble=Kind.NO_NAMES, detail="silent")
        for answer in line_recordings.reach().answers
    )
    with pytest.raises(MeasurementError) as broken:
        reach.analyse(replace(line_recordings.reach(), answers=nobody, uplink=way), {})
    check = judge.judge("network.reach", broken.value.trouble, POLICY.demands_on("network.reach"))
    other = Check(id="network.upload", verdict=Verdict.ERROR, trouble=Trouble(kind=Kind.NO_NAMES))
    for each in (check, other):
        advice = item(each, Words("en"), uplink([other, check])).action
        assert said in advice
        assert unsaid not in advice
