"""A German report says nothing in English: rendered in made-up letters, only data is left in plain ones."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.collection_kit import archive, kape
from tests.reports.noted import noted
from tests.reports.pseudo import data_of, left_over, marked, marked_pack, plain, pseudo, seen_of
from tests.reports.samples import PACK, SAMPLE, STAGES, WINDOW
from tests.reports.test_noted import AROUND, JUDGED, NAMES, PARTS, PLACE, RANKED
from tests.reports.test_ranking import ranking
from tests.test_demo import EVIDENCE, ORGANISATION, TRIAGE

from nachsorge.assets.inventory import load_inventory
from nachsorge.cases.timeline import timeline
from nachsorge.locale import speaking
from nachsorge.model.assessment import Hole, Sighting
from nachsorge.model.effort import Effort, Late
from nachsorge.model.evidence import Gap, Reading
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Platform, Reason, Standing, Status, Telemetry, Verdict, Weight
from nachsorge.packs.library import resolve
from nachsorge.reports import console, html, kinds, notes, wording
from nachsorge.reports.beside import Beside
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.one_line import one_line
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nachsorge.model.assessment import Assessment

NAMED = {"nachsorge", "UTC", "TLP", "PAP", "AMBER", "STRICT", "GREEN", "gzip", "KAPE", "SHA"}
"""The program itself, labels, formats and tools: the same in every language (docs/reference/glossary.md)."""


def shown(found: Assessment, more: Beside | None = None) -> dict[str, str]:
    """Everything that people are shown of an assessment, in the made-up language."""
    out = io.StringIO()
    console.render(found, Console(file=out, width=20_000), "de", verbose=True)
    pages = {length: html.render(found, "de", length, *([more] if more else [])) for length in ("short", "full")}
    return {
        "console": out.getvalue() + one_line(found, "de"),
        **{length: seen_of(page) for length, page in pages.items()},
    }


@pytest.fixture(scope="module")
def demo():
    pack = marked_pack(resolve("3cx-2023"))
    options = Options(assets={str(TRIAGE): "gm-ws-12"}, now=parse_instant("2023-06-01"))
    return sweep([pack], [str(EVIDENCE), str(TRIAGE)], load_inventory(ORGANISATION / "inventory.csv"), options)


def untranslated(found: Assessment, more: Beside | None = None, names: Iterable[str] = ()) -> dict[str, list[str]]:
    data = data_of(found) | set(names) | (data_of(more) if more else set())
    return {where: left for where, text in shown(found, more).items() if (left := left_over(text, data, NAMED))}


def test_the_demo_organisation(demo):
    with pseudo(), speaking("de"):
        more = Beside(moments=timeline(localised(demo, "de")).events, timeless=2)
        assert untranslated(demo, more, {"3CX Desktop App", "due", "bin", "sbin", "msi"}) == {}


def test_a_collection_with_what_it_could_not_copy(tmp_path):
    """KAPE says in brackets why a file was not copied, and brackets may stand within."""
    files = [("C:\\Windows\\System32\\config\\SYSTEM", b"no hive", "2023-02-01T06:00:00Z")]
    skipped = [("C:\\pagefile.sys", "", "in use (4)"), ("C:\\Users\\kim\\x.dat", "0" * 40, "Deduped")]
    failed = "[2023-04-03 12:21:07.2 | FTL] Could not copy file C:\\hiberfil.sys to E:\\out\\x. Error: 32 (32)"
    members = kape(files, skipped=skipped, console=[failed, "[x | INF] Copied 2. File copy errors: 3. See console log"])
    path = tmp_path / "7.zip"
    path.write_bytes(archive(members))
    broken = tmp_path / "8.log.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00" + b"\x07" * 400)
    found = sweep(
        [marked_pack(resolve("3cx-2023"))],
        [str(path), str(broken)],
        load_inventory(ORGANISATION / "inventory.csv"),
        Options(),
    )
    assert "KAPE did not bring" in str(found)
    with pseudo():
        assert untranslated(found, None, {"in use", "av-detection"}) == {}


def synthetic() -> Assessment:
    """The sample with every reason, state, telemetry, weight, type and place that there is, and no words of its own."""
    pack = replace(
        PACK,
        title="2023",
        german={"2023": "2023"},
        stages=tuple((name, title, marked(german)) for name, title, german in STAGES),
        window_basis="pack",
        not_understood=(),
        licence="1",
    )
    holes = tuple(Hole(span=WINDOW, reason=reason) for reason in Reason)
    coverage = tuple(replace(SAMPLE.coverage[0], telemetry=telemetry, gaps=holes) for telemetry in Telemetry)
    gaps = tuple(Gap(reason=reason, telemetry=None, span=WINDOW) for reason in Reason)
    sources = tuple(
        replace(
            SAMPLE.sources[0], id=f"s{at}", reading=Reading(path=f"{at}.1", status=status, reason=reason, gaps=gaps)
        )
        for at, (status, reason) in enumerate((status, reason) for status in Status for reason in (None, *Reason))
    )
    places = ("line 3", "record 9", "line 4, row 2", "byte 0", "offset 0x1f", "event 7", "file", "version resource")
    sightings = tuple(
        seen(at, type_, place) for at, (type_, place) in enumerate((t, p) for t in kinds.KINDS for p in places)
    )
    assets = tuple(
        replace(row, asset=replace(row.asset, platform=platform), cells=tuple(replace(c, unmet=()) for c in row.cells))
        for row in SAMPLE.assets
        for platform in (None, *Platform)
    )
    assets = tuple(
        replace(row, asset=replace(row.asset, id=f"{at}"), verdict=list(Verdict)[at % 4])
        for at, row in enumerate(assets)
    )
    claims = tuple(replace(SAMPLE.claims[0], says="1", by="2", answer=one) for one in CATALOGUES["en"].answers)
    controls = tuple(replace(one, note="") for one in SAMPLE.controls)
    return replace(
        SAMPLE,
        packs=(pack,),
        sources=sources,
        sightings=sightings,
        coverage=coverage,
        assets=assets,
        claims=claims,
        controls=controls,
        rules=tuple(replace(rule, note="") for rule in SAMPLE.rules),
        summary=replace(SAMPLE.summary, notes=(), interrupted=True),
    )


def seen(at: int, type_: str, place: str) -> Sighting:
    weight = list(Weight)[at % len(Weight)]
    when = parse_instant("2023-03-29T01:00:00") + at if at % 3 else None
    return replace(
        SAMPLE.sightings[0],
        id=f"g{at}",
        type=type_,
        locator=place,
        weight=weight,
        time=when,
        asset="1",
        source="s0",
        telemetry=list(Telemetry)[at % len(Telemetry)],
        refutes=not at % 5,
    )


def test_every_word_of_the_closed_lists():
    found = synthetic()
    found = replace(found, sightings=tuple(replace(s, stage=STAGES[int(s.id[1:]) % 4][0]) for s in found.sightings))
    effort = Effort(
        errands=3, settled=5, never=1, low=20, high=90, spent=7, late=Late(low=1, high=9, steps=3, assets=2)
    )
    more = Beside(effort=effort, ranking=ranking(), timeless=3)
    places = {s.locator for s in found.sightings}
    data = (data_of(found) | data_of(more)) - places
    with pseudo():
        told = {where: left_over(text, data, NAMED) for where, text in shown(found, more).items()}
    assert {where: lines for where, lines in told.items() if lines} == {}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_headline_of_every_verdict(verdict):
    rows = tuple(replace(row, verdict=verdict) for row in SAMPLE.assets)
    for assets in (rows, rows[:1], ()):
        found = replace(SAMPLE, assets=assets, summary=replace(SAMPLE.summary, verdict=verdict))
        with pseudo():
            assert left_over(wording.headline(found, CATALOGUES["de"]), ()) == []


KEPT = re.compile(
    r"apt install libarchive13|pip install '?nachsorge\[\w+\]'?|\w*_\w*|zstd|3CX Desktop App|: x$|\b(time|oldest)\b"
)
"""Commands, names of formats and products, and what stands for a value: no words of a sentence."""
NO_SENTENCE = ("evidence/readers/zeek_json.py", "matching/tokens.py", "evidence/containers/tar.py")
"""Names of fields, a format's own mark, and one whose two ways of being told have a phrase each (test_noted.PARTS)."""


