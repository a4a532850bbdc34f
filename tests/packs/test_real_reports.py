"""Lists and events as publishers really wrote them, against counts made here with the plainest means."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Verification
from nachsorge.packs import warning_lists
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.importers import Listing, choose
from nachsorge.packs.importers.listing import listing_of
from nachsorge.packs.intake import Reading
from nachsorge.packs.intake_run import Result, Wishes, run
from nachsorge.packs.library import resolve
from nachsorge.packs.lint import lint

if TYPE_CHECKING:
    from pathlib import Path
from typing import Any

VOLEXITY = "ti-3cx-volexity/indicators/iocs.csv"
ICONS = "ti-3cx-volexity/attachments/github_summary.csv"
MALTRAIL = "ti-maltrail/hacked_3cx.txt"


def read(path: Path) -> Listing:
    content = path.read_bytes()
    importer = choose(content, path.name)
    assert importer is not None
    return listing_of(importer, content)


def types(listing: Listing) -> dict[str, int]:
    return dict(Counter(item.type.value for item in listing.items))


def names(path: Path) -> set[str]:
    """Find host names by their look alone, without anything of the program."""
    text = path.read_text(encoding="utf-8-sig").replace("[.]", ".")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    look = re.compile(r"(?<![@\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b(?![\w.-]*@)")
    found = {each.removeprefix("www.") for line in lines for each in look.findall(line)}
    return {each for each in found if not each.endswith((".ico", ".md", ".pack", ".dll", ".dylib"))}


def three(shared_data: Path, into: Path, **wishes: object) -> Result:
    how = Reading(names={str(shared_data / VOLEXITY): "volexity", str(shared_data / MALTRAIL): "maltrail"})
    paths = [shared_data / each for each in (VOLEXITY, ICONS, MALTRAIL)]
    return run(paths, into, how, Wishes(**wishes), lambda _: None)  # type: ignore[arg-type]


def test_volexity_row_by_row(shared_data: Path) -> None:
    path = shared_data / VOLEXITY
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    expected = Counter[str]()
    for row in rows:
        for part in row["value"].split(","):
            length = {64: "sha256", 40: "sha1", 32: "md5"}
            expected[length.get(len(part), "email") if row["entity_type"] != "hostname" else "domain"] += 1
    listing = read(path)
    assert types(listing) == expected == {"domain": 23, "sha256": 6, "sha1": 6, "md5": 6, "email": 5}
    assert listing.lost == 0
    kept = [item for item in listing.items if item.fields.get("verification") is Verification.UNVERIFIED]
    assert {item.type for item in kept} == {T.EMAIL}
    assert len(kept) == 5


def test_union_and_intersection_of_the_3cx_lists_with_their_known_errors_flagged(
    shared_data: Path, tmp_path: Path
) -> None:
    result = three(shared_data, tmp_path / "3cx-lists")
    found = {each.value.removeprefix("www."): set(each.sources) for each in result.values if each.type is T.DOMAIN}
    truth = {"volexity": VOLEXITY, "github-summary": ICONS, "maltrail": MALTRAIL}
    lists = {source: names(shared_data / path) for source, path in truth.items()}
    assert found == {name: {s for s in lists if name in lists[s]} for name in set().union(*lists.values())}
    assert (len(lists["volexity"]), len(lists["maltrail"]), len(found)) == (21, 24, 25)
    assert sum({"volexity", "maltrail"} <= sources for sources in found.values()) == 21
    assert sum(len(sources) == 3 for sources in found.values()) == 13
    assert {(trap.value, trap.kind) for trap in result.traps} == {
        ("www.3cx.com", "vendor"),
        ("acharryblogs.com", "extraction"),
        ("philip.je", "extraction"),
    }
    assert lint(tmp_path / "3cx-lists") == []


def test_counts_of_values_merged_and_single(shared_data: Path, tmp_path: Path) -> None:
    result = three(shared_data, tmp_path / "3cx-lists")
    taken = sum(count for _, _, count, _ in result.intake.counts)
    # 46 of Volexity, 16 icons with a name, 25 lines of maltrail; 25 names, 18 hashes, 5 mails, 1 address remain
    assert (taken, len(result.values)) == (46 + 16 + 25, 25 + 18 + 5 + 1)
    assert sum(len(each.sources) == 1 for each in result.values) == 4 + 18 + 5 + 1


@pytest.mark.parametrize(
    "path",
    [
        "nukesped_lazarus/lazarus_3cx.json",
        "machete/misp-machete-event.json",
        "xdspy/misp-xdspy-event.json",
        "turla/misp-turla-lightneuron-event.json",
        "sshdoor/misp-events/endor.json",
        "oceanlotus/oceanlotus-macOS.misp.event.json",
    ],
)
def test_misp_events_attribute_by_attribute(shared_data: Path, path: str) -> None:
    content = json.loads((shared_data / "ti-misp-eset" / path).read_bytes())
    events = content.get("response", [content])
    attributes: list[dict[str, Any]] = []
    for each in (event["Event"] for event in events):
        attributes += each.get("Attribute", [])
        attributes += [inner for one in each.get("Object", []) for inner in one["Attribute"]]
    silent = {"text", "port", "link"}
    wanted = [a for a in attributes if a["type"] not in silent]
    listing = read(shared_data / "ti-misp-eset" / path)
    flagged_words = sum(a["to_ids"] for a in attributes if a["type"] in silent)
    assert len(listing.items) == len(wanted)
    assert listing.lost == flagged_words
    driven = [i for i in listing.items if i.fields.get("verification") is not Verification.UNVERIFIED]
    used = any(a["to_ids"] for a in wanted)
    assert len(driven) == (sum(a["to_ids"] for a in wanted) if used else len(wanted)) > 0


@pytest.mark.parametrize(
    ("folder", "counts", "lost"),
    [
        ("2023-06_01_operation_triangulation", {"domain": 75, "email": 36, "file_name": 1}, 0),
        ("2023-07-25_wyrmspy_dragonegg", {"domain": 7, "ip": 5, "sha256": 34}, 7),
        ("2024-12-25_eaglemsgspy", {"domain": 13, "ip": 13, "sha256": 25}, 0),
        ("ResidentBat", {"ip": 24, "certificate": 8, "sha256": 8}, 8),
        ("cellebrite", {}, 1),
    ],
)
def test_stix_bundles_against_the_text_lists_beside_them(
    shared_data: Path, folder: str, counts: dict[str, int], lost: int
) -> None:
    [path] = (shared_data / "ti-stix2-mvt" / folder).glob("*.stix2")
    listing = read(path)
    assert (types(listing), listing.lost) == (counts, lost)
    beside = {line.strip().lower() for each in path.parent.glob("*.txt") for line in each.read_text().splitlines()}
    assert {item.value.lower() for item in listing.items} <= beside
    assert len(beside - {""}) == len(listing.items) + lost


def cells(path: Path, column: str) -> list[str]:
    """Give every value of a column, several in a cell apart, without anything of the program."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        listed = [cell.strip() for row in csv.DictReader(stream) for cell in re.split(r"[,|]", row[column])]
    return [cell for cell in listed if cell]


