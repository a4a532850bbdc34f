from __future__ import annotations

import pytest
from tests.builders import asset, judged, pack, reading, sighting, stage

from nachsorge.model.assessment import Judged, Source
from nachsorge.model.words import Status, Verdict
from nachsorge.verdicts.summary import summarise

WORST_FIRST = (Verdict.COMPROMISED, Verdict.SUSPECTED, Verdict.OPEN, Verdict.RULED_OUT)


def row(verdict):
    return Judged(asset=asset(verdict.value), verdict=verdict, stage="", cells=())


def source(status=Status.READ):
    return Source(id="e1", reading=reading(status=status))


@pytest.mark.parametrize(
    ("verdicts", "exit_code"),
    [
        ([Verdict.RULED_OUT], 0),
        ([Verdict.RULED_OUT, Verdict.OPEN], 3),
        ([Verdict.OPEN, Verdict.SUSPECTED], 1),
        ([Verdict.RULED_OUT, Verdict.OPEN, Verdict.COMPROMISED], 1),
        ([], 3),
    ],
)
def test_one_beats_three_beats_zero(verdicts, exit_code):
    found = summarise([row(verdict) for verdict in verdicts], [source()], [])
    assert found.exit == exit_code
    assert found.verdict is next((v for v in WORST_FIRST if v in verdicts), Verdict.OPEN)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.READ])
def test_evidence_that_was_handed_in_and_not_read_keeps_zero_away(status):
    found = summarise([row(Verdict.RULED_OUT)], [source(), source(status)], [])
    assert (found.verdict, found.exit) == (Verdict.OPEN, 3)
    assert found.sources == {one.value: int(one in (status, Status.READ)) for one in Status}


def test_an_interrupt_keeps_zero_away_and_hides_no_finding():
    assert summarise([row(Verdict.RULED_OUT)], [source()], [], interrupted=True).exit == 3
    assert summarise([row(Verdict.COMPROMISED)], [source(Status.UNREAD)], [], interrupted=True).exit == 1


def test_the_summary_counts_everything():
    cells = tuple(judged(pack(stage("a"), stage("b")), [sighting("a")]).values())
    rows = [Judged(asset=asset(), verdict=Verdict.COMPROMISED, stage="a", cells=cells)]
    found = summarise(rows, [source()], [sighting("a")], notes=["said so"])
    assert found.assets == {"compromised": 1, "suspected": 0, "open": 0, "ruled-out": 0}
    assert found.cells == {"shown": 1, "suspected": 0, "open": 1, "ruled-out": 0}
    assert (found.sightings, found.notes, found.interrupted) == (1, ("said so",), False)
