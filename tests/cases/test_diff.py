"""What changed is named, above all what got worse and what is open again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import asset

from nachsorge.cases.diff import CLAIM, KNOWN, PACK, REOPENED, SCOPE, SOFTER, WORSE, changes
from nachsorge.locale import speaking
from nachsorge.model.assessment import Assessment, Cell, ClaimAnswer, Judged, PackUsed
from nachsorge.model.words import Standing, Verdict
from nachsorge.verdicts.summary import summarise


def found(standing=Standing.OPEN, *, answer="holds", name="pc1", version="1", packs=1):
    cell = Cell(pack="p", stage="s", rung="exposed", standing=standing)
    used = PackUsed(id="p", version=version, sha256=version, tlp="CLEAR", indicators=1, rules=0)
    return Assessment(
        packs=(used,) * packs,
        sources=(),
        sightings=(),
        coverage=(),
        rules=(),
        assets=(Judged(asset=asset(name), verdict=Verdict.OPEN, stage="", cells=(cell,)),),
        claims=(ClaimAnswer(id="c", says="c", by="v", answer=answer, because=("why",)),),
        controls=(),
        summary=summarise((), (), ()),
    )


S = Standing


def said(before, after):
    """Each change, as a case keeps it."""
    return [(change.kind, change.what) for change in changes(before, after)]


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (S.OPEN, S.RULED_OUT, KNOWN),
        (S.OPEN, S.SHOWN, WORSE),
        (S.OPEN, S.SUSPECTED, WORSE),
        (S.RULED_OUT, S.SHOWN, WORSE),
        (S.SUSPECTED, S.SHOWN, WORSE),
        (S.RULED_OUT, S.OPEN, REOPENED),
        (S.SHOWN, S.OPEN, REOPENED),
        (S.SHOWN, S.RULED_OUT, SOFTER),
        (S.SUSPECTED, S.RULED_OUT, SOFTER),
    ],
)
def test_a_cell_that_changed_is_named_by_what_it_means(was, now, kind):
    assert said(found(was), found(now)) == [(kind, f"pc1 s: {was.value} -> {now.value}")]


def test_nothing_changed():
    assert changes(found(), found()) == ()


@pytest.mark.parametrize(("was", "now"), [("refuted", "holds"), ("refuted", "untestable"), ("holds", "refuted")])
def test_a_claim_never_changes_without_being_named(was, now):
    assert said(found(answer=was), found(answer=now)) == [(CLAIM, f"c: {was} -> {now}: why")]


def test_packs_and_scope():
    assert said(found(), found(version="2")) == [(PACK, "p 1 is 2 now")]
    assert said(found(packs=0), found()) == [(PACK, "p 1 is new")]
    listed = said(found(), found(name="pc2"))
    assert listed == [(SCOPE, "pc1 is not in it any more"), (SCOPE, "pc2 is new: open")]


def test_what_got_worse_comes_first():
    before, after = found(S.OPEN), found(S.SHOWN, answer="refuted", version="2")
    assert [change.kind for change in changes(before, replace(after, assets=after.assets))] == [WORSE, CLAIM, PACK]


@pytest.mark.parametrize(("now", "kind"), [(S.SHOWN, WORSE), (S.SUSPECTED, WORSE), (S.OPEN, SCOPE)])
def test_a_stage_that_nobody_asked_for_before_is_named_unless_it_is_ruled_out(now, kind):
    before, after = found(S.RULED_OUT), found(S.RULED_OUT)
    [row] = after.assets
    new = Cell(pack="p", stage="later", rung="executed", standing=now)
    wider = replace(after, assets=(replace(row, cells=(*row.cells, new)),))
    assert said(before, wider) == [(kind, f"pc1 later: not asked before -> {now.value}")]
    ruled_out = replace(after, assets=(replace(row, cells=(*row.cells, replace(new, standing=S.RULED_OUT))),))
    assert changes(before, ruled_out) == ()


def test_a_change_is_told_in_the_language_that_is_spoken():
    (change,) = changes(found(S.OPEN), found(S.RULED_OUT))
    assert change.told() == "became known: pc1 s: open -> ruled-out"
    with speaking("de"):
        assert change.told() == "bekannt geworden: pc1 s: offen -> ausgeschlossen"
        assert change.what == "pc1 s: open -> ruled-out"  # which the case keeps
        (claim,) = changes(found(answer="refuted"), found(answer="holds"))
        assert claim.told(lambda why: f"({why})") == "Aussage: c: widerlegt -> trifft zu, soweit belegt: (why)"