@pytest.mark.parametrize(
    ("path", "column", "unusable"),
    [
        ("1Phish/iocs.csv", "Domain", ""),
        ("react-CVE-2025-55182/iocs.csv", "ip", ""),
        ("axios-npm-supply-chain-compromise/iocs.csv", "indicator", "<random"),
        ("shai-hulud-2.0/shai-hulud-2.0.csv", "package_version", ""),
        ("shai-hulud-2.0/consolidated_iocs.csv", "package_versions", ""),
    ],
)
def test_every_cell_of_a_table_is_a_value_or_told(shared_data: Path, path: str, column: str, unusable: str) -> None:
    found = cells(shared_data / "ti-datadog-npm" / path, column)
    told = [cell for cell in found if unusable and unusable in cell]
    listing = read(shared_data / "ti-datadog-npm" / path)
    assert (len(listing.items), listing.lost) == (len(found) - len(told), len(told))
    assert all(any(cell in line for line in listing.not_understood) for cell in told)


@pytest.mark.parametrize(
    "path",
    [
        *(f"ti-maltrail/{name}" for name in ("apt_lazarus", "ccleaner_backdoor", "hacked_3cx", "hacked_npmrepos")),
        *(f"ti-maltrail/{name}" for name in ("hacked_solarwinds", "sinkhole_sunburst")),
        *(f"ti-signature-base/iocs/{name}" for name in ("c2-iocs", "filename-iocs", "hash-iocs")),
        *(f"ti-misp-eset/nukesped_lazarus/samples.{kind}" for kind in ("md5", "sha1", "sha256")),
    ],
)
def test_every_line_of_a_list_is_a_value_or_told_with_its_number(shared_data: Path, path: str) -> None:
    file = shared_data / (path if "samples." in path else f"{path}.txt")
    lines = list(enumerate(file.read_bytes().decode("utf-8", "replace").splitlines(), 1))
    wanted = {number for number, line in lines if line.strip() and not line.startswith("#")}
    listing = read(file)
    values = {int(item.place.removeprefix("line ")) for item in listing.items}
    told = {int(found[1]) for each in listing.not_understood if (found := re.match(r"line (\d+):", each))}
    assert len(values) == len(listing.items)
    assert values | told >= wanted
    assert (values <= wanted, len(wanted) - len(values)) == (True, listing.lost)


