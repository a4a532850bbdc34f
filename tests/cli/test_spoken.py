"""What the verbs of a case say to people is in their language: the demo's story, told in made-up letters.

See tests/reports/pseudo.py. What people write in it are numbers, so that every word that is left would be ours.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.reports.pseudo import data_of, left_over, marked_pack, pseudo, seen_of
from tests.test_demo import ORGANISATION
from typer.testing import CliRunner

from nachsorge.cases.document import assessment_of
from nachsorge.cli import app, cache, check
from nachsorge.locale import speaking

if TYPE_CHECKING:
    from pathlib import Path

STORY = """
case new 1 --title 1
case add 1 evidence --pack 3cx-2023 --inventory inventory.csv --inventory functions.csv
    --asset gm-ws-12=evidence/hosts/gm-ws-12/triage.zip
rank 1
next 1
next 1 --retention dns_query=10d --retention process_creation=9999d
case close 1
case add 1 later --pack 3cx-2023 --asset gm-pbx-01=later/gm-pbx-01/access.log.gz
    --asset gm-ws-07=later/gm-ws-07/triage.zip
rank 1
next 1
next 1/reports/assessment.json
case diff 1
case effort 1 190 --reason 2
case remediated 1 gm-ws-07 --at 2023-04-12 --measure rebuilt --measure credentials-changed --measure keys-rotated
    --measure sessions-revoked --reason 3
case waive 1 we-ws-03 loaded --reason 4
case waive 1 evidence/gmunden/proxy/access.log-20221201.gz source --reason 5
case false-positive 1 s1 --reason 6
case owner 1 7
case notified 1 --reason 8
case notified 1 --declined --reason 9
case close 1
case show 1
case show 1 -v
case timeline 1
case log 1
case verify 1
"""
NAMED = {
    *("nachsorge", "UTC", "TLP", "PAP", "AMBER", "STRICT", "GREEN", "gzip", "KAPE", "UAC", "Velociraptor", "Defender"),
    *("Zeek", "Suricata", "EDR", "SHA", "OUT", "HOST", "journalctl", "osquery", "osqueryi", "JSON", "CSV"),
    *("3CX Desktop App", "due", "anna", "retention", "bin", "sbin", "msi", "evidence", "later"),
    *("chrome", "gmunden", "management", "accounting", "build", "service", "high", "wels"),
    *("`bitpanda`", "`ebanking`", "`vpn`", "`vcenter`", "`git`", "lines", "system"),
    *("NACHSORGE_3CX_appended_code", "NACHSORGE_3CX_icon_text"),
}
"""Tools, labels, options, and words of the inventory and of the demo's evidence."""
COMMANDS = re.compile(
    r"^\s+- .*(?:\.exe|velociraptor|osqueryi|\./uac|journalctl|Device\w+|union ).*$|--retention \S+", re.MULTILINE
)
"""Commands that get evidence: they are typed as they stand."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each command printed, with the data of the case as it then was; and the reports that it wrote."""
    place = tmp_path_factory.mktemp("organisation")
    for name in ("evidence", "later"):
        shutil.copytree(ORGANISATION / name, place / name)
    for name in ("inventory.csv", "functions.csv"):
        shutil.copy(ORGANISATION / name, place / name)
    out, load = [], cache.load
    with pytest.MonkeyPatch.context() as patch, pseudo(), speaking("de"):
        patch.chdir(place)
        patch.setenv("LOGNAME", "anna")
        patch.setenv("COLUMNS", "20000")
        patch.setattr(check, "load", lambda word: marked_pack(load(word)))
        for line in STORY.replace("\n    ", " ").strip().splitlines():
            found = CliRunner().invoke(app, ["--lang", "de", *shlex.split(line)])
            assert found.exception is None or isinstance(found.exception, SystemExit), (line, found.exception)
            out.append((line, found.output, data(place)))
        pages = {name: (place / "1" / "reports" / f"{name}.html").read_text("utf-8") for name in ("report", "summary")}
        out += [(name, seen_of(page), data(place)) for name, page in pages.items()]
    return out


def data(place: Path) -> set[str]:
    document = place / "1" / "reports" / "assessment.json"
    if not document.exists():
        return set()
    found = assessment_of(document.read_bytes(), os.fspath(document))
    ids = {name for pack in found.packs for name, _title, _german in pack.stages}
    ids |= {one.id for one in found.claims}
    ids |= {one.id for pack in found.packs for one in cache.load(pack.id).requirements}
    return data_of(found) | ids


def test_no_verb_of_a_case_says_anything_in_english(told):
    left = {}
    for line, text, known in told:
        if found := left_over(COMMANDS.sub("", text), known, NAMED):
            left[line] = found
    assert left == {}, "\n".join(f"{line}: {text}" for line, texts in left.items() for text in texts)


def test_the_story_says_a_lot(told):
    text = {line: said for line, said, _known in told}
    assert all(said.strip() for said in text.values())
    assert len(text["case log 1"].splitlines()) > 50
    assert text["case close 1"].count("\n") > 10
