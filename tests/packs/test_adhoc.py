"""An indicator file in a pack's place: its stages, needs and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nachsorge.errors import PackError
from nachsorge.model.times import Span, parse_instant
from nachsorge.model.words import IndicatorType, Rung, Telemetry, Tlp
from nachsorge.packs.adhoc import load_indicator_file, with_window

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Pack

SAMPLES = {
    "domain": "c2.example",
    "ip": "192.0.2.1",
    "cidr": "192.0.2.0/24",
    "url": "https://c2.example/x",
    "url_pattern": "c2.example/x*",
    "sha256": "a" * 64,
    "sha1": "a" * 40,
    "md5": "a" * 32,
    "path": r"C:\x\evil",
    "file_name": "evil.exe",
    "registry": r"HKLM\Software\X",
    "package": "pkg:npm/chalk@5.6.1",
    "user_agent": "Mozilla/5.0 evil",
    "email": "evil@c2.example",
    "certificate": "0123456789ab",
    "named_object": "EvilEvent",
    "string": "evil text",
}
NEEDS = {
    "domain": "dns_query | proxy | tls",
    "ip": "network_connection | proxy",
    "cidr": "network_connection | proxy",
    "url": "proxy",
    "url_pattern": "proxy",
    "sha256": "filesystem",
    "sha1": "filesystem",
    "md5": "filesystem",
    "path": "filesystem | process_creation+file_event",
    "file_name": "filesystem | process_creation+file_event",
    "registry": "registry_set",
    "package": "package_lock",
    "user_agent": "proxy",
    "email": "email",
    "certificate": "tls",
    "named_object": "process_creation",
}

UNSEEN = {"url", "url_pattern", "user_agent", "certificate", "named_object"}
"""Types that the telemetry they need may not show: a proxy log of CONNECT requests holds no path."""


def load(tmp_path: Path, text: str) -> Pack:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return load_indicator_file(path)


def said(pack: Pack, stage: int = 0) -> list[str]:
    needs = pack.stages[stage].needs
    return [" | ".join("+".join(option.telemetry) for option in need.any_of) for need in needs]


def test_there_is_a_sample_of_every_type() -> None:
    assert set(SAMPLES) == {each.value for each in IndicatorType}


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_the_needs_follow_from_the_types(tmp_path: Path, kind: str) -> None:
    pack = load(tmp_path, f"type,value\n{kind},{SAMPLES[kind]}\n")
    [stage] = pack.stages
    assert (pack.ad_hoc, stage.id, stage.strong_enough, stage.windows) == (True, "seen", 1, ())
    if kind == "string":
        assert stage.never
        assert not stage.needs
    else:
        assert said(pack) == [NEEDS[kind]]
        assert bool(stage.never) == (kind in UNSEEN)
        assert all(need.settle and need.settle_de for need in stage.needs)


def test_every_type_that_is_present_is_a_need_of_its_own(tmp_path: Path) -> None:
    pack = load(tmp_path, "type,value\ndomain,c2.example\nmd5," + "a" * 32 + "\nsha1," + "b" * 40 + "\n")
    assert said(pack) == [NEEDS["domain"], NEEDS["md5"]]


def test_stage_words_of_the_ladder_mean_their_rung(tmp_path: Path) -> None:
    text = "type,value,stage,weight\ndomain,a.example,contacted,\ndomain,b.example,lure,hint\nmd5,{},EXPOSED,proof\n"
    pack = load(tmp_path, text.format("a" * 32) + "domain,c.example,,\n")
    assert [(stage.id, stage.rung) for stage in pack.stages] == [
        ("lure", Rung.EXPOSED),
        ("EXPOSED", Rung.EXPOSED),
        ("seen", Rung.EXPOSED),
        ("contacted", Rung.CONTACTED),
    ]
    assert {trace.id: (trace.stage, trace.weight.value) for trace in pack.traces} == {
        "contacted-strong": ("contacted", "strong"),
        "lure-hint": ("lure", "hint"),
        "EXPOSED-proof": ("EXPOSED", "proof"),
        "seen-strong": ("seen", "strong"),
    }
    assert all(indicator.trace in pack.traces_by_id for indicator in pack.indicators)


def test_labels_default_to_the_careful_one_and_the_strictest_row_labels_the_whole(tmp_path: Path) -> None:
    assert load(tmp_path, "type,value\ndomain,a.example\n").tlp is Tlp.AMBER_STRICT
    assert load(tmp_path, "type,value,tlp\ndomain,a.example,CLEAR\n").tlp is Tlp.CLEAR
    assert load(tmp_path, "type,value,tlp\ndomain,a.example,CLEAR\ndomain,b.example,RED\n").tlp is Tlp.RED


def test_rows_that_never_match_rule_nothing_out(tmp_path: Path) -> None:
    text = "type,value,stage,role\ndomain,a.example,contacted,malicious\ndomain,b.example,executed,known-good\n"
    pack = load(tmp_path, text)
    assert [stage.never for stage in pack.stages] == ["none of its indicators is looked for", ""]


def test_memory_only_rows_keep_a_stage_open(tmp_path: Path) -> None:
    pack = load(tmp_path, f"type,value,memory_only\nmd5,{'a' * 32},true\ndomain,c2.example,\n")
    assert pack.stages[0].never
    assert said(pack) == [NEEDS["domain"]]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("type,value\ndomain,a.example\nja3,0123\nsha256,zz\n", 2),
        ("type,value\ndomain,a.example\ndomain,b.example,c.example\n", 1),
        ("a.example\nwhat is this\n", 1),
        ("type,value\ndomain,a.example\ndomain,a.example\n", 0),
        ("type,value,colour\ndomain,a.example,red\n", 0),
    ],
)
def test_rows_that_were_not_understood_were_not_looked_for_and_keep_every_stage_open(
    tmp_path: Path, text: str, lost: int
) -> None:
    (stage,) = load(tmp_path, text).stages
    assert stage.never.startswith(f"{lost} rows") if lost else not stage.never


def test_a_repeated_row_counts_once_and_is_told(tmp_path: Path) -> None:
    pack = load(tmp_path, "type,value\ndomain,a.example\ndomain,A.EXAMPLE\n")
    assert len(pack.indicators) == 1
    assert pack.not_understood == ("line 3: repeats line 2",)


@pytest.mark.parametrize(
    "text",
    ["", "type,value\n", "type,value\nfoo,bar\n", "type,value,role\ndomain,a.example,known-good\n", "{}", "no words\n"],
)
def test_a_file_without_any_usable_row_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackError) as caught:
        load(tmp_path, text)
    assert all(problem.path.endswith("list.csv") for problem in caught.value.problems)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        load_indicator_file(tmp_path / "none.csv")


def test_a_window_is_filled_into_every_stage_and_dates_what_counts_as_seen(tmp_path: Path) -> None:
    pack = load(tmp_path, f"type,value,stage\ndomain,a.example,contacted\nmd5,{'a' * 32},exposed\n")
    span = Span(parse_instant("2023-03-01"), parse_instant("2023-04-01"))
    dated = with_window(pack, span)
    assert [stage.windows[0].absolute for stage in dated.stages] == [span, span]
    options = [option for stage in dated.stages for need in stage.needs for option in need.any_of]
    assert {option.snapshot_after for option in options} == {span.start}
    assert any(option.telemetry == (Telemetry.FILESYSTEM,) for option in options)
    assert dated.digest == pack.digest