def test_every_note_of_the_code_is_said_without_a_word_of_english():
    """Stricter than test_noted: not one word of the code's own is left, whatever stands around."""
    listed = JUDGED | RANKED | NAMES | PARTS
    left = []
    with pseudo():
        for one in noted():
            told = [plain_left(notes.say(form.replace("{}", PLACE.sub("3", one.told)), "de")) for form in AROUND]
            if one.text not in listed and all(told) and not one.place.startswith(NO_SENTENCE):
                left.append(f"{one.place}: {one.told}")
    assert left == []


def plain_left(said: str) -> bool:
    return bool(re.search("[a-z]{2}", KEPT.sub("", said)))


def test_what_a_library_says_stands_in_a_german_frame():
    note = "the gzip data is damaged (Error -3 while decompressing data), 9 bytes were unpacked"
    assert notes.say(note, "de") == (
        "die gzip-Daten sind beschädigt (Meldung der Bibliothek: „Error -3 while decompressing data“), "
        "9 Bytes wurden entpackt"
    )
    reading = Reading(path="x", status=Status.UNREAD, reason=Reason.CORRUPT, note="bad marker at 7")
    assert list(wording.troubles(reading, CATALOGUES["de"])) == [
        "beschädigt",
        "Meldung der Bibliothek: „bad marker at 7“",
    ]
    assert list(wording.troubles(reading, CATALOGUES["en"])) == ["damaged", "bad marker at 7"]


@pytest.mark.parametrize(
    "text", ["this was forgotten", f"{marked('a sentence with')} an English end", marked("known") + " left over"]
)
def test_a_string_that_nobody_translated_is_found(text):
    assert left_over(text, {"somewhere.example"}) != []
    assert left_over(f"<p>{marked('all of it')}: somewhere.example</p>".replace("p>", ">"), {"somewhere.example"}) == []


def test_the_made_up_letters_can_be_read_back():
    with pseudo(), speaking("de"):
        page = html.render(SAMPLE, "de")
    assert "Incident assessment" not in page
    assert "Incident assessment" in plain(page)
    assert "Incident assessment" not in html.render(SAMPLE, "de")  # the real German again
    assert Standing.SHOWN in CATALOGUES["de"].standings
