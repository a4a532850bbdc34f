"""Reports into a pack: merging, traps, decisions, sources, what is kept from one import to the next."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.packs.importers.samples import MISP, STIX

from nachsorge.errors import PackError, UsageError
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role, Verification
from nachsorge.packs.decisions import Choice, Decision
from nachsorge.packs.intake import Reading
from nachsorge.packs.intake_run import Result, Wishes, run
from nachsorge.packs.lint import lint
from nachsorge.packs.load import load_pack
from nachsorge.packs.merge import Mention, conflicts, key, merge
from nachsorge.packs.new import new_pack
from nachsorge.packs.support import by_source, statements
from nachsorge.packs.traps import Trap, traps

if TYPE_CHECKING:
    from pathlib import Path


def said(value: str, source: str = "a", kind: T = T.DOMAIN, **more: object) -> Mention:
    return Mention(type=kind, value=value, source=source, place="line 1", **more)  # type: ignore[arg-type]


def flagged(*mentions: Mention, vendors: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(trap.value, trap.kind) for trap in traps(merge(mentions), vendors, words, None)]


def nobody(_: Trap) -> Decision | None:
    return None


def files(folder: Path, **contents: str | bytes) -> list[Path]:
    paths = []
    for name, content in contents.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths


def imported(tmp_path: Path, *paths: Path, wishes: Wishes | None = None, decide: object = nobody) -> Result:
    return run(paths, tmp_path / "made-2026", Reading(), wishes or Wishes(), decide)  # type: ignore[arg-type]


def rows(tmp_path: Path) -> dict[str, dict[str, str]]:
    with (tmp_path / "made-2026" / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        return {row["value"]: row for row in csv.DictReader(stream)}


def test_www_twins_and_letter_case_are_one_value_with_both_sources() -> None:
    [one] = merge([said("www.a.example", "x"), said("a.example", "y")])
    assert (one.value, one.sources, one.spellings) == ("a.example", ("y", "x"), ("www.a.example",))
    assert [each.value for each in merge([said("www.a.example")])] == ["www.a.example"]
    assert len(merge([said("A.EXE", kind=T.FILE_NAME), said("a.exe", kind=T.FILE_NAME)])) == 1
    assert len(merge([said("HTTP://A.example:80/x", kind=T.URL), said("http://a.example/x", kind=T.URL)])) == 1
    assert len(merge([said("http://a.example/X", kind=T.URL), said("http://a.example/x", kind=T.URL)])) == 2


_MENTIONS = st.lists(
    st.tuples(st.sampled_from(["a.example", "www.a.example", "b.example", "www.b.example"]), st.sampled_from("xyz"))
)


@given(_MENTIONS)
def test_merging_loses_no_mention_and_does_not_hang_on_the_order_of_sources(pairs: list[tuple[str, str]]) -> None:
    merged = merge([said(value, source) for value, source in pairs])
    assert sum(len(each.mentions) for each in merged) == len(pairs)
    backwards = merge([said(value, source) for value, source in reversed(pairs)])
    assert {(e.value, frozenset(e.sources)) for e in merged} == {(e.value, frozenset(e.sources)) for e in backwards}
    assert len({key(each.type, each.value) for each in merged}) == len(merged)


def test_sources_that_disagree_are_a_conflict() -> None:
    values = merge([said("a.example", "x"), said("a.example", "y", role=Role.KNOWN_GOOD), said("b.example", "x")])
    [conflict] = conflicts(values)
    assert conflict.positions == (("malicious", ("x",)), ("known-good", ("y",)))


@pytest.mark.parametrize(
    ("mention", "kind"),
    [
        (said("10.0.0.1", kind=T.IP), "private"),
        (said("192.168.0.0/16", kind=T.CIDR), "private"),
        (said("8.8.8.8", kind=T.IP), "resolver"),
        (said("raw.githubusercontent.com"), "shared"),
        (said("https://raw.githubusercontent.com/a/b", kind=T.URL), "shared"),
        (said("d41d8cd98f00b204e9800998ecf8427e", kind=T.MD5), "common-file"),
        (said("ffmpeg.dll", kind=T.FILE_NAME), "popular-name"),
        (said("http://127.0.0.1/x", kind=T.URL), "private"),
    ],
)
def test_known_values_are_flagged(mention: Mention, kind: str) -> None:
    assert flagged(mention) == [(mention.value, kind)]


@pytest.mark.parametrize(
    "mention", [said("c2.example"), said("93.184.216.34", kind=T.IP), said("made.dll", kind=T.FILE_NAME)]
)
def test_others_are_not(mention: Mention) -> None:
    assert flagged(mention) == []


def test_the_vendor_is_known_by_word_or_by_the_names_of_the_product() -> None:
    assert flagged(said("www.vendor.example"), vendors=("vendor.example",)) == [("www.vendor.example", "vendor")]
    assert flagged(said("www.3cx.example"), words=("3CX Desktop App", "3cx-2023")) == [("www.3cx.example", "vendor")]
    assert flagged(said("notvendor.example"), vendors=("vendor.example",)) == []


def test_values_with_letters_missing_are_flagged_and_parents_are_not() -> None:
    assert flagged(said("zacharry.example"), said("acharry.example")) == [("acharry.example", "extraction")]
    assert flagged(said("zacharry.example"), said("zachrry.example")) == [("zachrry.example", "extraction")]
    assert flagged(said("ab.acharry.example"), said("acharry.example")) == []
    mail = said("philip.je@mail.example", kind=T.EMAIL)
    assert flagged(mail, said("philip.je"), said("mail.example")) == [
        ("philip.je", "extraction"),
        ("mail.example", "extraction"),
    ]


def test_a_new_pack_passes_lint_and_names_who_says_what(tmp_path: Path) -> None:
    result = imported(tmp_path, *files(tmp_path, bundle__json=STIX, event__json=MISP))
    folder = tmp_path / "made-2026"
    assert lint(folder) == []
    pack = load_pack(folder)
    assert {source.id for source in pack.sources} == {"bundle", "event"}
    assert rows(tmp_path)["c2.example"]["sources"] == "event"
    assert {(each.says, each.by) for each in pack.attributions} == {("SPARROW", "bundle"), ("SPARROW", "event")}
    assert pack.aliases == ("Operation Sample (bundle)",)
    cdn = next(each for each in pack.indicators if each.value == "cdn.example")
    assert not cdn.drives
    assert cdn.verification is Verification.UNVERIFIED
    assert all(stage.never for stage in pack.stages)
    assert str(sum(lost for *_, lost in result.intake.counts)) in pack.stages[0].never
    support = by_source(pack)
    assert (support["event"].confirms, support["bundle"].confirms) == (3, 0)
    assert {(each.about, each.says) for each in statements(pack)} == {
        ("alias", "Operation Sample"),
        ("actor", "SPARROW"),
    }


def test_a_second_import_corroborates_and_changes_nothing_else(tmp_path: Path) -> None:
    one, two = files(tmp_path, first__txt="a.example\nb.example\n", second__txt="B[.]example\nc.example\n")
    imported(tmp_path, one)
    imported(tmp_path, two, wishes=Wishes(window=("2026-01-01", "2026-02-01"), related=("other-2025",)))
    before = {path.name: path.read_bytes() for path in (tmp_path / "made-2026").iterdir()}
    found = rows(tmp_path)
    assert {value: (row["first_source"], row["sources"]) for value, row in found.items()} == {
        "a.example": ("first", ""),
        "b.example": ("first", "second"),
        "c.example": ("second", ""),
    }
    again = run([two], tmp_path / "made-2026", Reading(names={str(two): "second"}), Wishes(), nobody)
    assert again.new == []
    assert {path.name: path.read_bytes() for path in (tmp_path / "made-2026").iterdir()} == before


def drop(trap: Trap) -> Decision | None:
    return Decision(type=trap.type, value=trap.value, choice=Choice.DROP, trap=trap.kind, because="seen twice")


def test_traps_annotate_until_somebody_decides_and_the_decision_is_kept(tmp_path: Path) -> None:
    [path] = files(tmp_path, list__txt="zacharry.example\nacharry.example\n8.8.8.8\n")
    imported(tmp_path, path)
    assert rows(tmp_path)["acharry.example"]["role"] == "malicious"
    assert rows(tmp_path)["acharry.example"]["note"].startswith("look again: zacharry.example without")
    imported(tmp_path, path, decide=drop)
    found = rows(tmp_path)
    assert (found["acharry.example"]["role"], found["8.8.8.8"]["role"]) == ("withdrawn", "known-good")
    assert found["acharry.example"]["note"] == "decided (drop): seen twice"
    asked: list[Trap] = []
    later = imported(tmp_path, path, decide=asked.append)
    assert (asked, later.undecided) == ([], [])
    assert lint(tmp_path / "made-2026") == []


def test_a_pack_that_people_wrote_only_gains_sources(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    before = (folder / "pack.yaml").read_text(encoding="utf-8")
    [path] = files(tmp_path, more__txt="c2.example\nd.example\n")
    imported(tmp_path, path)
    after = (folder / "pack.yaml").read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added == ["  - id: more", '    publisher: "more"', '    title: "more.txt"']
    assert [line for line in after.splitlines() if line in before.splitlines()] == before.splitlines()
    found = rows(tmp_path)
    assert (found["c2.example"]["sources"], found["c2.example"]["valid_until"]) == ("more", "2026-01-31")
    assert found["d.example"]["trace"] == "c2-name"


def test_a_value_without_a_trace_in_a_pack_that_people_wrote_is_a_problem_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    folder = new_pack(tmp_path / "made-2026", "made-2026")
    before = (folder / "indicators.csv").read_bytes()
    [path] = files(tmp_path, more__txt="ab" * 32 + "\n")
    with pytest.raises(PackError, match="no trace of this pack"):
        imported(tmp_path, path)
    assert (folder / "indicators.csv").read_bytes() == before
    assert not (folder / "imports.csv").exists()


def test_a_folder_of_rules_becomes_rules_of_the_pack(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "made.yar").write_text('rule made { strings: $a = "made marker" condition: $a }', encoding="utf-8")
    imported(tmp_path, rules)
    pack = load_pack(tmp_path / "made-2026")
    assert [rule.id for rule in pack.rules] == ["made"]
    assert lint(tmp_path / "made-2026") == []


def test_a_broken_file_is_refused_with_its_place_or_taken_in_part_and_marked(tmp_path: Path) -> None:
    [path] = files(tmp_path, cut__json=STIX[: STIX.index(b"FOLLOWEDBY")])
    with pytest.raises(PackError) as caught:
        imported(tmp_path, path)
    assert caught.value.problems[0].line > 1
    assert "3 values stand before it" in caught.value.problems[0].message
    result = run([path], tmp_path / "made-2026", Reading(partial=True), Wishes(), nobody)
    assert len(result.values) == 3
    assert "PARTIAL" in result.intake.not_understood[0]
    assert "1 entries" in load_pack(tmp_path / "made-2026").stages[0].never


def test_wrong_words_are_told(tmp_path: Path) -> None:
    [path] = files(tmp_path, a__csv="x\na.example\n")
    with pytest.raises(UsageError, match="no kind of column"):
        run([path], tmp_path / "made-2026", Reading(columns={"x": "colour"}), Wishes(), nobody)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "other.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds no pack\.yaml"):
        run([path], tmp_path / "full", Reading(), Wishes(), nobody)


def test_a_trace_goes_with_the_last_value_that_tests_it(tmp_path: Path) -> None:
    text = "# x\nIt asks c2[.]example and 8[.]8[.]8[.]8 now.\n"
    [path] = files(tmp_path, report__md=text)
    imported(tmp_path, path)
    imported(tmp_path, path, decide=drop)
    assert lint(tmp_path / "made-2026") == []
    assert "ip-strong" not in (tmp_path / "made-2026" / "pack.yaml").read_text(encoding="utf-8")


def test_a_value_may_be_made_a_hint_later(tmp_path: Path) -> None:
    [path] = files(tmp_path, list__txt="8.8.8.8\na.example\n")
    imported(tmp_path, path)
    assert rows(tmp_path)["8.8.8.8"]["trace"] == "ip-strong"
    imported(tmp_path, path, decide=lambda trap: Decision(type=trap.type, value=trap.value, choice=Choice.HINT))
    assert rows(tmp_path)["8.8.8.8"]["trace"] == "ip-hint"
    assert lint(tmp_path / "made-2026") == []


@pytest.mark.parametrize("table", ["", "type,value,trace,role,tlp,note\n"], ids=["new", "of before"])
def test_what_restricts_a_row_is_kept(tmp_path: Path, table: str) -> None:
    [event] = files(
        tmp_path,
        event__json='{"Event":{"info":"x","Attribute":[{"type":"domain","value":"a.example","to_ids":true,'
        '"Tag":[{"name":"PAP:RED"}]},{"type":"domain","value":"b.example","to_ids":true}]}}',
    )
    if table:
        imported(tmp_path, event)
        (tmp_path / "made-2026" / "indicators.csv").write_text(table)
    imported(tmp_path, event)
    assert {value: row["pap"] for value, row in rows(tmp_path).items()} == {"a.example": "RED", "b.example": ""}
    loaded = {each.value: each.pap for each in load_pack(tmp_path / "made-2026").indicators}
    assert loaded == {"a.example": "RED", "b.example": "GREEN"}
