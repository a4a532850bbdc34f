"""The shipped pack of the 3CX case: it holds what the facts say, and matches nothing that it must not."""

from __future__ import annotations

import csv
import re
import struct
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import tests_of as compile_tests
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import DAY, parse_instant
from nachsorge.model.words import Kind, Platform, Polarity, Role, Telemetry, Tlp, Verification, Weight
from nachsorge.packs.library import resolve, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nachsorge.model.pack import Pack

FOLDER = next(each.folder for each in shipped() if each.id == "3cx-2023")
NO_FACTS = "FACTS ABSENT: the facts are not beside the project; this test has NOT compared the pack with them"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return resolve("3cx-2023")


@pytest.fixture(scope="module")
def matcher(pack: Pack) -> Matcher:
    return Matcher(compile_tests([pack]))


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> dict[str, Any]:
    path = shared_data.parent / "facts" / "3cx-facts.yaml"
    if not path.is_file():
        pytest.skip(NO_FACTS)
    found: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return found


def context() -> list[dict[str, str]]:
    with (FOLDER / "context.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def weight_of(pack: Pack, trace: str) -> Weight:
    return pack.traces_by_id[trace].weight


def found(matcher: Matcher, record: Record) -> set[str]:
    """Give the traces that a record meets, as far as their telemetry goes."""
    tests = [matcher.tests[hit.test] for hit in matcher.match(record)]
    return {t.trace.id for t in tests if not t.trace.telemetry or record.telemetry in t.trace.telemetry}


def event(telemetry: Telemetry, fields: Mapping[str, str]) -> Record:
    return Record(telemetry=telemetry, locator="line 1", event=fields, product="windows")


# --- against the facts ---


def test_every_indicator_of_the_facts_is_matched_or_explained(pack: Pack, facts: dict[str, Any]) -> None:
    ours = {indicator.value.lower() for indicator in pack.indicators} | {row["value"].lower() for row in context()}
    assert not [each["id"] for each in facts["indicators"] if str(each["value"]).lower() not in ours]


def test_the_counts_by_type_are_those_of_the_facts(pack: Pack, facts: dict[str, Any]) -> None:
    spelled = {"file_path": "path", "cert": "certificate", "av_name": "string", "http": "string"}
    there = Counter(spelled.get(each["type"], each["type"]) for each in facts["indicators"])
    # One value may test two traces, so values are counted; known-good and withdrawn rows are not among the facts.
    here = Counter(type for type, _ in {(i.type.value, i.value) for i in pack.indicators if i.drives})
    here.update(row["type"] for row in context())
    for kind, trace in (("path", "served-installer"), ("string", "served-request")):
        here[kind] -= sum(i.trace == trace and i.type.value == kind for i in pack.indicators)  # derived by us
    there["url"] -= 1
    there["url_pattern"] += 1  # the folder of the icon files has no scheme, hence it is a pattern here
    assert here == there


def test_hashes_are_letter_for_letter_those_of_the_facts(pack: Pack, facts: dict[str, Any]) -> None:
    kinds = ("sha256", "sha1", "md5")
    there = {each["value"] for each in [*facts["indicators"], *facts["known_good"]] if each["type"] in kinds}
    here = {i.value for i in pack.indicators if i.type.value in kinds}
    here |= {row["value"] for row in context() if row["type"] in kinds}
    assert here == there


def test_excluded_values_never_match(pack: Pack, facts: dict[str, Any]) -> None:
    looked_for = {indicator.value.lower() for indicator in pack.indicators if indicator.drives}
    excluded = " ".join(str(each["value"]) for each in facts["excluded_values"]).lower()
    words = {word.strip("()*,") for word in excluded.split()} - {"hosts", "file", "names", "as", "indicator", "/"}
    assert len(words) >= 11
    assert not words & looked_for
    listed = {i.value.lower() for i in pack.indicators if not i.drives}
    assert {word.lstrip("*.") for word in words if "." in word or "@" in word} <= listed


def test_known_good_values_never_match(pack: Pack, facts: dict[str, Any]) -> None:
    looked_for = {indicator.value.lower() for indicator in pack.indicators if indicator.drives}
    good = {i.value.lower() for i in pack.indicators if i.role is Role.KNOWN_GOOD}
    for each in facts["known_good"]:
        if each["type"] == "product_version":
            version = str(each["value"]).split()[3]
            assert version in pack.exposures[0].clean
        else:
            value = str(each["value"]).lower().replace("{guid}", "*")
            assert value in good
            assert value not in looked_for


def test_what_is_risky_or_unlabelled_is_a_hint_at_most(pack: Pack, facts: dict[str, Any]) -> None:
    weak = {
        str(each["value"]).lower()
        for each in facts["indicators"]
        if each.get("fp_risk") == "high" or (each["supports"] == "context" and each["type"] != "domain")
    }
    weak |= {"convieneonline.com", "soyoungjun.com"}
    driving = [i for i in pack.indicators if i.drives and i.value.lower() in weak]
    assert driving
    assert all(weight_of(pack, indicator.trace) is Weight.HINT for indicator in driving)


def test_memory_only_values_are_marked(pack: Pack, facts: dict[str, Any]) -> None:
    memory = {each["value"] for each in facts["indicators"] if each.get("memory_or_analysis_only")}
    marked = {i.value for i in pack.indicators if i.memory_only}
    assert memory
    assert memory <= marked


def test_versions_are_those_of_the_facts_for_each_platform(pack: Pack, facts: dict[str, Any]) -> None:
    for exposure in pack.exposures:
        product = next(each for each in facts["affected_products"] if each["platform"] == exposure.platform)
        assert set(exposure.affected) == {each["version"] for each in product["affected"]}
        assert {each["version"] for each in product["not_affected"]} <= set(exposure.clean)


def test_sources_and_disagreements_are_complete(pack: Pack, facts: dict[str, Any]) -> None:
    assert {each.id for each in pack.sources} == {each["id"] for each in facts["sources"]}
    there = {each["topic"]: [p["by"] for p in each["positions"]] for each in facts["disagreements"]}
    here = {each.topic: [list(p.by) for p in each.positions] for each in pack.disagreements}
    assert here == there
    assert len(here) == 23


def test_verification_levels_are_those_of_the_facts(pack: Pack, facts: dict[str, Any]) -> None:
    there = {str(each["value"]): each["verification"] for each in facts["indicators"]}
    here = [i for i in pack.indicators if i.drives and i.value in there]
    assert len(here) > 200
    assert all(indicator.verification == there[indicator.value] for indicator in here)


# --- by itself ---


def test_the_counts_in_the_readme_are_true(pack: Pack) -> None:
    said = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \|$", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M))
    roles = Counter(indicator.role for indicator in pack.indicators)
    assert {name: int(count) for name, count in said.items()} == {
        "stages": len(pack.stages),
        "traces": len(pack.traces),
        "sources": len(pack.sources),
        "disagreements": len(pack.disagreements),
        "rows in indicators.csv": len(pack.indicators),
        "rows that are looked for": sum(indicator.drives for indicator in pack.indicators),
        "known-good rows": roles[Role.KNOWN_GOOD],
        "withdrawn rows": roles[Role.WITHDRAWN],
        "command-and-control names": sum(indicator.trace == "c2-name" for indicator in pack.indicators),
        "rows that exist in memory only": sum(indicator.memory_only for indicator in pack.indicators),
        "rows in context.csv": len(context()),
        "Sigma rules": sum(rule.engine == "sigma" for rule in pack.rules),
        "YARA rules": sum(rule.engine == "yara" for rule in pack.rules),
    }


def test_everything_is_public_and_nothing_unverified_drives(pack: Pack) -> None:
    assert pack.tlp is Tlp.CLEAR
    assert {indicator.tlp for indicator in pack.indicators} == {Tlp.CLEAR}
    assert all(i.verification is not Verification.UNVERIFIED for i in pack.indicators if i.drives)


def test_shared_addresses_never_match(pack: Pack) -> None:
    assert not [indicator for indicator in pack.indicators if indicator.type.value in ("ip", "cidr")]
    assert sum(row["type"] == "ip" for row in context()) == 22


def test_names_count_in_full_until_the_end_of_march(pack: Pack) -> None:
    names = [indicator for indicator in pack.indicators if indicator.trace == "c2-name"]
    assert {indicator.valid_until for indicator in names} == {parse_instant("2023-04-01") - 1}
    assert sum(indicator.valid_from is not None for indicator in names) >= 20


def test_the_ladder_is_in_the_order_of_the_rungs(pack: Pack) -> None:
    assert [stage.id for stage in pack.stages] == [
        "installed",
        "served",
        "loaded",
        "dead-drop",
        "beacon",
        "stealer",
        "second-stage",
        "hands-on",
    ]
    rungs = [stage.rung for stage in pack.stages]
    assert rungs == sorted(rungs)
    assert all(stage.title_de for stage in pack.stages)


def test_the_telephone_server_is_not_a_victim(pack: Pack) -> None:
    served = pack.stages_by_id["served"]
    assert (served.means_compromise, served.roles) == (False, ("pbx",))
    assert all("pbx" in stage.except_roles for stage in pack.stages if stage is not served)


def test_the_dead_drop_waits_for_the_loader(pack: Pack) -> None:
    stage = pack.stages_by_id["dead-drop"]
    [relative] = [window for window in stage.windows if window.anchor]
    assert (relative.anchor, relative.after) == ("loaded", 7 * DAY)
    assert relative.until // DAY == 27
    assert stage.platforms == (Platform.WINDOWS,)


def test_the_negative_proof_takes_the_late_end_of_the_take_down(pack: Pack) -> None:
    trace = pack.traces_by_id["not-yet-due"]
    assert (trace.polarity, trace.stage, trace.weight) == (Polarity.REFUTES, "dead-drop", Weight.PROOF)
    assert trace.stored_time is not None
    assert trace.stored_time.after == parse_instant("2023-03-31T00:00:00Z")


def test_every_stage_can_be_settled_or_says_why_not(pack: Pack) -> None:
    for stage in pack.stages:
        assert stage.needs or stage.never
        assert all(need.settle and need.settle_de for need in stage.needs)
        for option in (option for need in stage.needs for option in need.any_of):
            assert not {Telemetry.PROGRAM_EXECUTION, Telemetry.INSTALLED_SOFTWARE} & set(option.telemetry)


def test_no_marker_of_made_fixtures_is_in_the_pack() -> None:
    marker = b"NACHSORGE-" + b"FIXTURE"
    assert not [path for path in FOLDER.rglob("*") if path.is_file() and marker in path.read_bytes()]


# --- what it finds ---


def queries(sample: str) -> list[str]:
    lines = (FOLDER / "samples" / sample / "dns.log").read_text(encoding="utf-8").splitlines()
    column = next(line for line in lines if line.startswith("#fields")).split("\t").index("query") - 1
    return [line.split("\t")[column] for line in lines if not line.startswith("#")]


def named(name: str) -> Record:
    return Record(telemetry=Telemetry.DNS_QUERY, locator="x", values=(Value(Kind.HOST, "query", name),))


def test_the_dns_samples(matcher: Matcher) -> None:
    assert [found(matcher, named(name)) for name in queries("hit")] == [set(), {"c2-name"}, {"c2-name"}]
    assert len(queries("clean")) == 4
    assert not [name for name in queries("clean") if found(matcher, named(name))]


def software(matcher: Matcher, sample: str) -> list[set[str]]:
    with (FOLDER / "samples" / sample / "software.csv").open(encoding="utf-8", newline="") as file:
        return [_installed(matcher, row) for row in csv.DictReader(file)]


def _installed(matcher: Matcher, row: Mapping[str, str]) -> set[str]:
    stated = Software(name=row["name"], version=row["version"], platform=Platform(row["platform"]))
    return found(matcher, Record(telemetry=Telemetry.INSTALLED_SOFTWARE, locator="x", software=stated))


def test_the_software_samples(matcher: Matcher) -> None:
    assert software(matcher, "hit") == [{"exposure:3cx-desktop-app-windows"}, {"exposure:3cx-desktop-app-macos"}]
    # A clean version is met as what it is: a date for the claim that it was installed, no sighting.
    assert software(matcher, "clean") == [{"clean:3cx-desktop-app-windows"}] * 3


APP = r"C:\Users\a\AppData\Local\Programs\3CXDesktopApp\app\3CXDesktopApp.exe"
RULED = [
    ("child-shell", Telemetry.PROCESS_CREATION, {"ParentImage": APP, "Image": r"C:\Windows\System32\cmd.exe"}),
    ("affected-process", Telemetry.PROCESS_CREATION, {"Image": APP, "FileVersion": "18.12.416.0"}),
    ("icon-lookup", Telemetry.DNS_QUERY, {"Image": APP, "QueryName": "raw.githubusercontent.com"}),
    (
        "service-library-loaded",
        Telemetry.IMAGE_LOAD,
        {"Image": r"C:\Windows\System32\svchost.exe", "ImageLoaded": r"C:\Windows\System32\wlbsctrl.dll"},
    ),
    (
        "update-fetch",
        Telemetry.PROCESS_CREATION,
        {
            "Image": APP.replace("3CXDesktopApp.exe", "update.exe"),
            "CommandLine": "update.exe --update http://192.0.2.5/electron/update/win32/18.12.416",
        },
    ),
]
UNRULED = [
    (Telemetry.PROCESS_CREATION, {"ParentImage": r"C:\Windows\explorer.exe", "Image": r"C:\Windows\System32\cmd.exe"}),
    (Telemetry.PROCESS_CREATION, {"Image": APP, "FileVersion": "18.12.422.0"}),
    (Telemetry.PROCESS_CREATION, {"Image": APP, "FileVersion": "18.12.4160"}),
    (Telemetry.DNS_QUERY, {"Image": r"C:\git.exe", "QueryName": "raw.githubusercontent.com"}),
    (Telemetry.IMAGE_LOAD, {"Image": r"C:\Windows\System32\svchost.exe", "ImageLoaded": r"C:\Windows\System32\a.dll"}),
    (
        Telemetry.PROCESS_CREATION,
        {
            "Image": APP.replace("3CXDesktopApp.exe", "update.exe"),
            "CommandLine": "update.exe --update http://192.0.2.5/electron/update/win32/18.12.425",
        },
    ),
]


@pytest.mark.parametrize(("trace", "telemetry", "fields"), RULED, ids=[each[0] for each in RULED])
def test_a_sigma_rule_finds_its_trace(
    matcher: Matcher, trace: str, telemetry: Telemetry, fields: dict[str, str]
) -> None:
    assert found(matcher, event(telemetry, fields)) == {trace}


@pytest.mark.parametrize(("telemetry", "fields"), UNRULED)
def test_sigma_rules_leave_daily_business_alone(matcher: Matcher, telemetry: Telemetry, fields: dict[str, str]) -> None:
    assert found(matcher, event(telemetry, fields)) == set()


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({"Image": APP}, True),
        ({"Image": APP, "FileVersion": "-"}, True),
        ({"Image": APP, "FileVersion": "18.11.1213"}, False),
        ({"Image": "/Applications/3CX Desktop App.app/Contents/MacOS/3CX Desktop App"}, True),
        (
            {"Image": "/Applications/3CX Desktop App.app/Contents/MacOS/3CX Desktop App", "FileVersion": "18.12.402"},
            True,
        ),
        (
            {"Image": "/Applications/3CX Desktop App.app/Contents/MacOS/3CX Desktop App", "FileVersion": "18.12.425"},
            False,
        ),
        ({"Image": r"C:\Windows\explorer.exe"}, False),
    ],
)
def test_a_log_without_versions_does_not_clear(matcher: Matcher, fields: dict[str, str], seen: bool) -> None:
    record = Record(telemetry=Telemetry.PROCESS_CREATION, locator="line 1", event=fields)
    hints = {"app-of-unknown-version", "run-of-unknown-version"}
    assert found(matcher, record) == (hints if seen else set())


