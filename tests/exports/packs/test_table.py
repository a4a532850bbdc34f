"""CSV: what nachsorge's own reader makes of it is what went out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from tests.exports.packs.kit import body, exported, known, packs, row, stage_of

from nachsorge.model.words import IndicatorType, Tlp
from nachsorge.packs.importers.csv import CsvImporter
from nachsorge.packs.importers.listing import listing_of

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack


@given(packs())
def test_what_goes_out_comes_back(incident: Pack) -> None:
    written = exported("csv", incident, most=Tlp.RED)
    listing = listing_of(CsvImporter(), written.files[0].content)
    assert (listing.lost, listing.not_understood) == (0, ())
    kept = [each for each in incident.indicators if each.drives]
    assert len(listing.items) == len(kept)
    lost = {loss.what for loss in written.losses if "`;`" in loss.why}
    for before, item in zip(kept, listing.items, strict=True):
        assert (item.type, item.value) == (before.type, before.value)
        assert (item.stage, item.weight) == (stage_of(incident, before).id, incident.traces_by_id[before.trace].weight)
        for name, value in item.fields.items():
            assert value == getattr(before, name) or f"{before.type} {before.value}" in lost, name


def test_a_value_that_a_spreadsheet_would_run_is_named() -> None:
    written = exported("csv", known(row(IndicatorType.STRING, "=HYPERLINK(1)")))
    assert any("formula" in loss.why for loss in written.losses)
    assert "=HYPERLINK(1)" in body(written)
