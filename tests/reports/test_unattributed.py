from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from tests.reports.samples import ASSETS, SAMPLE, SIGHTINGS

from nachsorge.assets.registry import UNATTRIBUTED
from nachsorge.reports import console, html, view
from nachsorge.reports.languages import CATALOGUES


def test_evidence_of_nobody_is_explained():
    assert view.UNATTRIBUTED == UNATTRIBUTED
    nobody = replace(ASSETS[1], asset=replace(ASSETS[1].asset, id=UNATTRIBUTED, declared=False))
    sample = replace(SAMPLE, assets=(nobody,), sightings=(replace(SIGHTINGS[0], asset=UNATTRIBUTED),))
    out = io.StringIO()
    console.render(sample, Console(file=out, width=120), "de")
    for page in (out.getvalue(), html.render(sample, "de")):
        assert CATALOGUES["de"].unattributed in page
