"""Every note that the code can write has a German form, so that a German report stays German."""

from __future__ import annotations

import re

import pytest
from tests.reports.noted import Noted, noted

from nachsorge.reports import notes

PLACE = re.compile(r"\{\w+\}")
AROUND = (
    "{}",
    "x {}",
    "3 {}: x",
    "none: {}",
    "x{}",
    "{} 3",
    "{} x",
    "chunk 3 {}",
    "{}: x",
    "3 packets of {} were not decoded",
)
"""How a text may stand in the note that is told: alone, or put together with what varies."""

JUDGED = frozenset(
    {
        "does not apply: platform {platform}",
        "does not apply: role {none}",
        "implied by {id}",
        "nothing seen in {span}{within}",
        "refuted by {name}",
        "requires {impossible}, which is ruled out",
        "{asset}: {indicator} at {time}, after {since} ({sighting})",
        "{asset}: {what} at {time}, after {since} ({sighting})",
        "{id}: {indicator} at {time}, after {end} ({place})",
        "{id}: {nothing} not covered ({value})",
        "{what} was not seen on any asset",
    }
)
"""Reasons of the judge: `reports.given` says them, with stages and kinds of evidence by their names."""
RANKED = frozenset(
    {
        "Remote Desktop in the browser",
        "`{word}` in its name",
        "a name of {tail}",
        "a private address",
        "the log-on page of GlobalProtect",
        "the log-on page of a Cisco VPN",
        "the log-on page of a FortiGate VPN",
        "the log-on page of a gateway",
        "the log-on page of an Ivanti (Pulse) VPN",
        "{what} logged on with special privileges {times}{when}",
    }
)
"""Reasons of a ranking: `reports.ranking_reasons` says them."""
NAMES = frozenset(
    {
        " (and {wrong} more)",
        " (it was made by version {made}, this is {version})",
        "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL level, PARQUET_VERSION v2, ROW_GROUP_SIZE rows",
        "cannot run nachsorge ({theirs})",
        "certificate.serial certificate.subject certificate_serial certificate_subject",
        "event log",
        "from nachsorge.evidence.windows.ese_child import serve; serve()",
        "from nachsorge.sweep.outside import serve; serve()",
        "its extents",
        "its listing",
        "lease of {address}",
        "mailfrom rcptto helo",
        "microsoft-windows-windows defender",
        "not known which",
        'pip install "nachsorge[cluster]" {driver}',
        "pip install 'nachsorge[index]'",
        "program files",
        "red hat",
        "registry hive",
        "seen.indicator seen_indicator",
        "service control manager",
        "{field} later than {limit}",
        "{name} {name_too} instead of {what}",
        "{or} (an entry)",
    }
)
"""No notes: names, commands, what the code asks itself, and what only wrong use is told."""
PARTS = frozenset(
    {
        " and {rest} more",
        ", and {listed} more",
        ", which no reader here knows",
        ", {missing} records missing",
        ", {rest} of {listed} other kinds",
        "a binary trace; give what prints it: log show --archive X.logarchive --style ndjson > unified.ndjson",
        "a sparse file",
        "answered what was not asked",
        "behind the end mark",
        "cannot be reached from here",
        "cannot be reached within an archive",
        "died of signal {code}",
        "ended with {code}",
        "gave nothing for {silence} s and was ended",
        "hints outside the time of their stage",
        "is no statement of a go.mod",
        "is not beside it",
        "its write-ahead log {where}: newest changes may be missing",
        "judged against the index {where}: of an hour's records that are alike it has the first and the last{again}",
        "link type {link}",
        "needs {name}: pip install 'nachsorge[images]'",
        "no {decode} at {offset}",
        "reading 7z archives needs an extra: pip install 'nachsorge[archives]'",
        "reading RAR archives needs an extra: pip install 'nachsorge[archives]'",
        "reading disk images needs an extra: pip install 'nachsorge[images]'",
        "reading network captures takes an extra: pip install 'nachsorge[network]'",
        "records carry no time; they happened before the file's own{when}",
        "sightings outside {start} to {end}, which is all that counts,",
        "the damaged block at byte {place}",
        "the $MFT of the same volume {where}: paths are known as far as the journal tells",
        "the continuation of another volume",
        "the process that reads the image {why}",
        "was not beside it",
        "where a header should be",
        "wrote a line without an end",
        "wrote what is no answer",
        "{note}; `bun install --save-text-lockfile` writes a text one",
        "{address} is {fixed}'s by the inventory, and was leased to {owner}: the lease was followed",
        "{collector} did not bring {count} {files}: {listed}{more}",
        "{count} {why} passed over: {name}",
    }
)
"""Parts of a longer note, which has a phrase as a whole; and notes that are mostly a command."""


def said(one: Noted) -> bool:
    """Tell whether one way of telling it comes out in German, with hardly a word of the English left."""
    return any(_german(form.replace("{}", PLACE.sub("3", one.told)), one.text) for form in AROUND)


def _german(told: str, english: str) -> bool:
    german = notes.say(told, "de")
    words = re.findall(r"[a-z]{3,}", PLACE.sub("", english))
    kept = [word for word in words if re.search(rf"\b{word}\b", german)]
    return german != told and len(kept) * 2 < len(words)


def test_every_note_of_the_code_has_a_german_form():
    listed = JUDGED | RANKED | NAMES | PARTS
    lacking = [f"{one.place}: {one.told}" for one in noted() if one.text not in listed and not said(one)]
    assert lacking == [], "add a phrase to reports/notes_*.py, run tools/messages.py and translate it"


def test_what_is_said_elsewhere_is_still_written():
    texts = {one.text for one in noted()}
    assert sorted((JUDGED | RANKED | NAMES | PARTS) - texts) == []


def test_the_notes_are_found():
    notes_found = list(noted())
    assert len(notes_found) > 600
    assert {one.place.split("/")[0] for one in notes_found} == {
        "evidence",
        "sweep",
        "assets",
        "matching",
        "verdicts",
        "index",
    }


@pytest.mark.parametrize("text", ["the frobnicator has no {kind}", "a wheel came off in the middle"])
def test_a_new_note_without_a_phrase_is_seen(text):
    assert not said(Noted("evidence/new.py:1", text))
