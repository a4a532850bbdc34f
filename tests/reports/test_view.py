from __future__ import annotations

from dataclasses import replace

from tests.reports.samples import ASSETS, NO_PROXY, NOTHING, SAMPLE, SIGHTINGS, row, same_gap

from nachsorge.model.assessment import Cell, Judged
from nachsorge.model.words import Standing, Verdict
from nachsorge.reports import view


def test_the_worst_verdict_comes_first():
    assert [judged.verdict for judged in view.ordered(SAMPLE)] == list(Verdict)


def test_stages_stand_in_the_packs_order_with_the_title_of_the_language():
    (german,) = view.matrices(SAMPLE, "de")
    assert [column.number for column in german.columns] == [1, 2, 3, 4]
    assert german.columns[2].title == "Kontakt zum Angreifer"
    assert view.matrices(SAMPLE, "en")[0].columns[2].title == "Contact to the attacker"


def test_a_stage_that_no_pack_names_still_has_its_column():
    extra = Cell(pack="other", stage="odd", rung="exposed", standing=Standing.OPEN)
    judged = replace(ASSETS[0], cells=(*ASSETS[0].cells, extra))
    matrices = view.matrices(replace(SAMPLE, assets=(judged, *ASSETS[1:])), "en")
    assert [matrix.pack for matrix in matrices] == ["example-app", "other"]
    assert sum(row.cells[0] is None for row in matrices[1].rows) == 3


def test_every_sighting_is_shown_exactly_once():
    found = view.findings(SAMPLE, "en")
    ids = [s.id for row in found.values() for finding in row for group in finding.groups for s in group.sightings]
    assert sorted(ids) == sorted(sighting.id for sighting in SIGHTINGS)


def test_a_sighting_of_an_asset_without_a_row_is_shown_all_the_same():
    stray = replace(SIGHTINGS[0], id="stray", asset="nobody", stage="unheard-of")
    found = view.findings(replace(SAMPLE, sightings=(stray,)), "en")
    assert found["nobody"][0].groups[0].first.id == "stray"
    assert found["nobody"][0].cell is None


def test_implied_stages_are_found_with_their_reason():
    implied = next(f for f in view.findings(SAMPLE, "en")["ws-berta"] if f.column.stage == "executed")
    assert implied.groups == ()
    assert implied.because == ("implied by beaconed",)


def test_every_open_cell_stands_among_the_open_needs():
    named = {
        (asset, column.stage)
        for need in view.open_needs(SAMPLE, "en")
        for part in need.parts
        for asset in part.assets
        for column in part.columns
    }
    wanted = {(j.asset.id, c.stage) for j in SAMPLE.assets for c in j.cells if c.standing is Standing.OPEN}
    assert named == wanted


def test_an_open_cell_without_a_need_is_not_silent():
    silent = replace(ASSETS[0], cells=row(*[(Standing.OPEN, (), ())] * 4))
    (need,) = view.open_needs(replace(NOTHING, assets=(silent,)), "en")
    assert need.need == view.Need(None, ())


def test_what_no_evidence_can_rule_out_is_told_as_such():
    (never,) = [need for need in view.open_needs(SAMPLE, "en") if need.need.unmet is None]
    assert never.need.why == ("the pack names nothing that would rule this out",)


def test_a_need_that_many_share_stands_once():
    (need,) = view.open_needs(same_gap(200), "en")
    assert need.need.unmet == NO_PROXY
    assert need.assets == 200
    assert len(need.parts) == 1


def test_equal_assets_without_findings_share_a_section():
    (section,) = view.sections(same_gap(200), "de")
    assert len(section.assets) == 200
    assert [len(section.assets) for section in view.sections(SAMPLE, "de")] == [1, 1, 1, 1]


def test_assets_with_other_verdicts_do_not_share_a_section():
    first, second = same_gap(2).assets
    other: Judged = replace(second, verdict=Verdict.RULED_OUT)
    assert len(view.sections(replace(same_gap(2), assets=(first, other)), "en")) == 2


def test_what_was_not_read_comes_first():
    assert [source.id for source in view.sources(SAMPLE)] == ["s5", "s1", "s6", "s2", "s3", "s4"]
