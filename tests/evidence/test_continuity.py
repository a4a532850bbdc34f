"""What running record numbers prove."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nachsorge.evidence.breaks import NAMED
from nachsorge.evidence.continuity import Continuity
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.windows.event import Head
from nachsorge.model.times import DAY, HOUR, MINUTE, Span, parse_instant
from nachsorge.model.words import Reason, Telemetry

T0 = parse_instant("2023-03-01")
SYSMON = ("Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon")


def event(number, time, channel="System", provider="X", event_id=7, host="PC1", cleared=""):
    return Head(
        channel=channel, provider=provider, event_id=event_id, computer=host, number=number, stamp=time, cleared=cleared
    )


def settled(*heads: Head, jumps: bool = True, one_log: bool = False) -> Ledger:
    ledger = Ledger()
    continuity = Continuity(ledger, jumps=jumps)
    continuity.one_log = one_log
    for one in heads:
        continuity.note(one)
    continuity.settle()
    return ledger


def spans(ledger: Ledger, telemetry=Telemetry.WINDOWS_EVENT, host="PC1"):
    return next((seen.spans for seen in ledger.seen() if (seen.telemetry, seen.host) == (telemetry, host)), ())


def test_numbers_that_run_on_bridge_a_silence():
    ledger = settled(event(5, T0), event(6, T0 + 30 * DAY))
    assert spans(ledger) == (Span(T0, T0 + 30 * DAY),)
    assert ledger.gaps == []


def test_a_jump_is_a_gap_and_breaks_the_stretch():
    ledger = settled(event(5, T0), event(9, T0 + DAY), event(10, T0 + 2 * DAY))
    assert spans(ledger) == (Span(T0, T0), Span(T0 + DAY, T0 + 2 * DAY))
    (gap,) = ledger.gaps
    assert (gap.reason, gap.span, gap.host) == (Reason.RECORD_JUMP, Span(T0, T0 + DAY), "PC1")
    assert "3 records missing" in gap.note


def test_of_chosen_events_a_jump_is_no_gap_but_proves_nothing():
    ledger = settled(event(5, T0), event(9, T0 + DAY), event(10, T0 + 2 * DAY), jumps=False)
    assert spans(ledger) == (Span(T0, T0), Span(T0 + DAY, T0 + 2 * DAY))
    assert ledger.gaps == []


def test_a_telemetry_is_covered_from_its_own_first_to_its_own_last_event():
    heads = [event(n, T0 + n * DAY, *SYSMON, event_id=22 if n in (3, 5) else 5) for n in range(1, 9)]
    ledger = settled(*heads)
    assert spans(ledger) == (Span(T0 + DAY, T0 + 8 * DAY),)
    assert spans(ledger, Telemetry.DNS_QUERY) == (Span(T0 + 3 * DAY, T0 + 5 * DAY),)
    assert spans(ledger, Telemetry.PROCESS_CREATION) == ()


def test_the_application_log_covers_installations_though_it_holds_none():
    ledger = settled(event(1, T0, "Application"), event(2, T0 + DAY, "Application"))
    assert spans(ledger, Telemetry.SOFTWARE_INSTALL) == (Span(T0, T0 + DAY),)


def test_chosen_application_events_do_not():
    chosen = [event(n, T0 + n * MINUTE, "Application") for n in (1, 4, 9)]
    assert spans(settled(*chosen, jumps=False), Telemetry.SOFTWARE_INSTALL) == ()


def test_a_clearing_hides_what_was_before():
    ledger = settled(event(9, T0, "Security", "Microsoft-Windows-Eventlog", 1102))
    assert {gap.reason for gap in ledger.gaps} == {Reason.LOG_CLEARED}
    assert {gap.span.end for gap in ledger.gaps if gap.span} == {T0}
    assert Telemetry.PROCESS_CREATION in {gap.telemetry for gap in ledger.gaps}


def test_the_system_log_tells_of_other_logs():
    ledger = settled(event(9, T0, "System", "Microsoft-Windows-Eventlog", 104, cleared=SYSMON[0]))
    assert Telemetry.DNS_QUERY in {gap.telemetry for gap in ledger.gaps}
    assert all("so says System" in gap.note for gap in ledger.gaps)


def test_time_running_backwards_is_a_gap():
    ledger = settled(event(1, T0 + 3 * HOUR), event(2, T0), event(3, T0 + MINUTE))
    (gap,) = ledger.gaps
    assert (gap.reason, gap.span) == (Reason.CLOCK, Span(T0, T0 + 3 * HOUR))
    assert not settled(event(1, T0 + HOUR), event(2, T0)).gaps


def test_a_clock_that_was_not_set_and_a_missing_time_cover_nothing():
    ledger = settled(event(1, parse_instant("1980-01-01")), event(2, None), event(3, T0))
    assert {gap.reason for gap in ledger.gaps} == {Reason.CLOCK, Reason.NO_TIME}
    assert spans(ledger) == (Span(T0, T0),)


def test_a_record_without_time_still_keeps_the_numbers_together():
    assert not [
        g for g in settled(event(1, T0), event(2, None), event(3, T0 + DAY)).gaps if g.reason is Reason.RECORD_JUMP
    ]


def test_a_change_of_name_is_no_jump_in_one_log():
    heads = (event(1, T0), event(2, T0 + DAY, host="PC2"), event(3, T0 + 2 * DAY))
    assert [gap.reason for gap in settled(*heads).gaps] == [Reason.RECORD_JUMP]
    one = settled(*heads, one_log=True)
    assert one.gaps == []
    assert spans(one) == (Span(T0, T0 + 2 * DAY),)
    assert spans(one, host="PC2") == (Span(T0 + DAY, T0 + DAY),)


def test_many_jumps_are_all_accounted_for_in_few_gaps():
    ledger = settled(*(event(2 * n, T0 + n * DAY) for n in range(200)))
    assert len(ledger.gaps) == NAMED + 1
    assert ledger.gaps[-1].span == Span(T0 + NAMED * DAY, T0 + 199 * DAY)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=25), st.randoms())
def test_order_is_irrelevant_and_nothing_is_covered_across_a_jump(pairs, random):
    heads = [event(number, T0 + day * DAY) for number, day in dict(pairs).items()]
    shuffled = random.sample(heads, len(heads))
    ledger, other = settled(*heads), settled(*shuffled)
    assert (ledger.seen(), ledger.gaps) == (other.seen(), other.gaps)
    numbers = sorted(head.number for head in heads if head.number is not None)
    jumps = sum(b > a + 1 for a, b in pairwise(numbers))
    assert sum(gap.reason is Reason.RECORD_JUMP for gap in ledger.gaps) == jumps


LOGS = st.tuples(
    st.sampled_from(["System", "Security", "Application"]),
    st.sampled_from(["PC1", "PC2", ""]),
    st.sampled_from([("X", 7), ("Microsoft-Windows-Security-Auditing", 4624), ("MsiInstaller", 1033)]),
    st.integers(1, 40),
    st.integers(0, 200),
)


@given(st.lists(LOGS, max_size=40), st.integers(1, 9), st.booleans())
def test_many_at_once_are_judged_as_each_alone(made, size, one_log):
    heads = [
        event(number, T0 + at * 20 * MINUTE, channel=channel, provider=provider, event_id=event_id, host=host)
        for channel, host, (provider, event_id), number, at in made
    ]
    together = Ledger()
    continuity = Continuity(together)
    continuity.one_log = one_log
    for start in range(0, len(heads), size):
        part = heads[start : start + size]
        strands = [continuity.strand(head, "GIVEN") for head in part]
        continuity.take(strands, [head.number for head in part], [head.stamp for head in part])  # type: ignore[arg-type]
    continuity.settle()
    alone = Ledger()
    continuity = Continuity(alone)
    continuity.one_log = one_log
    for head in heads:
        continuity.note(head, "GIVEN")
    continuity.settle()
    assert (together.seen(), together.gaps) == (alone.seen(), alone.gaps)


PLACES = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 400)), min_size=1, max_size=60)


@given(PLACES, st.sets(st.integers(1, 60)))
def test_logs_in_which_every_record_has_a_time_are_judged_by_the_same_rules(made, cleared):
    def settle(*before: Head) -> Ledger:
        clearing = [event(n, T0 + n * MINUTE, "Security", "", 1102) for n in sorted(cleared)]
        return settled(*before, *(event(n, T0 + at * 10 * MINUTE, "Security") for n, at in made), *clearing)

    # A record without a time, before all others, takes the patient way and changes nothing but its own mention.
    timed, patient = settle(), settle(event(0, None, "Security"))
    assert patient.seen() == timed.seen()
    assert [gap for gap in patient.gaps if gap.reason is not Reason.NO_TIME] == timed.gaps


def test_nothing_is_cleared_by_what_a_strand_takes():
    continuity = Continuity(Ledger())
    assert continuity.strand(event(5, T0, "Security", "", 1102)) is None
