"""Real evidence with answers that others established: what is counted is what the readers and the matcher say of it."""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections import Counter

import pytest
from tests.evidence_kit import opened
from tests.matching.kit import hits_in, value_test

from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers.evtx import Evtx
from nachsorge.evidence.readers.santa import Santa
from nachsorge.evidence.readers.windows_ndjson import WindowsNdjson
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.matching.match import Matcher
from nachsorge.matching.necessary import tokens_of
from nachsorge.matching.sieve import OpenSieve

EVTX = "evtx-attack-samples"
OTRF = "otrf-security-datasets/atomic/windows"
WRCCDC = "zeek-logs-wrccdc2018"


def type_of(value: str) -> str:
    """Say of what type an expected value is."""
    if len(value) == 64:
        return "sha256"
    if value.replace(".", "").isdigit():
        return "ip"
    return "file_name" if value.endswith(".dll") else "domain"


FIELDS = {"sha256": {"Hashes"}, "ip": {"DestinationIp"}, "domain": {"DestinationHostname"}}
"""Where the values stand. The expected numbers were counted over the whole text of a record; that these fields alone
give the same numbers says that no field is missed and nothing is found twice."""


def test_every_expected_record_of_the_event_logs_is_a_hit_in_a_field_of_its_kind(shared_data):
    with (shared_data / EVTX / "EXPECTED_indicators.tsv").open() as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    assert len(rows) == 9
    matcher = Matcher([value_test(type_of(value), value) for value in dict.fromkeys(row["indicator"] for row in rows)])
    for row in rows:
        body = (shared_data / EVTX / row["file"]).read_bytes()
        hits = hits_in(matcher, Evtx(), body, matcher.sieve(enabled=False))
        assert hits == hits_in(matcher, Evtx(), body, matcher.sieve())
        mine = [hit for hit in hits if matcher.tests[hit.test].value == row["indicator"]]
        assert len(mine) == int(row["records"]), row
        assert not any(hit.as_text for hit in mine)
        wanted = FIELDS.get(type_of(row["indicator"]), {"TargetFilename", "ImageLoaded"})
        assert {field for hit in mine for field in hit.matched} <= wanted, row


TRAP = "raw.githubusercontent.com/IconStorages/images/main/icon%d.ico"
OTRF_EXPECTED = [
    # name, Sysmon 3 to 10.10.10.5, all records that hold the address, DNS queries for the host of the trap
    ("credential_access/host/empire_mimikatz_logonpasswords", 35, 70, 0),
    ("defense_evasion/host/empire_launcher_sct_regsvr32", 10, 25, 0),
    ("defense_evasion/host/covenant_installutil", 1, 2, 0),
    ("defense_evasion/host/cmd_mshta_javascript_getobject_sct", 0, 0, 1),
    ("defense_evasion/host/psh_cmstp_execution_bypassuac", 0, 0, 2),
    ("persistence/host/cmd_userinitmprlogonscript_batch", 0, 0, 0),
]
"""All records: the audit log's 5156 says each connection again (35, 11, 1), and in the second set one connection more;
there three command lines and one event of PowerShell hold the address as text besides: 10 + 11 + 3 + 1 = 25."""


@pytest.mark.parametrize(("name", "connections", "records", "queries"), OTRF_EXPECTED)
def test_the_control_server_is_found_and_the_bare_host_of_a_url_is_not(
    shared_data, name, connections, records, queries
):
    with zipfile.ZipFile(shared_data / OTRF / f"{name}.zip") as archive:
        body = archive.read(archive.namelist()[0])
    tests = [value_test("ip", "10.10.10.5"), value_test("url_pattern", TRAP), value_test("domain", TRAP.split("/")[0])]
    matcher = Matcher(tests)
    hits = hits_in(matcher, WindowsNdjson(), body, matcher.sieve(enabled=False))
    assert hits == hits_in(matcher, WindowsNdjson(), body, matcher.sieve())
    contacts = [hit for hit in hits if hit.test == 0]
    assert sum(hit.fields["EventID"] == "3" and "DestinationIp" in hit.matched for hit in contacts) == connections
    assert len(contacts) == records == sum(b"10.10.10.5" in line for line in body.split(b"\n"))
    assert [hit for hit in hits if hit.test == 1] == []
    assert sum(hit.test == 2 and hit.telemetry.value == "dns_query" for hit in hits) == queries


def values_in(kinds: dict[str, str], values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Name what could be looked for of some values that a reader gave: of a path its last name as well."""
    found = [(kinds[kind], text) for kind, text in values if kind in kinds]
    found += [("file_name", re.split(r"[/\\]", text)[-1]) for kind, text in found if kind == "path"]
    return [(kind, text) for kind, text in dict.fromkeys(found) if text.strip() and not set(text) & set("*?<>%")]


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (WindowsNdjson(), f"{OTRF}/defense_evasion/host/covenant_installutil.zip"),
        (Evtx(), f"{EVTX}/Defense Evasion/DE_ProcessHerpaderping_Sysmon_11_10_1_7.evtx"),
        (Santa(), "plaso-host-artefacts/santa.log"),
        (ZeekTsv(), "zeek-btest-logs/core.nflog__http.log"),
    ],
    ids=["windows", "evtx", "santa", "zeek"],
)
def test_each_value_that_real_evidence_holds_is_found_by_a_table(shared_data, reader, name):
    body = (shared_data / name).read_bytes()
    if name.endswith(".zip"):
        with zipfile.ZipFile(shared_data / name) as archive:
            body = archive.read(archive.namelist()[0])[:400_000].rpartition(b"\n")[0] + b"\n"
    kinds = {"path": "path", "url": "url", "host": "domain"}
    records = reader.read(opened(body, name), OpenSieve(), Ledger())
    said = [(value.kind.value, value.text) for each in records for value in each.values if len(value.text) < 200]
    wanted = [test for each in values_in(kinds, said) if tokens_of(test := value_test(*each))]
    assert wanted
    for test in wanted[:: max(len(wanted) // 5, 1)]:
        matcher = Matcher([test])
        every = hits_in(matcher, reader, body, OpenSieve())
        assert hits_in(matcher, reader, body, matcher.sieve(many=0)) == every
        assert every or test.type == "url"


def test_names_in_a_real_dns_log(shared_data):
    body = gzip.decompress((shared_data / WRCCDC / "dns.log.gz").read_bytes())
    names = ["ise.wrccdc.org", "whatismyipaddress.com", "raw.githubusercontent.com"]
    matcher = Matcher([*(value_test("domain", name) for name in names), value_test("url_pattern", TRAP)])
    hits = hits_in(matcher, ZeekTsv(), body, matcher.sieve())
    queried = Counter(matcher.tests[hit.test].value for hit in hits if "query" in hit.matched)
    assert queried == {"ise.wrccdc.org": 22160, "whatismyipaddress.com": 34, "raw.githubusercontent.com": 10}
    assert len(hits) == sum(queried.values())
