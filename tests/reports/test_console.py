"""What stands on the terminal. To renew the golden text after a wanted change: NACHSORGE_GOLDEN=1 pytest this file."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.reports.samples import NOTHING, SAMPLE, hostile, same_gap

from nachsorge.model.words import Reason, Standing
from nachsorge.reports import console
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.one_line import one_line
from nachsorge.reports.page import TABLE_WIDTH

if TYPE_CHECKING:
    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment

GOLDEN = Path(__file__).parents[1] / "golden" / "console_sample.txt"


def text(
    assessment: Assessment, lang: Lang = "en", width: int = 120, *, verbose: bool = False, colour: bool = False
) -> str:
    out = io.StringIO()
    terminal = Console(file=out, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    console.render(assessment, terminal, lang, verbose)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def joined(assessment: Assessment, lang: Lang = "en", width: int = 120, *, verbose: bool = False) -> str:
    return " ".join(text(assessment, lang, width, verbose=verbose).split())


def test_golden():
    both = f"{text(SAMPLE, 'en')}\n{'=' * 120}\n\n{text(SAMPLE, 'de')}"
    if os.environ.get("NACHSORGE_GOLDEN"):
        GOLDEN.write_text(both, encoding="utf-8")
    assert both == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("width", [40, 60, 80, 117, 118, 120, 200])
def test_nothing_is_cut_off_at_the_edge(lang, width):
    page = text(SAMPLE, lang, width)
    assert all(len(line) <= width for line in page.splitlines())
    assert "…" not in page
    squeezed = "".join(page.split())
    for source in SAMPLE.sources:
        if width < TABLE_WIDTH:  # a table folds paths between its columns
            assert source.reading.path.replace(" ", "") in squeezed


def test_narrow_terminals_number_the_stages_and_explain_the_numbers():
    page = text(SAMPLE, "de", 80)
    assert "  3 = Kontakt zum Angreifer" in page
    assert "ws-berta   ● kompromittiert   ● N   ● N   ● N   ○ O" in page


def test_every_standing_has_a_glyph_and_a_word_without_colour():
    page = text(SAMPLE)
    assert "\x1b" not in page
    for word in ("● shown", "◐ suspected", "○ open", "✓ ruled out"):
        assert word in page


def test_many_hosts_with_the_same_gap_are_one_line():
    page = text(same_gap(200))
    assert page.count("no such evidence was provided") == 1
    assert "200 assets: host-0000, host-0001, host-0002 and 197 more" in page


def test_what_is_cut_is_counted_and_verbose_cuts_nothing():
    page = text(same_gap(200))
    assert "... and 140 more, 140 open (see --json)" in page
    assert "... and 10 more, 10 not read (see --json)" in page
    full = joined(same_gap(200), verbose=True)
    assert "(see --json)" not in full
    assert all(f"host-{number:04} ○ open" in full for number in range(200))
    assert all(f"logs/{number}.log" in full for number in range(30))


def test_sightings_beyond_three_places_are_counted():
    assert "... and 3 more (see --json)" in text(SAMPLE)
    assert "line 600" in text(SAMPLE, verbose=True)


def test_the_author_of_a_rule_stands_with_its_match():
    assert "susp-child-process  Sigma rule  (hint; rule by Erika Muster)" in text(SAMPLE)


def test_nothing_read_says_so():
    page = joined(NOTHING)
    for words in ("No asset was judged", "The run was interrupted", "No evidence was read", "Exit code 3"):
        assert words in page


def test_no_control_at_all_is_said():
    assert "No positive control was run" in text(replace(SAMPLE, controls=()))
    passed = tuple(replace(control, seen=True) for control in SAMPLE.controls)
    assert "Positive controls" not in text(replace(SAMPLE, controls=passed))


@pytest.mark.parametrize(
    "evil", ["\x1b[2Jx", "[bold red]x[/]", "a\u202eb", "\x00", "\x9b31m", "[link=https://e.example]x", "\ud800"]
)
@pytest.mark.parametrize("width", [60, 120])
def test_evidence_cannot_steer_the_terminal(evil, width):
    page = text(hostile(evil), width=width, verbose=True)
    page.encode("utf-8")
    assert not set("\x1b\x00\x9b\u202e") & set(page)
    if evil.startswith("["):
        assert evil.split()[0] in page  # printed as it stands, not taken as markup


def test_evidence_cannot_steer_a_coloured_terminal_either():
    page = text(hostile("\x1b]8;;https://e.example\x07x"), colour=True)
    assert "\x1b]8" not in page
    assert "\x07" not in page


def test_one_line():
    assert one_line(SAMPLE, "en") == (
        "compromised: 4 assets (1 compromised, 1 suspected, 1 open, 1 ruled out within what was covered)"
        " | 6 sources (1 not read, 1 partly read, 1 skipped, 3 read) | 9 sightings | 6 of 16 cells open | exit 1"
    )
    assert "\n" not in one_line(SAMPLE, "de")
    assert CATALOGUES["de"].interrupted in one_line(NOTHING, "de")


def test_every_reason_can_be_told():
    for reason in Reason:
        asset = same_gap(1).assets[0]
        unmet = replace(asset.cells[0].unmet[0], reason=reason)
        cells = tuple(replace(cell, unmet=(unmet,), standing=Standing.OPEN) for cell in asset.cells)
        assert CATALOGUES["en"].reasons[reason] in joined(replace(same_gap(1), assets=(replace(asset, cells=cells),)))