def test_merged_and_rejected_values_of_two_lists(shared_data: Path, tmp_path: Path) -> None:
    paths = [shared_data / "ti-maltrail" / f"{name}.txt" for name in ("hacked_npmrepos", "hacked_solarwinds")]
    result = run(paths, tmp_path / "two-lists", Reading(), Wishes(), lambda _: None)
    lines = [
        line.split("#")[0].strip().lower().rstrip("/")
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    said = [line for line in lines if line]
    assert sum(count for _, _, count, _ in result.intake.counts) == len(said)
    assert sum(lost for _, _, _, lost in result.intake.counts) == 0
    # Two lines are one value where only a port after an address tells them apart, or `www.`.
    bare = {re.sub(r"^(\d+(?:\.\d+){3}):\d+$", r"\1", line).removeprefix("www.") for line in said}
    assert len(result.values) == len(bare)


@pytest.mark.parametrize(
    ("path", "count", "lost"),
    [
        ("axios-npm-supply-chain-compromise/iocs.csv", 18, 1),
        ("shai-hulud-2.0/shai-hulud-2.0.csv", 537, 0),
        ("shai-hulud-2.0/consolidated_iocs.csv", 1091, 0),
        ("react-CVE-2025-55182/iocs.csv", 210, 0),
        ("1Phish/iocs.csv", 13, 0),
    ],
)
def test_vendor_tables(shared_data: Path, path: str, count: int, lost: int) -> None:
    listing = read(shared_data / "ti-datadog-npm" / path)
    assert (len(listing.items), listing.lost) == (count, lost)


def test_every_pair_of_the_one_list_is_in_the_other(shared_data: Path) -> None:
    folder = shared_data / "ti-datadog-npm" / "shai-hulud-2.0"
    own = {item.value for item in read(folder / "shai-hulud-2.0.csv").items}
    both = {item.value for item in read(folder / "consolidated_iocs.csv").items}
    assert own <= both
    assert (len(own), len(both)) == (537, 1091)


def test_team_pcp_versions_and_what_has_no_lock_file(shared_data: Path) -> None:
    path = shared_data / "ti-datadog-npm" / "teampcp" / "iocs.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    packages = [row for row in rows if row["artifact_type"] in ("npm package", "pypi package")]
    listing = read(path)
    assert len(listing.items) == sum(len(row["affected_versions"].split(",")) for row in packages)
    assert listing.lost == len(rows) - len(packages)


def test_hash_list_with_comments(shared_data: Path) -> None:
    path = shared_data / "ti-signature-base" / "iocs" / "hash-iocs.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [line for line in lines if re.match(r"[0-9a-fA-F]{32,64};", line)]
    listing = read(path)
    assert sum(item.type in (T.MD5, T.SHA1, T.SHA256) for item in listing.items) == len(rows)
    assert sum("3CX" in item.fields.get("note", "") for item in listing.items) == sum("3CX" in row for row in rows)


def test_names_in_the_list_of_file_names_are_no_expressions(shared_data: Path) -> None:
    listing = read(shared_data / "ti-signature-base" / "iocs" / "filename-iocs.txt")
    values = {item.value for item in listing.items}
    assert "3CXDesktopApp-18.12.407.msi" in values
    assert not [value for value in values if re.search(r"\(\?i\)|\[0-9\]", value)]


def test_warning_lists_flag_the_traps_and_not_the_command_servers(shared_data: Path) -> None:
    lists = warning_lists.load(shared_data / "misp-warninglists")
    assert lists is not None
    everything = list((shared_data / "misp-warninglists").glob("*/list.json"))
    expressions = sum(json.loads(p.read_bytes())["type"] == "regex" for p in everything)
    assert (lists.count, len(lists.left_out)) == (len(everything) - expressions, expressions)
    assert lists.naming(T.IP, "10.1.2.3")
    assert lists.naming(T.MD5, "d41d8cd98f00b204e9800998ecf8427e")
    assert lists.naming(T.DOMAIN, "raw.githubusercontent.com")
    assert not lists.naming(T.DOMAIN, "pbxsources.com")
    assert not lists.naming(T.SHA256, "ab" * 32)


def test_lists_of_what_is_wanted_say_the_same(shared_data: Path) -> None:
    values = [(T.DOMAIN, "raw.githubusercontent.com"), (T.IP, "10.1.2.3"), (T.URL, "https://a.bit.ly/x")]
    whole = warning_lists.load(shared_data / "misp-warninglists")
    part = warning_lists.load(shared_data / "misp-warninglists", warning_lists.keys_of(values))
    assert whole is not None
    assert part is not None
    assert [part.naming(*each) for each in values] == [whole.naming(*each) for each in values]
    assert len(part.strings) < len(whole.strings)


def test_any_of_the_files_may_stand_where_a_pack_stands(shared_data: Path) -> None:
    for path in (VOLEXITY, MALTRAIL, "ti-misp-eset/nukesped_lazarus/lazarus_3cx.json"):
        assert load_indicator_file(shared_data / path).ad_hoc
    rules = resolve(str(shared_data / "ti-3cx-volexity" / "indicators" / "rules.yar"))
    text = (shared_data / "ti-3cx-volexity" / "indicators" / "rules.yar").read_text(encoding="utf-8")
    assert len(rules.rules) == len(re.findall(r"^rule ", text, re.MULTILINE))
