"""From an assessment to numbers: nothing that names anything of the house, and nothing unread that reads as clean."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sharing.kit import PLAIN, but
from tests.test_demo import run

from nachsorge.model.assessment import Assessment, Coverage, Hole
from nachsorge.model.times import DAY, Span, parse_instant
from nachsorge.model.words import IndicatorType, Reason, Role, Telemetry, Tlp
from nachsorge.sharing import minimise
from nachsorge.sharing.draft import Added, draft
from nachsorge.sharing.leaks import Known, known_of, leaks
from nachsorge.sharing.notification import Contact, NotificationError, Organisation, Purposes, Seen, encode

AT = parse_instant("2023-06-01")


@pytest.fixture(scope="module")
def demo() -> Assessment:
    found: Assessment = run()
    return found


def test_the_demo_organisation_in_numbers(demo: Assessment) -> None:
    found = draft(demo, demo.packs[0], Added(), AT)
    verdicts = found.assets.verdicts
    assert found.assets.scope == 8
    assert (verdicts.compromised, verdicts.suspected, verdicts.open, verdicts.ruled_out) == (5, 1, 1, 1)
    rungs = {rung.rung: (rung.shown, rung.suspected, rung.open, rung.ruled_out) for rung in found.assets.rungs}
    assert rungs["exposed"] == (6, 0, 1, 1), "the telephone server handed it out"
    assert rungs["contacted"] == (2, 0, 3, 3)
    assert rungs["hands-on"] == (0, 0, 4, 4)
    assert found.weeks is not None and (found.weeks.first, found.weeks.last) == ("2023-W08", "2023-W13")
    assert found.incident.pack == "3cx-2023"


def test_nothing_of_the_house_is_in_the_bytes(demo: Assessment) -> None:
    body = encode(draft(demo, demo.packs[0], Added(), AT)).decode()
    known = known_of(demo)
    assert len(known.machines) > 15 and known.people
    names = {*known.machines, *known.people, "almtal", "gmunden", "wels", "10.20."}
    assert not [name for name in names if name in body.lower()]
    paths = {source.reading.path for source in demo.sources} | {source.reading.sha256 for source in demo.sources}
    assert not [path for path in paths if path and path in body]
    assert not [one.locator for one in demo.sightings if len(one.locator) > 3 and f'"{one.locator}"' in body]


def test_what_was_not_looked_at_is_in_it(demo: Assessment) -> None:
    rows = {row.telemetry: row for row in draft(demo, demo.packs[0], Added(), AT).coverage}
    assert all(row.whole + row.partly + row.none == 8 for row in rows.values())
    assert rows[Telemetry.FILE_EVENT].none == 8
    assert rows[Telemetry.FILE_EVENT].reasons == {Reason.NOT_PROVIDED: 8}
    assert rows[Telemetry.DNS_QUERY].partly == 6 and rows[Telemetry.DNS_QUERY].reasons[Reason.SILENCE] == 1
    assert Telemetry.SOFTWARE_INSTALL not in rows, "no stage needs it: without gaps it would read as covered whole"


def test_an_asset_of_which_nothing_is_known_was_not_looked_at(demo: Assessment) -> None:
    without = replace(demo, coverage=tuple(row for row in demo.coverage if row.asset != "we-ws-05"))
    before = {row.telemetry: row for row in minimise.coverage(demo, demo.packs[0])}
    after = {row.telemetry: row for row in minimise.coverage(without, demo.packs[0])}
    for telemetry, row in after.items():
        assert row.whole + row.partly + row.none == 8
        assert row.whole <= before[telemetry].whole
        assert row.reasons.get(Reason.NOT_PROVIDED, 0) >= 1


WINDOW = Span(parse_instant("2023-03-01"), parse_instant("2023-03-31"))
_PART = Span(WINDOW.start, WINDOW.start + DAY)


@given(st.lists(st.sampled_from(["whole", "partly", "none", "nothing"]), min_size=8, max_size=8))
def test_no_gap_is_ever_counted_as_whole(demo: Assessment, kinds: list[str]) -> None:
    rows = [
        Coverage(
            asset=judged.asset.id,
            telemetry=Telemetry.TLS,
            intervals={"whole": (WINDOW,), "partly": (_PART,)}.get(kind, ()),
            gaps=() if kind == "whole" else (Hole(span=WINDOW, reason=Reason.SILENCE),),
        )
        for judged, kind in zip(demo.assets, kinds, strict=True)
        if kind != "nothing"
    ]
    found = minimise.coverage(replace(demo, coverage=tuple(rows)), replace(demo.packs[0], window=WINDOW))
    for row in found:
        assert (row.whole, row.partly) == (kinds.count("whole"), kinds.count("partly"))
        assert row.none == kinds.count("none") + kinds.count("nothing")
    assert found or kinds == ["nothing"] * 8


def test_the_careful_words_are_the_default(demo: Assessment) -> None:
    found = draft(demo, demo.packs[0], Added(), AT)
    assert found.labels.tlp is Tlp.AMBER_STRICT
    assert found.purposes == Purposes(count=False, pass_to=(), name=False)
    assert (found.organisation.name, found.contact, found.channel) == ("", None, "voluntary")


def test_what_contradicts_itself_is_no_draft(demo: Assessment) -> None:
    wrong = Added(purposes=Purposes(count=True, pass_to=("community",), name=True))
    with pytest.raises(NotificationError) as found:
        draft(demo, demo.packs[0], wrong, AT)
    assert len(found.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("we rebuilt GM-WS-07.", "host"),
        ("gm-ws-07.acme.example spoke", "host"),
        ("it was 10.20.1.131", "internal address"),
        ("172.16.4.5:443", "internal address"),
        ("fd00::17 too", "internal address"),
        ("100.64.1.1", "internal address"),
        ("ask anna.muster@acme.example", "mail address"),
        (r"in C:\Users\anna\AppData", "user"),
        ("in /home/anna/x", "user"),
        ("the account lena.huber", "user"),
    ],
)
def test_a_text_that_names_somebody_is_found(text: str, kind: str) -> None:
    known = Known(frozenset({"gm-ws-07", "gm-ws-07.acme.example"}), frozenset({"lena.huber"}))
    assert kind in {leak.kind for leak in leaks(but(note=text), known)}
    assert not leaks(but(note=""), known)


@pytest.mark.parametrize(
    "text", ["we rebuilt eight hosts", r"C:\Users\<user>\x", "version 18.12.416.1", "8.8.8.8", "12:30:15", "gm-ws-077"]
)
def test_a_text_that_names_nobody_is_not(text: str) -> None:
    assert leaks(but(note=text), Known(frozenset({"gm-ws-07"}), frozenset({"lena.huber"}))) == []


def test_the_fields_that_are_for_names_are_not_searched() -> None:
    found = but(
        organisation=Organisation(name="gm-ws-07 Ltd", sector="food", region="AT-1", size="small"),
        contact=Contact(name="Anna", email="anna@acme.example", phone="", fingerprint=""),
    )
    assert leaks(found, Known(frozenset({"gm-ws-07"}))) == []


def test_an_attackers_mail_address_is_an_indicator_but_an_internal_host_is_not() -> None:
    mail = Seen(type=IndicatorType.EMAIL, value="evil@evil.example", role=Role.MALICIOUS, tlp=Tlp.AMBER, note="")
    inside = Seen(type=IndicatorType.IP, value="10.1.2.3", role=Role.MALICIOUS, tlp=Tlp.AMBER, note="")
    assert leaks(but(indicators=(mail,))) == []
    assert [leak.kind for leak in leaks(but(indicators=(inside,)))] == ["internal address"]


def test_json_of_the_draft_reads_back(demo: Assessment) -> None:
    assert json.loads(encode(draft(demo, demo.packs[0], Added(note=PLAIN.note), AT)))["note"] == PLAIN.note
