"""The rules of the judgement, one by one, as design section 4 states them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    DNS,
    FILES,
    MARCH,
    PROCESS,
    PROXY,
    asset,
    covered,
    during,
    judged,
    need,
    own,
    pack,
    sighting,
    snapshot,
    span,
    stage,
    t,
)

from nachsorge.model.pack import Need, Window
from nachsorge.model.times import DAY, Span
from nachsorge.model.words import Platform, Reason, Rung, Standing, Verdict, Weight
from nachsorge.verdicts.coverage import Facts, KnownGap
from nachsorge.verdicts.judge import NAMED, highest, judge, verdict_of
from nachsorge.verdicts.needs import NEVER
from nachsorge.verdicts.related import judge_all

INSTALLED = stage("installed", needs=[need(PROCESS)])
RAN = stage("ran", Rung.EXECUTED, requires=("installed",), needs=[need(PROCESS)])
BEACON = stage("beacon", Rung.CONTACTED, requires=("ran",), needs=[need(DNS, PROXY)])
INCIDENT = pack(INSTALLED, RAN, BEACON)
ALL_SEEN = (own(PROCESS, MARCH), own(DNS, MARCH))


def standings(*sightings, facts=(), incident=INCIDENT, one=None):
    return [cell.standing.value for cell in judged(incident, sightings, facts, one).values()]


def verdict(*sightings, facts=(), incident=INCIDENT, one=None):
    return verdict_of({incident.id: incident}, judged(incident, sightings, facts, one).values())


def test_a_proof_shows_its_stage_alone():
    assert standings(sighting("installed")) == ["shown", "open", "open"]


def test_hints_only_raise_suspicion_however_many():
    hints = [sighting("beacon", Weight.HINT, locator=f"line {n}", indicator=str(n)) for n in range(9)]
    assert standings(*hints) == ["open", "open", "suspected"]


def test_enough_distinct_strong_traces_show_and_the_same_one_twice_does_not():
    one = sighting("beacon", Weight.STRONG, indicator="a.example")
    assert standings(one, replace(one, locator="line 2"))[2] == "suspected"
    assert standings(one, replace(one, indicator="b.example"))[2] == "shown"


def test_one_strong_trace_is_enough_where_a_required_stage_is_proven():
    strong = sighting("beacon", Weight.STRONG)
    assert standings(strong, sighting("installed"))[2] == "shown"
    assert standings(strong, sighting("installed", Weight.STRONG))[2] == "suspected"


def test_a_later_stage_that_is_shown_implies_the_earlier_ones_and_says_so():
    cells = judged(INCIDENT, [sighting("beacon"), sighting("ran", Weight.HINT)], ALL_SEEN)
    assert cells["installed"].standing is cells["ran"].standing is Standing.SHOWN
    assert cells["installed"].because == ("implied by beacon",)
    assert cells["ran"].because == ("implied by beacon", "s-ran-1")


def test_a_later_stage_that_is_only_suspected_implies_nothing():
    assert standings(sighting("beacon", Weight.HINT), facts=ALL_SEEN) == ["ruled-out", "ruled-out", "suspected"]


def test_full_coverage_without_a_sighting_rules_out_and_says_by_what():
    cells = judged(pack(stage("beacon", needs=[need((DNS, PROXY)), need(PROCESS)])), (), [*ALL_SEEN, own(PROXY, MARCH)])
    when = "from 2023-03-01T00:00:00Z to 2023-03-31T23:59:59.999999Z"
    assert cells["beacon"].because == (
        f"nothing seen in dns_query and proxy {when}",
        f"nothing seen in process_creation {when}",
    )
    assert verdict(facts=ALL_SEEN) is Verdict.RULED_OUT


def test_every_need_must_be_met_by_one_of_its_options():
    both = pack(stage("beacon", needs=[need(DNS, PROXY), need(PROCESS)]))
    assert standings(facts=[own(PROXY, MARCH)], incident=both) == ["open"]
    assert standings(facts=[own(DNS, MARCH), own(PROCESS, MARCH)], incident=both) == ["ruled-out"]
    assert standings(facts=[own(DNS, MARCH)], incident=pack(stage("x", needs=[need((DNS, PROXY))]))) == ["open"]


def test_what_is_open_names_telemetry_window_reason_and_what_would_settle_it():
    half = own(DNS, span("2023-03-01", "2023-03-20"))
    beacon = pack(stage("beacon", needs=[need(PROXY, DNS, settle="ask the provider for its resolver's log")]))
    (unmet,) = judged(beacon, (), [half])["beacon"].unmet
    assert (unmet.telemetry, unmet.reason) == (DNS, Reason.OUTSIDE_SPAN)
    assert unmet.span == span("2023-03-21", "2023-03-31")
    assert unmet.settle == "ask the provider for its resolver's log"


def test_a_gap_that_a_reader_reported_is_the_reason():
    lost = KnownGap(
        reason=Reason.LOG_CLEARED, note="cleared by an administrator", span=span("2023-03-10", "2023-03-12")
    )
    cells = judged(pack(stage("x", needs=[need(DNS)])), (), Facts(observations=(own(DNS, MARCH),), gaps=(lost,)))
    (unmet,) = cells["x"].unmet
    assert (unmet.span, unmet.reason, unmet.note) == (lost.span, Reason.LOG_CLEARED, "cleared by an administrator")


def test_exposure_is_compromise_whatever_an_antivirus_did_afterwards():
    removed = sighting("installed", time="2023-03-30", refutes=True, locator="line 2", note="quarantined")
    assert verdict(sighting("installed", time="2023-03-20"), removed, facts=ALL_SEEN) is Verdict.COMPROMISED


def test_a_pack_may_say_that_a_stage_alone_is_no_compromise():
    served = pack(stage("served", means_compromise=False))
    assert verdict(sighting("served"), incident=served) is Verdict.SUSPECTED


def test_the_verdict_is_that_of_the_worst_cell():
    assert verdict(facts=ALL_SEEN[:1]) is Verdict.RULED_OUT  # the beacon requires the run
    assert verdict(facts=ALL_SEEN[1:]) is Verdict.OPEN
    assert verdict(sighting("beacon", Weight.HINT), facts=ALL_SEEN) is Verdict.SUSPECTED


def test_without_any_cell_nothing_was_judged():
    assert verdict_of({}, ()) is Verdict.OPEN
    assert verdict(incident=pack()) is Verdict.OPEN


def test_a_required_stage_that_is_ruled_out_rules_out_what_follows():
    cells = judged(INCIDENT, (), [own(PROCESS, MARCH)])
    assert cells["beacon"].standing is Standing.RULED_OUT
    assert cells["beacon"].because == ("requires ran, which is ruled out",)


def test_but_not_where_a_suspected_stage_in_between_speaks_against_it():
    incident = pack(INSTALLED, stage("ran", requires=("installed",)), stage("beacon", requires=("ran",)))
    assert standings(sighting("ran", Weight.HINT), facts=ALL_SEEN, incident=incident) == [
        "ruled-out",
        "suspected",
        "open",
    ]


def test_negative_proof_rules_a_stage_out_without_any_coverage():
    """A due time after the take-down shows that this host cannot have got an address by that route."""
    due = sighting("beacon", refutes=True, id="s7")
    follow = pack(INSTALLED, RAN, BEACON, stage("stolen", Rung.COLLECTED, requires=("beacon",)))
    cells = judged(follow, [due, sighting("ran", locator="line 2")])
    assert cells["beacon"].standing is Standing.RULED_OUT
    assert cells["beacon"].because == ("refuted by s7",)
    assert cells["stolen"].because == ("requires beacon, which is ruled out",)


def test_only_a_proof_refutes():
    assert standings(sighting("beacon", Weight.STRONG, refutes=True)) == ["open", "open", "open"]


def test_dormancy_widens_the_window_past_the_last_run_that_was_seen():
    waiting = stage(
        "beacon", windows=(during(), Window(anchor="ran", after=7 * DAY, until=28 * DAY)), needs=[need(DNS)]
    )
    incident = pack(stage("ran"), waiting)
    facts = [own(DNS, MARCH)]
    assert standings(facts=facts, incident=incident)[1] == "ruled-out"
    cells = judged(incident, [sighting("ran", time="2023-03-20")], facts)
    (unmet,) = cells["beacon"].unmet
    assert unmet.span == Span(MARCH.end + 1, t("2023-04-17"))
    longer = [own(DNS, span("2023-03-01", "2023-04-17"))]
    assert judged(incident, [sighting("ran", time="2023-03-20")], longer)["beacon"].standing is Standing.RULED_OUT


def test_a_window_that_only_an_anchor_gives_never_clears():
    waiting = stage("beacon", windows=(Window(anchor="ran", until=DAY),), needs=[need(DNS)])
    seen = [sighting("ran", time="2023-03-20")]
    cell = judged(pack(stage("ran"), waiting), seen, [own(DNS, MARCH)])["beacon"]
    assert (cell.standing, cell.unmet[0].reason) == (Standing.OPEN, Reason.NO_TIME)


def test_an_unused_anchor_needs_a_timed_sighting():
    waiting = stage("beacon", windows=(during(), Window(anchor="ran", until=90 * DAY)), needs=[need(DNS)])
    assert standings(sighting("ran"), facts=[own(DNS, MARCH)], incident=pack(stage("ran"), waiting))[1] == "ruled-out"


def test_a_snapshot_never_covers_the_past():
    files = pack(stage("installed", needs=[need(FILES)]))
    pictures = [own(FILES, *(Span(at, at) for at in range(MARCH.start, MARCH.end, DAY)))]
    assert standings(facts=pictures, incident=files) == ["open"]


@pytest.mark.parametrize(
    ("taken", "standing", "reason"),
    [
        ("2023-03-30", Standing.OPEN, Reason.SNAPSHOT_TOO_EARLY),
        ("2023-04-30", Standing.RULED_OUT, None),
        (None, Standing.OPEN, Reason.NOT_PROVIDED),
    ],
)
def test_a_state_counts_only_where_the_pack_takes_one_and_late_enough(taken, standing, reason):
    files = pack(stage("implanted", needs=[snapshot(FILES, "2023-04-30")]))
    facts = [own(FILES, Span(t(taken), t(taken)))] if taken else []
    cell = judged(files, (), facts)["implanted"]
    assert (cell.standing, next((u.reason for u in cell.unmet), None)) == (standing, reason)


def test_a_picture_that_could_not_be_taken_says_why():
    denied = KnownGap(reason=Reason.PERMISSION, note="C:/Users", telemetry=FILES)
    (unmet,) = judged(pack(stage("x", needs=[snapshot(FILES, "2023-04-30")])), (), Facts(gaps=(denied,)))["x"].unmet
    assert (unmet.reason, unmet.note) == (Reason.PERMISSION, "C:/Users")


def test_without_coverage_at_all_a_state_was_not_provided():
    """No coverage computed (a telemetry nobody asked for) is no coverage."""
    from nachsorge.verdicts.judge import judge

    (cell,) = judge(pack(stage("x", needs=[snapshot(FILES, "2023-04-30")])), asset(), (), {})
    (hole,) = judge(pack(stage("x", needs=[need(DNS)])), asset(), (), {})[0].unmet
    assert cell.unmet[0].reason is hole.reason is Reason.NOT_PROVIDED


@pytest.mark.parametrize(
    "changes",
    [
        {"needs": ()},
        {"needs": (Need(any_of=()),)},
        {"needs": (need(()),)},
        {"needs": (need(DNS),), "never": NEVER},
    ],
    ids=["no needs", "a need of nothing", "an option of nothing", "never"],
)
def test_a_pack_that_asks_for_nothing_clears_nothing(changes):
    (unmet,) = judged(pack(stage("x", **changes)), (), ALL_SEEN)["x"].unmet
    assert (unmet.reason, unmet.note) == (Reason.NEVER, NEVER)


def test_a_window_that_ends_before_it_begins_clears_nothing():
    upside_down = pack(stage("x", needs=[need(DNS)], windows=(during(Span(MARCH.end, MARCH.start)),)))
    assert standings(facts=ALL_SEEN, incident=upside_down) == ["open"]


@pytest.mark.parametrize(
    ("limits", "one", "why"),
    [
        ({"platforms": (Platform.WINDOWS,)}, {"platform": Platform.LINUX}, "does not apply: platform linux"),
        ({"roles": ("pbx",)}, {"role": "client"}, "does not apply: role client"),
        ({"roles": ("pbx",)}, {"role": "none"}, "does not apply: role none"),
        ({"except_roles": ("pbx",)}, {"role": "pbx"}, "does not apply: role pbx"),
    ],
)
def test_what_does_not_apply_is_ruled_out_and_says_so(limits, one, why):
    cell = judged(pack(stage("x", **limits)), one=asset(**one))["x"]
    assert (cell.standing, cell.because) == (Standing.RULED_OUT, (why,))


@pytest.mark.parametrize(
    "limits", [{"platforms": (Platform.WINDOWS,)}, {"except_roles": ("pbx",)}, {"except_roles": ("",)}]
)
def test_an_unknown_platform_or_role_excludes_nothing(limits):
    assert standings(incident=pack(stage("x", **limits))) == ["open"]


FOR_SERVERS = pack(stage("served", roles=("pbx",), needs=[need(DNS)], platforms=(Platform.LINUX,)))


def test_where_nobody_gave_a_role_only_coverage_rules_out_what_is_for_a_role():
    [unread] = judge(FOR_SERVERS, asset(), (), {})
    assert (unread.standing, unread.because) == (Standing.OPEN, ())
    assert [(u.reason, u.note) for u in unread.unmet[:1]] == [
        (Reason.NOT_PROVIDED, "nobody says whether it has the role pbx")
    ]
    assert unread.unmet[0].settle == "fill in the inventory's column role" and len(unread.unmet) > 1
    assert standings(facts=ALL_SEEN, incident=FOR_SERVERS) == ["ruled-out"]
    [cell] = judge(FOR_SERVERS, asset(platform=Platform.WINDOWS), (), {})
    assert cell.because == ("does not apply: platform windows",)


def test_an_inventory_that_marks_the_servers_says_what_its_other_rows_are_not():
    server, client = asset(role="pbx", declared=True), replace(asset(declared=True), id="client")
    stranger = replace(asset(), id="stranger")
    found = judge_all(FOR_SERVERS, [server, client, stranger], {}, lambda name: {})
    assert found["client"][0].because == ("does not apply: role none",)
    assert [found[name][0].standing for name in (server.id, "stranger")] == [Standing.OPEN, Standing.OPEN]
    unmarked = judge_all(FOR_SERVERS, [replace(server, role="file server"), client], {}, lambda name: {})
    assert [cells[0].standing for cells in unmarked.values()] == [Standing.RULED_OUT, Standing.OPEN]
    found_only = judge_all(FOR_SERVERS, [replace(server, declared=False), client], {}, lambda name: {})
    assert found_only["client"][0].standing is Standing.OPEN


def test_evidence_is_stronger_than_the_inventorys_word():
    mac_only = pack(stage("x", platforms=(Platform.MACOS,)))
    cell = judged(mac_only, [sighting("x")], one=asset(platform=Platform.WINDOWS))["x"]
    assert (cell.standing, cell.because) == (Standing.SUSPECTED, ("does not apply: platform windows", "s-x-1"))


def test_an_installer_on_the_telephone_server_is_counted_where_it_belongs():
    incident = pack(stage("installed", except_roles=("pbx",)), stage("served", roles=("pbx",), means_compromise=False))
    seen = [sighting(name, indicator="installer.msi", locator="file a") for name in ("installed", "served")]
    server = asset(role="pbx")
    assert standings(*seen, incident=incident, one=server) == ["ruled-out", "shown"]
    assert verdict(*seen, incident=incident, one=server) is Verdict.SUSPECTED
    elsewhere = [seen[1], sighting("installed", indicator="installer.msi", locator="file b")]
    assert standings(*elsewhere, incident=incident, one=server) == ["suspected", "shown"]


def test_a_required_stage_that_does_not_apply_is_skipped_and_not_taken_as_ruled_out():
    incident = pack(
        stage("installed", platforms=(Platform.WINDOWS,)),
        stage("contacted", requires=("installed",), needs=[need(DNS)]),
    )
    assert standings(incident=incident, one=asset(platform=Platform.LINUX)) == ["ruled-out", "open"]


def test_a_stage_required_twice_over_is_walked_once():
    incident = pack(stage("a"), stage("b", requires=("a",)), stage("c", requires=("a", "b")))
    assert standings(sighting("c"), incident=incident) == ["shown", "shown", "shown"]


def test_needs_and_windows_of_another_platform_do_not_concern_the_asset():
    windows = (during(platform=Platform.WINDOWS), during(span("2023-01-01", "2023-03-31"), platform=Platform.MACOS))
    needs = [need(PROCESS, platform=Platform.WINDOWS), need(DNS, platform=Platform.MACOS)]
    incident = pack(stage("x", windows=windows, needs=needs))
    on_windows = asset(platform=Platform.WINDOWS)
    assert standings(facts=[own(PROCESS, MARCH)], incident=incident, one=on_windows) == ["ruled-out"]
    assert standings(facts=ALL_SEEN, incident=incident) == ["open"]  # unknown platform: both, over the whole time


def test_a_cell_names_the_strongest_and_earliest_and_counts_the_rest():
    hints = [sighting("installed", Weight.HINT, locator=f"line {n}", id=f"h{n:02}") for n in range(NAMED + 2)]
    timed = sighting("installed", time="2023-03-20", locator="line 98", id="later")
    first = sighting("installed", time="2023-03-19", locator="line 99", id="first")
    because = judged(INCIDENT, [*hints, timed, first])["installed"].because
    assert because[:3] == ("first", "later", "h00")
    assert because[NAMED:] == ("and 4 more sightings",)


def test_the_highest_stage_shown_is_named():
    by_id = {INCIDENT.id: INCIDENT}
    assert highest(by_id, judged(INCIDENT, [sighting("ran"), sighting("beacon", Weight.HINT)]).values()) == "ran"
    assert highest(by_id, judged(INCIDENT).values()) == ""


def test_coverage_of_no_window_has_intervals_and_no_gaps():
    found = covered([own(DNS, MARCH)], window=None)[DNS]
    assert (found.intervals, found.gaps) == ((MARCH,), ())
