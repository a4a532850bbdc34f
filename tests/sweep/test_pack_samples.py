"""A pack's own test: passes where all is as the author says, and notices every single thing that is taken away."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.exports.packs.kit import VALUES as EVERY
from tests.exports.packs.kit import row

from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack
from nachsorge.sweep import Options
from nachsorge.sweep.pack_plants import planted
from nachsorge.sweep.pack_samples import EXPECTED, VALUES, Trial, book_of, run_pack_test

if TYPE_CHECKING:
    from pathlib import Path

SIGMA = """title: A shell below the product
id: 2b3d0f3e-6a1f-4a55-9a0c-1c8d25b1a001
status: test
author: somebody
license: EUPL-1.2
logsource: {category: dns}
detection:
  selection: {query|endswith: .below.example}
  condition: selection
nachsorge: {trace: c2-name}
"""
EXPECTATION = """hit:
  pc-1: {suspected: [beacon]}
clean:
  pc-2: {}
"""
INDICATORS = """type,value,trace,role,platform,first_source,verification
domain,c2.example,c2-name,malicious,,first-report,verbatim-publisher
ip,192.0.2.5,c2-name,malicious,,first-report,verbatim-publisher
path,C:\\Users\\<user>\\evil*.dll,c2-name,malicious,windows,first-report,verbatim-publisher
package,pkg:npm/evil@1.2.3,c2-name,malicious,,first-report,verbatim-publisher
domain,gone.example,c2-name,withdrawn,,first-report,verbatim-publisher
"""


def made(tmp_path: Path) -> Path:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    for part in ("hit", "clean"):
        (folder / "samples" / part / "software.csv").unlink()
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    (folder / EXPECTED).write_text(EXPECTATION, encoding="utf-8")
    (folder / "CHANGELOG.md").write_text("# Changes\n\n## 0.1.0\n\nFirst.\n", encoding="utf-8")
    (folder / VALUES).write_text(book_of(load_pack(folder)), encoding="utf-8")
    return folder


def trial(folder: Path) -> Trial:
    return run_pack_test(folder, Options(jobs=1))


def said(folder: Path) -> list[str]:
    return [problem.message for problem in trial(folder).problems]


def test_a_new_pack_passes_its_own_test(tmp_path: Path) -> None:
    found = trial(new_pack(tmp_path / "new-2026", "new-2026"))
    assert [str(each) for each in found.problems] == []
    assert (found.assets, found.values) == (2, 1)


def test_the_inventory_of_the_samples_says_whose_platform_it_is(tmp_path: Path) -> None:
    folder = made(tmp_path)
    place = folder / "samples" / "inventory-hit.csv"
    place.write_text("asset,platform\npc-1,linux\npc-2,linux\n", encoding="utf-8")
    # No stage of the skeleton is for one platform, but every declared asset has a row.
    assert said(folder) == ["hit: pc-2 is not mentioned"]
    place.write_text("asset,platform\npc-1,amiga\n", encoding="utf-8")
    assert any("unknown platform 'amiga'" in each for each in said(folder))


def test_a_pack_that_keeps_its_word_has_no_problem(tmp_path: Path) -> None:
    folder = made(tmp_path)
    found = trial(folder)
    expected = [each.message for each in found.problems]
    assert expected == []
    assert (found.values, found.rules) == (4, 0)


@pytest.mark.parametrize("line", [1, 2, 3, 4])
def test_every_row_that_is_taken_away_is_noticed(tmp_path: Path, line: int) -> None:
    folder = made(tmp_path)
    lines = INDICATORS.splitlines(keepends=True)
    value = lines[line].split(",")[1]
    (folder / "indicators.csv").write_text("".join(lines[:line] + lines[line + 1 :]), encoding="utf-8")
    assert any(f"{value} on the trace c2-name" in each and "any more" in each for each in said(folder))


def test_a_row_of_a_value_that_stands_on_another_trace_too_is_noticed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    twin = "      - {id: twin, weight: hint}\n"
    text = (folder / "pack.yaml").read_text(encoding="utf-8")
    (folder / "pack.yaml").write_text(text + twin, encoding="utf-8")
    rows = INDICATORS + "ip,192.0.2.5,twin,malicious,windows,first-report,verbatim-publisher\n"
    (folder / "indicators.csv").write_text(rows, encoding="utf-8")
    (folder / VALUES).write_text(book_of(load_pack(folder)), encoding="utf-8")
    assert said(folder) == []
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    assert said(folder) == ["the pack does not look for ip 192.0.2.5 on the trace twin (windows) any more"]


def test_a_row_that_no_sample_holds_is_noticed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with (folder / "indicators.csv").open("a", encoding="utf-8") as stream:
        stream.write("md5,d41d8cd98f00b204e9800998ecf8427e,c2-name,malicious,,first-report,verbatim-publisher\n")
    assert said(folder) == ["no sample holds md5 d41d8cd98f00b204e9800998ecf8427e on the trace c2-name"]
    (folder / VALUES).unlink()
    assert any("and 1 more" in each for each in said(folder))


def test_a_silent_rule_is_noticed_and_a_loud_one_too(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "rules" / "sigma" / "below.yml").write_text(SIGMA, encoding="utf-8")
    assert any("fires on nothing" in each for each in said(folder))
    noise = (
        '{"ts":1767340800.5,"uid":"C1","id.orig_h":"192.0.2.1","id.orig_p":5353,"id.resp_h":"192.0.2.53","id.resp_p":53,'
        '"proto":"udp","trans_id":1,"query":"x.below.example","qtype_name":"A","rcode_name":"NOERROR"}\n'
    )
    (folder / "samples" / "clean" / "dns.log").write_text(noise, encoding="utf-8")
    assert any(each.startswith("sigma 2b3d0f3e") and "fires on line 1" in each for each in said(folder))


def test_a_hit_in_the_clean_samples_is_noticed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    shutil.copy(folder / "samples" / "hit" / "dns.csv", folder / "samples" / "clean" / "dns.csv")
    found = said(folder)
    assert any(each.startswith("domain c2.example fires on") for each in found)
    assert any("clean: no such asset: pc-2" in each for each in found)
    assert any("clean: pc-1 is suspected beacon, expected open" in each for each in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXPECTATION.replace("suspected", "shown"), "hit: pc-1 is suspected beacon, expected shown beacon"),
        (EXPECTATION.replace("pc-1", "pc-2"), "hit: no such asset: pc-2"),
        ("hit: {pc-1: {suspected: [beacon]}}\n", "says nothing about clean"),
        ("hit: [", "not YAML"),
        ("- a\n", "not a mapping"),
    ],
)
def test_what_is_expected_is_held_against_what_is_found(tmp_path: Path, text: str, message: str) -> None:
    folder = made(tmp_path)
    (folder / EXPECTED).write_text(text, encoding="utf-8")
    assert any(each.startswith(message) for each in said(folder))


@pytest.mark.parametrize(
    ("path", "message"), [("samples/hit", "there are no samples"), ("samples/clean", "no samples")]
)
def test_missing_samples_are_no_success(tmp_path: Path, path: str, message: str) -> None:
    folder = made(tmp_path)
    shutil.rmtree(folder / path)
    assert any(message in each for each in said(folder))


def test_a_version_that_the_changelog_does_not_tell_of_is_noticed(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "CHANGELOG.md").write_text("## 0.1.01\n", encoding="utf-8")
    assert said(folder) == ["does not tell of version 0.1.0"]
    (folder / "CHANGELOG.md").unlink()
    assert said(folder) == ["does not tell of version 0.1.0"]


def test_a_value_that_nothing_can_meet_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path)
    monkeypatch.setattr(
        "nachsorge.sweep.pack_samples.planted", lambda rows: {"x.json": b'{"query": "nothing.example"}\n'}
    )
    assert any(each == "nothing meets ip 192.0.2.5" for each in said(folder))


def test_every_type_can_be_planted() -> None:
    rows = [row(kind, value) for kind, values in EVERY.items() for value in values]
    text = b"".join(planted(rows).values()).decode()
    assert len(planted(rows)["planted.json"].splitlines()) == len(
        {each.value for each in rows if each.type != "package"}
    )
    assert all(each.value in text for each in rows if each.type in ("domain", "ip", "sha256", "email", "package"))