@pytest.mark.parametrize(
    "text", ["/electron/update/win32/18.12.416/RELEASES", "/downloads/3CXDesktopApp-18.12.407.msi"]
)
def test_a_request_at_the_telephone_server(matcher: Matcher, text: str) -> None:
    value = Value(Kind.URL, "uri", "pbx.example" + text)
    record = Record(telemetry=Telemetry.WEBSERVER, locator="x", values=(value,))
    assert found(matcher, record) == {"served-request"}


def scanned(matcher: Matcher, body: bytes) -> set[str]:
    return {matcher.tests[index].trace.id for index in matcher.yara.scan(body)}


PICTURE = b"\x00\x00\x01\x00\x01\x00" + b"\0" * 16 + b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB`\x82"
TEXT = b"$" + b"QUJD" * 20


def test_an_icon_with_text_after_its_picture_is_found(matcher: Matcher) -> None:
    assert scanned(matcher, PICTURE + TEXT) == {"icon-content"}


@pytest.mark.parametrize(
    "body", [PICTURE, PICTURE + b"trailing", PICTURE[4:] + TEXT, PICTURE + TEXT + b"\0" * 130_000, TEXT]
)
def test_other_icons_are_not(matcher: Matcher, body: bytes) -> None:
    assert scanned(matcher, body) == set()


def program(signature: bytes, *, declared: bool = True, rest: bytes = b"") -> bytes:
    """Make the smallest PE32+ file with one section and a signature area."""
    start = 0x400 + len(rest)
    directories = [(0, 0)] * 16
    if declared:
        directories[4] = (start, len(signature))
    optional = struct.pack("<HBB5I", 0x20B, 14, 0, 0x200, 0, 0, 0x1000, 0x1000)
    optional += struct.pack("<QII6HIIIIHH", 0x180000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, 0x200, 0, 3, 0)
    optional += struct.pack("<4QII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += b"".join(struct.pack("<II", *each) for each in directories)
    header = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x2022)
    section = struct.pack("<8sIIIIIIHHI", b".text", 0x200, 0x1000, 0x200, 0x200, 0, 0, 0, 0, 0x60000020)
    head = b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0" + header + optional + section
    return head.ljust(0x200, b"\0") + b"\xc3".ljust(0x200, b"\0") + rest + signature


MARK = bytes.fromhex("feedface")


def test_code_hidden_in_a_signature_is_found(matcher: Matcher) -> None:
    assert scanned(matcher, program(b"\0" * 40 + MARK + b"\1" * 40)) == {"appended-code"}


@pytest.mark.parametrize(
    "body",
    [
        program(b"\0" * 80),
        program(b"\0" * 80, rest=MARK + b"\0" * 60),
        program(MARK + b"\0" * 80, declared=False),
        MARK + b"\0" * 80,
    ],
)
def test_the_marker_elsewhere_is_not(matcher: Matcher, body: bytes) -> None:
    assert scanned(matcher, body) == set()


def hashed(telemetry: Telemetry, digest: str) -> Record:
    return Record(telemetry=telemetry, locator="x", values=(Value(Kind.HASH, "sha256", digest),))


LIBRARY = "7986bbaee8940da11ce089383521ab420c443ab7b15ed42aed91fd31ce833896"


def test_a_library_on_disk_is_presence_and_loaded_it_is_execution(matcher: Matcher) -> None:
    assert found(matcher, hashed(Telemetry.FILESYSTEM, LIBRARY)) == {"affected-file"}
    assert found(matcher, hashed(Telemetry.PROGRAM_EXECUTION, LIBRARY)) == {"affected-file"}
    assert found(matcher, hashed(Telemetry.IMAGE_LOAD, LIBRARY)) == {"affected-image"}


@pytest.mark.parametrize(
    ("path", "trace"),
    [
        (r"C:\Users\Anna Ätz\AppData\Local\Programs\3CXDesktopApp\app\manifest", {"due-time-file"}),
        ("/Users/anna/Library/Application Support/3CX Desktop App/.main_storage", {"state-file"}),
        ("/Users/anna/Library/Application Support/3CX Desktop App/UpdateAgent", {"update-agent"}),
        (r"C:\WINDOWS\System32\WLBSCTRL.dll", {"service-library"}),
        (
            "/var/lib/3cxpbx/Instance1/Data/Http/electron/windows/3CXDesktopApp-18.12.416.msi",
            {"served-installer", "installer-name"},
        ),
        (r"C:\Users\anna\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll", set()),
        (r"C:\Program Files\Other\app\manifest", set()),
        (r"C:\Windows\System32\config\TxR\{0}.TxR.0.regtrans-ms", set()),
        ("/Library/Graphics/Quartz.framework", set()),
    ],
)
def test_paths(matcher: Matcher, path: str, trace: set[str]) -> None:
    record = Record(telemetry=Telemetry.FILESYSTEM, locator="x", values=(Value(Kind.PATH, "path", path),))
    assert found(matcher, record) == trace


@pytest.mark.parametrize(
    ("url", "trace"),
    [
        ("https://raw.githubusercontent.com/IconStorages/images/main/icon13.ico", {"icon-request"}),
        ("https://raw.githubusercontent.com/other/images/main/icon13.ico", set()),
        ("https://github.com/IconStorages/images", {"repository-visit"}),
        ("https://pbxsources.com/exchange", {"c2-url", "c2-name"}),
        ("https://pbxsources.com/", {"c2-name"}),
        ("https://sbmsa.wiki/blog/_insert", {"update-agent-report", "c2-name"}),
        ("https://www.3cx.com/blog/event-trainings/", set()),
        ("https://convieneonline.com/", {"lead-name"}),
    ],
)
def test_urls(matcher: Matcher, url: str, trace: set[str]) -> None:
    record = Record(telemetry=Telemetry.PROXY, locator="x", values=(Value(Kind.URL, "url", url),))
    assert found(matcher, record) == trace
