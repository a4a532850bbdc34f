"""The law of the index: for values, it answers as the evidence does; where it cannot, it says so and stays open."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import MARCH, asset, t
from tests.index.kit import FORMATS, Event, incident, sighted, standings, verdicts, write

from nachsorge.assets.inventory import Inventory
from nachsorge.index import rows
from nachsorge.model.evidence import Lease
from nachsorge.model.times import DAY, HOUR, MINUTE, Span
from nachsorge.model.words import Reason, Standing
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.indexing import IndexOptions, index
from nachsorge.sweep.recall import recall

NOW = t("2023-05-01")
START = MARCH.start
HOSTS = ["evil.example", "www.evil.example", "notevil.example", "good.example", "203.0.113.9", "xn--bcher-kva.example"]
PATHS = ["/", "/evil.exe", "/a/b?c=1", "/" + "ab" * 16, "/x/evil.exe/"]
AGENTS = ["curl/8", "Evil Agent/1.0 (x)", "Mozilla/5.0 evilword", "C:\\Temp\\evil.exe /s"]
CLIENTS = ["10.0.0.5", "10.0.0.6", "10.0.0.77"]
ATOMIC = [
    ("domain", "evil.example"),
    ("domain", "bücher.example"),
    ("ip", "203.0.113.9"),
    ("ip", "10.0.0.77"),
    ("cidr", "203.0.113.0/24"),
    ("cidr", "10.0.0.4/31"),
    ("url", "http://evil.example/a/b"),
    ("url_pattern", "evil.example/x/*"),
    ("md5", "ab" * 16),
    ("email", "bob@evil.example"),
]
WORDS = [
    ("user_agent", "Evil Agent/1.0 (x)"),
    ("string", "evilword"),
    ("file_name", "evil.exe"),
    ("path", "C:\\Temp\\evil.exe"),
    ("registry", "HKLM\\Software\\Evil"),
]
INVENTORIES = [
    Inventory(),
    Inventory((asset("pc1", names=("pc1",), addresses=("10.0.0.5",), declared=True),)),
    Inventory(
        (
            asset("pc1", names=("pc1",), declared=True, watched=("dns_query",)),
            asset("pc2", names=("pc2",), addresses=("10.0.0.6",), declared=True),
        ),
        (
            Lease(address="10.0.0.5", host="pc1", span=Span(START, START + 4 * HOUR)),
            Lease(address="10.0.0.5", host="pc2", span=Span(START + 4 * HOUR, START + 9 * DAY)),
        ),
    ),
]

EVENTS = st.builds(
    Event,
    # Whole hours and odd minutes, close together and far apart.
    time=st.integers(0, 12).flatmap(lambda h: st.integers(0, 59).map(lambda m: START + h * HOUR + m * MINUTE + 1)),
    client=st.sampled_from(CLIENTS),
    host=st.sampled_from(HOSTS),
    path=st.sampled_from(PATHS),
    agent=st.sampled_from(AGENTS),
)
EVIDENCE = st.lists(
    st.tuples(st.sampled_from(sorted(FORMATS)), st.lists(EVENTS, min_size=1, max_size=90), st.booleans()),
    min_size=1,
    max_size=3,
)
FEW = st.sampled_from([0, 3, 64])
SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def both(folder, evidence, indicators, inventory, few=64, within=None, **more):
    """Sweep the evidence, and recall it from an index that keeps `few` texts of a field whole."""
    paths = []
    for number, (name, events, ordered) in enumerate(evidence):
        events = sorted(events, key=lambda e: e.time) if ordered else events
        paths.append(str(write(folder, name, events, number)))
    options = Options(jobs=1, now=NOW, **more)
    packs = [_limited(incident(*indicators), within)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "FEW", few)
        added = index(paths, folder / "index", IndexOptions(jobs=1, now=NOW))
    assert len(added.readings) == len(paths)
    return sweep(packs, paths, inventory, options), recall(packs, folder / "index", inventory, options)


def _limited(of, within):
    return replace(of, traces=tuple(replace(trace, within=within) for trace in of.traces)) if within else of


@SOME
@given(
    EVIDENCE,
    st.lists(st.sampled_from(ATOMIC), unique=True, min_size=1),
    st.sampled_from(INVENTORIES),
    st.integers(0, 12 * 60),
    st.integers(0, 6 * 60),
)
def test_a_trace_that_counts_in_a_window_only_shows_no_more_and_clears_no_more(
    evidence, indicators, inventory, at, long
):
    within = Span(START + at * MINUTE, START + (at + long) * MINUTE)
    with tempfile.TemporaryDirectory() as folder:
        raw, kept = both(Path(folder), evidence, indicators, inventory, within=within)
    assert set(sighted(kept)) <= set(sighted(raw))
    assert all(s.time is None or within.start <= s.time <= within.end for s in (*raw.sightings, *kept.sightings))
    # Of many records alike an index knows the first and the last of an hour: what lies between is open, never clean.
    cleared = {cell for cell, standing in standings(kept).items() if standing == Standing.RULED_OUT}
    assert all(standings(raw)[cell] == Standing.RULED_OUT for cell in cleared)
    if set(sighted(kept)) < set(sighted(raw)):
        assert any("needs the raw evidence again" in rule.note for rule in kept.rules)


@SOME
@given(EVIDENCE, st.lists(st.sampled_from(ATOMIC), unique=True), st.sampled_from(INVENTORIES), st.booleans(), FEW)
def test_for_values_the_answer_is_the_same(evidence, indicators, inventory, windowed, few):
    window = {"start": START + 2 * HOUR, "end": START + 9 * HOUR - 1} if windowed else {}
    with tempfile.TemporaryDirectory() as folder:
        raw, kept = both(Path(folder), evidence, indicators, inventory, few, **window)
    assert sighted(kept) == sighted(raw)
    assert standings(kept) == standings(raw)
    assert verdicts(kept) == verdicts(raw)
    assert kept.coverage == raw.coverage
    assert kept.controls == raw.controls
    assert [s.reading for s in kept.sources] == [s.reading for s in raw.sources]
    assert kept.summary.exit == raw.summary.exit


@SOME
@given(
    EVIDENCE,
    st.lists(st.sampled_from([*ATOMIC, *WORDS]), unique=True),
    st.sampled_from(INVENTORIES),
    FEW,
)
def test_for_words_it_shows_nothing_else_and_rules_nothing_out_beyond_the_evidence(
    evidence, indicators, inventory, few
):
    with tempfile.TemporaryDirectory() as folder:
        raw, kept = both(Path(folder), evidence, indicators, inventory, few)
    types = {kind for kind, _ in ATOMIC}
    assert sighted(kept, types) == sighted(raw, types)
    # A word that stands in text first and in a field later is seen from the field on: later, never earlier.
    known = sighted(raw)
    assert all(key in known and (time or 0) >= (known[key] or 0) for key, time in sighted(kept).items())
    missed = {key[0] for key in sighted(raw).keys() - sighted(kept).keys()}
    told = {rule.id for rule in kept.rules if "needs the raw evidence again" in rule.note}
    assert missed <= told
    cleared = {cell for cell, standing in standings(kept).items() if standing == Standing.RULED_OUT}
    assert all(standings(raw)[cell] == Standing.RULED_OUT for cell in cleared)


def test_a_word_that_may_stand_in_text_left_out_keeps_its_stage_open(tmp_path):
    events = [Event(START + n * MINUTE, "10.0.0.5", "good.example", f"/{n}", f"agent {n}") for n in range(300)]
    raw, kept = both(tmp_path, [("proxy.csv", events, True)], [("string", "evilword")], INVENTORIES[0])
    (rule,) = kept.rules
    assert (rule.id, rule.applicable, rule.matches) == ("evilword", 0, 0)
    assert "needs the raw evidence again" in rule.note
    cell = next(c for c in kept.assets[0].cells if c.stage == "contacted")
    assert cell.standing is Standing.OPEN
    assert cell.unmet[-1].reason is Reason.NEEDS_EVIDENCE
    assert "evilword" in cell.unmet[-1].note
    assert not raw.rules
