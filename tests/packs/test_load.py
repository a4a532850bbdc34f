"""Every kind of problem of a pack's folder is told with its file, line and remedy, and all of them at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nachsorge.errors import PackError, Problem
from nachsorge.model.times import parse_end, parse_instant
from nachsorge.model.words import Platform, Rung, Telemetry, Tlp, Weight
from nachsorge.packs.load import load_pack
from nachsorge.packs.new import new_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_pack(tmp_path / "made-2026", "made-2026")


def edit(folder: Path, old: str, new: str, name: str = "pack.yaml") -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(folder: Path, snippet: str, name: str = "pack.yaml") -> int:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if snippet in line)


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value.problems


def only(folder: Path) -> Problem:
    found = problems(folder)
    assert len(found) == 1, [str(each) for each in found]
    return found[0]


def test_a_valid_pack_has_its_values_in_the_words_of_the_model(folder: Path) -> None:
    pack = load_pack(folder)
    assert (pack.id, pack.version, pack.tlp, pack.ad_hoc) == ("made-2026", "0.1.0", Tlp.AMBER_STRICT, False)
    assert (pack.title, pack.title_de) == ("Name of the incident", "Name des Vorfalls")
    assert [(stage.id, stage.rung) for stage in pack.stages] == [
        ("installed", Rung.EXPOSED),
        ("beacon", Rung.CONTACTED),
    ]
    assert pack.traces_by_id["c2-name"].stage == "beacon"
    assert pack.traces_by_id["c2-name"].weight is Weight.STRONG
    window = pack.stages[0].windows[0].absolute
    assert window is not None
    assert (window.start, window.end) == (parse_instant("2026-01-01"), parse_end("2026-01-31"))
    assert pack.stages[1].needs[0].any_of[1].telemetry == (Telemetry.PROXY,)
    assert pack.stages[1].needs[0].settle_de.startswith("DNS- oder Proxy")
    assert pack.exposures[0].platform is Platform.WINDOWS
    [indicator] = pack.indicators
    assert (indicator.value, indicator.tlp, indicator.drives) == ("c2.example", Tlp.AMBER_STRICT, True)


def test_a_version_keeps_its_spelling(folder: Path) -> None:
    edit(folder, "affected: [1.2.3]", "affected: [18.10]")
    assert load_pack(folder).exposures[0].affected == ("18.10",)


YAML_PROBLEMS = [
    ("weight: strong", "wieght: strong", "wieght", "unknown key 'wieght' in trace", "did you mean 'weight'?"),
    ("weight: strong", "weight: sure", "weight: sure", "unknown word 'sure'", "one of: proof, strong, hint"),
    ("rung: contacted", "rung: touched", "rung: touched", "unknown word 'touched'", "exposed, executed, contacted"),
    ("[dns_query]", "[dns]", "[dns]", "unknown word 'dns'", "dns_query"),
    ("platform: windows", "platform: amiga", "amiga", "unknown word 'amiga'", "windows, macos, linux"),
    ("tlp: AMBER+STRICT", "tlp: WHITE", "tlp: WHITE", "unknown word 'WHITE'", "CLEAR, GREEN"),
    ("requires: [installed]", "requires: [instaled]", "instaled", "no stage 'instaled'", "did you mean 'installed'?"),
    ("stage: installed", "stage: instaled", "stage: instaled", "no stage 'instaled'", "did you mean"),
    ("        sources: [first-report]", "        sources: [report]", "[report]", "no source 'report'", "first-report"),
    ("from: 2026-01-01", "from: January", "January", "not an ISO 8601 time", ""),
    ("from: 2026-01-01", "from: 2026-13-01", "2026-13", "month", ""),
    ("from: 2026-01-01", "from: 2027-01-01", "2027-01", "ends before it begins", "swap"),
    ("{from: 2026-01-01, to", "{to", "{to", "needs both its ends", "from and to"),
    ("to: 2026-01-31", "to: 2026-01-31, anchor: beacon", "anchor", "absolute or relative, not both", "keep"),
    (
        "{from: 2026-01-01, to: 2026-01-31}",
        "{anchor: beacon, after: 1d, until: 2d}",
        "anchor",
        "not an earlier",
        "order",
    ),
    ("{from: 2026-01-01, to: 2026-01-31}", "{anchor: x, after: soon, until: 2d}", "soon", "not a duration", ""),
    ("requires: [installed]", "requires: [beacon]", "requires", "'beacon' is not an earlier stage", "in order"),
    ("id: beacon", "id: Be acon", "Be acon", "not an id", "lower-case"),
    ("    affected: [1.2.3]\n", "", "id: product", "names affected versions or says any_version", "exactly one"),
    ("clean: [1.2.4]", "clean: [1.2.3]", "clean", "both affected and clean", "one list"),
    ("version: 0.1.0", "version:", "version:", "the value is empty", "leave the key out"),
    ("version: 0.1.0", "version: [1]", "version:", "a single value is expected", "not a list"),
    ("[Name of the product]", "Name", "names: Name", "a list is expected here", "- ..."),
    ("[Name of the product]", "[]", "names: []", "at least 1 entries", "leave the key out"),
    ("{en: Name of the incident, de", "{fr: Nom, de", "fr: Nom", "unknown language 'fr'", "en or de"),
    ("tlp: AMBER+STRICT", "tlp: RED\ntlp: RED", "tlp: RED", "key 'tlp' stands twice", "first in line"),
    ("licence: EUPL-1.2\n", "", "id: made-2026", "pack lacks the key 'licence'", "Licence of the pack"),
]


@pytest.mark.parametrize(("old", "new", "where", "message", "remedy"), YAML_PROBLEMS)
def test_a_problem_of_pack_yaml_names_line_and_remedy(
    folder: Path, old: str, new: str, where: str, message: str, remedy: str
) -> None:
    edit(folder, old, new)
    found = [each for each in problems(folder) if message in each.message]
    assert found, [str(each) for each in problems(folder)]
    assert found[0].path == str(folder / "pack.yaml")
    assert remedy in found[0].remedy
    lines = (folder / "pack.yaml").read_text(encoding="utf-8").splitlines()
    near = {number for number, line in enumerate(lines, 1) if where in line}
    assert found[0].line in near
    assert found[0].column >= 1


def test_the_column_points_at_the_key(folder: Path) -> None:
    edit(folder, "        weight: strong", "        wieght: strong")
    found = next(each for each in problems(folder) if "wieght" in each.message)
    assert (found.line, found.column) == (line_of(folder, "wieght"), 9)
    assert str(found).startswith(f"{folder / 'pack.yaml'}:{found.line}:9: unknown key")


def test_a_stage_without_needs_must_say_never(folder: Path) -> None:
    text = (folder / "pack.yaml").read_text(encoding="utf-8")
    start, end = text.rindex("    needs:"), text.rindex("    traces:")
    (folder / "pack.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    found = only(folder)
    assert "'beacon' does not say what must be looked at" in found.message
    assert "never" in found.remedy
    assert found.line == line_of(folder, "id: beacon")
    edit(folder, "    requires: [installed]", "    requires: [installed]\n    never: in memory only")
    assert load_pack(folder).stages[1].never == "in memory only"


def test_an_id_defined_twice_names_the_first_place(folder: Path) -> None:
    edit(folder, "  - id: first-report", "  - {id: first-report, publisher: a, title: b}\n  - id: first-report")
    found = only(folder)
    assert "source 'first-report' is defined twice" in found.message
    assert found.remedy == f"first in line {line_of(folder, 'publisher: a')}"


def test_aliases_are_refused_so_that_a_pack_cannot_be_a_bomb(folder: Path) -> None:
    edit(folder, "affected: [1.2.3]", "affected: &v [1.2.3]")
    edit(folder, "clean: [1.2.4]", "clean: *v")
    assert "aliases are not used" in only(folder).message


CLAIM = "\nclaims:\n  - {id: c, says: s, by: b"


WEIGHT = "weight: strong"
CARD = "digest_of: {attribute: mac, spelling: bytes}"
HINGE = "    rung: exposed"
NEW_KEYS = [
    (WEIGHT, f"{WEIGHT}\n        {CARD}", "compares an attribute of the asset"),
    (WEIGHT, f"{WEIGHT}\n        {CARD}\n        telemetry: [proxy]", "in no telemetry"),
    (WEIGHT, f"{WEIGHT}\n        {CARD}\n        polarity: refutes", "refutes nothing"),
    (WEIGHT, f"{WEIGHT}\n        digest_of: {{attribute: mac, spelling: rot13}}", "unknown word 'rot13'"),
    (WEIGHT, f"{WEIGHT}\n        within: {{from: 2026-02-01}}", "within lacks the key 'to'"),
    (WEIGHT, f"{WEIGHT}\n        within: {{from: 2026-02-01, to: 2026-01-01}}", "ends before it begins"),
    (WEIGHT, f"{WEIGHT}\n        {CARD}\n        within: {{from: 2026-01-01, to: 2026-01-02}}", "digest_of or within"),
    ("    requires:", "    through: [{column: x, stage: installed}]\n    requires:", "`through` or `requires`"),
    (HINGE, f"{HINGE}\n    through: [{{column: x, stage: beacon}}]", "hangs on a relation itself"),
    (HINGE, f"{HINGE}\n    through: [{{column: x, stage: instaled}}]", "no stage 'instaled'"),
]


@pytest.mark.parametrize(("old", "new", "message"), NEW_KEYS)
def test_what_the_newer_keys_want_is_told(folder: Path, old: str, new: str, message: str) -> None:
    edit(folder, old, new)
    said = [str(each) for each in problems(folder)]
    assert any(message in each for each in said), said


def test_a_trace_of_an_attribute_takes_hashes_only(folder: Path) -> None:
    edit(folder, "weight: strong", f"weight: strong\n        {CARD}")
    edit(folder, "    title: {en: contact", "    never: no list is complete\n    title: {en: contact")
    assert "a domain on a trace with digest_of" in str(only(folder))
    edit(folder, "domain,c2.example", f"md5,{'0' * 32}", "indicators.csv")
    trace = load_pack(folder).traces_by_id["c2-name"]
    assert trace.digest_of is not None
    assert (trace.digest_of.attribute, trace.digest_of.spelling, trace.within) == ("mac", "bytes", None)


def test_windows_and_relations_are_in_the_words_of_the_model(folder: Path) -> None:
    edit(folder, "weight: strong", "weight: strong\n        within: {from: 2026-01-01, to: 2026-01-02}")
    edit(folder, "    requires: [installed]", "    through: [{column: Managed_By, stage: installed}]")
    pack = load_pack(folder)
    within = pack.traces_by_id["c2-name"].within
    assert within is not None
    assert (within.start, within.end) == (parse_instant("2026-01-01"), parse_end("2026-01-02"))
    assert [(each.column, each.stage) for each in pack.stages_by_id["beacon"].through] == [("managed_by", "installed")]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (", test: no-sighting-after, stage: beacon}", "needs an anchor"),
        (", test: at-most-assets, needs: '3'}", "needs a stage"),
        ("}", "needs `needs`"),
        (", test: no-sighting-after, stage: beacon, anchor: av}", "no stage or trace or exposure 'av'"),
        (", test: maybe}", "unknown word 'maybe'"),
    ],
)
def test_a_claim_says_how_it_is_tested(folder: Path, rest: str, message: str) -> None:
    path = folder / "pack.yaml"
    path.write_text(path.read_text(encoding="utf-8") + CLAIM + rest + "\n", encoding="utf-8")
    found = [each for each in problems(folder) if message in each.message]
    assert [each.line for each in found] == [line_of(folder, "id: c,")]


@pytest.mark.parametrize(
    "content", [b"", b"- a\n- b\n", b"just words", b"a: [", b"a: b: c", b"\xff\xfe\x00", b"a: \x00"]
)
def test_what_is_no_pack_yaml_is_a_problem_with_a_line(folder: Path, content: bytes) -> None:
    (folder / "pack.yaml").write_bytes(content)
    assert all(each.line >= 1 and each.remedy for each in problems(folder) if "lacks" not in each.message)


def test_deep_nesting_is_told_and_not_a_crash(folder: Path) -> None:
    (folder / "pack.yaml").write_text("[" * 20_000, encoding="utf-8")
    assert "nested too deeply" in only(folder).message


def test_a_missing_folder_or_file_is_told(tmp_path: Path) -> None:
    found = only(tmp_path / "nowhere")
    assert found.path.endswith("pack.yaml")
    assert "cannot be read" in found.message


HEADER = "type,value,trace,first_source,role,verification,valid_from,valid_until,tlp,memory_only\n"

ROW_PROBLEMS = [
    ("domian,c2.example,c2-name", 1, "unknown type 'domian'", "did you mean 'domain'?"),
    ("sha256,abcd,c2-name", 2, "a sha256 has 64 digits, this one has 4", "64 digits"),
    ("sha256," + "a" * 32 + ",c2-name", 2, "this one has 32", "32 digits are a md5"),
    ("md5," + "z" * 32 + ",c2-name", 2, "hexadecimal", "0-9 a-f"),
    ("ip,300.1.1.1,c2-name", 2, "not an IP address", "without port"),
    ("ip,192.0.2.1:80,c2-name", 2, "not an IP address", "without port"),
    ("cidr,192.0.2.7/24,c2-name", 2, "host bits set", "did you mean 192.0.2.0/24?"),
    ("cidr,192.0.2.7,c2-name", 2, "no prefix length", "type ip"),
    ("cidr,0.0.0.0/0,c2-name", 2, "whole address space", "name the network"),
    ("package,chalk@5.6.1,c2-name", 2, "not a package URL", "pkg:npm/name@1.2.3"),
    ("package,pkg:npm/chalk,c2-name", 2, "no version", "pkg:npm"),
    ("domain,https://c2.example,c2-name", 2, "not a bare host name", "type url"),
    ("domain,192.0.2.1,c2-name", 2, "is an address", "type ip"),
    ("domain,*.c2.example,c2-name", 2, "wildcard", "subdomains"),
    ("domain,c2_,c2-name", 2, "not a host name", "letters"),
    ("url,c2.example/x,c2-name", 2, "not a URL", "url_pattern"),
    ("path,evil.exe,c2-name", 2, "not a path", "file_name"),
    ("path,/*,c2-name", 2, "match every path", "name"),
    ("file_name,a/b,c2-name", 2, "holds folders", "type path"),
    ("file_name,*.*,c2-name", 2, "match every file", "name"),
    ("registry,Software,c2-name", 2, "not a registry path", "HKLM"),
    ("email,somebody,c2-name", 2, "not an e-mail", "name@host"),
    ("string,abc,c2-name", 2, "too short", "4 characters"),
    ("domain,,c2-name", 2, "the value is empty", "remove the row"),
    ("domain,c2.example", 3, "names no trace", "name the trace"),
    ("domain,c2.example,c2-nam", 3, "no trace 'c2-nam'", "did you mean 'c2-name'?"),
    ("domain,c2.example,c2-name,report", 4, "no source 'report'", "first-report"),
    ("domain,c2.example,c2-name,,evil", 5, "unknown role 'evil'", "malicious, abused-legitimate"),
    ("domain,c2.example,c2-name,,,sure", 6, "unknown verification 'sure'", "verbatim-repo"),
    ("domain,c2.example,c2-name,,,,soon", 7, "not an ISO 8601 time", "e.g. 2023-03-29"),
    ("domain,c2.example,c2-name,,,,2023-03-02,2023-03-01", 8, "lies before valid_from", "swap"),
    ("domain,c2.example,c2-name,,,,,,WHITE", 9, "unknown tlp 'WHITE'", "CLEAR"),
    ("domain,c2.example,c2-name,,,,,,,maybe", 10, "memory_only is 'maybe'", "true or false"),
    ("domain,c2.example,c2-name,,,,,,,,too,many", 0, "12 fields under 10 columns", "quote"),
]


@pytest.mark.parametrize(("row", "column", "message", "remedy"), ROW_PROBLEMS)
def test_a_problem_of_a_row_names_line_and_column(
    folder: Path, row: str, column: int, message: str, remedy: str
) -> None:
    text = HEADER + "# a comment\n\ndomain,first.example,c2-name\n" + row + "\n"
    (folder / "indicators.csv").write_text(text, encoding="utf-8")
    found = only(folder)
    assert message in found.message
    assert remedy in found.remedy
    assert (found.path, found.line, found.column) == (str(folder / "indicators.csv"), 5, column)


def test_a_duplicate_row_names_the_first_across_files(folder: Path) -> None:
    shutil.copy(folder / "indicators.csv", folder / "indicators-more.csv")
    found = only(folder)
    assert "c2.example stands twice" in found.message
    assert found.line == 2
    assert "line 2" in found.remedy


def test_a_row_without_role_that_matches_needs_no_trace(folder: Path) -> None:
    (folder / "indicators.csv").write_text("type,value,role\ndomain,vendor.example,known-good\n", encoding="utf-8")
    [indicator] = load_pack(folder).indicators
    assert not indicator.drives


def test_an_unknown_column_and_a_missing_header_are_told(folder: Path) -> None:
    (folder / "indicators.csv").write_text("type,value,trase\n", encoding="utf-8")
    found = only(folder)
    assert (found.line, found.column, found.remedy) == (1, 3, "did you mean 'trace'?")
    (folder / "indicators.csv").write_text("domain,c2.example\n", encoding="utf-8")
    assert "no header" in only(folder).message


def test_all_problems_of_all_files_come_at_once_in_order_of_place(folder: Path) -> None:
    edit(folder, "weight: strong", "wieght: strong")
    edit(folder, "rung: contacted", "rung: touched")
    (folder / "indicators.csv").write_text(HEADER + "ip,x,c2-name\nmd5,x,nothing\n", encoding="utf-8")
    found = problems(folder)
    assert len(found) >= 6
    assert [(each.path, each.line) for each in found] == sorted((each.path, each.line) for each in found)
    assert {Path(each.path).name for each in found} == {"pack.yaml", "indicators.csv"}


def test_the_digest_changes_with_any_byte_and_with_any_name(folder: Path) -> None:
    seen = {load_pack(folder).digest}
    (folder / "README.md").write_text("other", encoding="utf-8")
    seen.add(load_pack(folder).digest)
    (folder / "README.md").rename(folder / "LIESMICH.md")
    seen.add(load_pack(folder).digest)
    (folder / "samples" / "hit" / "more").write_bytes(b"")
    seen.add(load_pack(folder).digest)
    assert len(seen) == 4


def test_the_digest_does_not_depend_on_where_the_pack_lies(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "elsewhere" / "x")
    assert load_pack(folder).digest == load_pack(tmp_path / "elsewhere" / "x").digest
