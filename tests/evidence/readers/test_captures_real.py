"""Real captures against TShark's answers; where we differ, docs/reference/captures.md says so, with counts."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.evidence_kit import Everything

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.network import frames, layers
from nachsorge.evidence.readers.pcap import _frames
from nachsorge.evidence.seams import Opened

if TYPE_CHECKING:
    from nachsorge.model.evidence import Record

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "captures.md"
SETS = ("suricata-verify-pcaps", "zeek-btest-pcaps")

Values = Counter[tuple[str, str]]

WHY = {
    ("communityid__icmp6.pcap", "dns_response"): "an ICMPv6 error quotes the message; quotes are not looked into",
    ("dns-over-http2-post.pcap", "dns_query"): "DNS in HTTP/2; said to be a gap",
    ("dns-over-http2-post.pcap", "dns_response"): "DNS in HTTP/2; said to be a gap",
    ("http-options-method.pcap", "http_url"): "`OPTIONS *` names no URL; TShark joins `http://example.com*`",
    ("http__261__variant-09-te_obs_fold.pcap", "http_host"): "a second request behind a folded `Transfer-Encoding`",
    ("http__261__variant-09-te_obs_fold.pcap", "http_url"): "a second request behind a folded `Transfer-Encoding`",
    ("http__get-to-ssh-server.pcap", "http_host"): "HTTP on port 22",
    ("http__get-to-ssh-server.pcap", "http_url"): "HTTP on port 22",
    ("http__putty-upload.pcap", "http_host"): "an upload whose body the capture does not hold whole",
    ("http__putty-upload.pcap", "http_url"): "an upload whose body the capture does not hold whole",
    ("http__query-method-non-standard-port.pcap", "http_host"): "HTTP on another port",
    ("http__query-method-non-standard-port.pcap", "http_url"): "HTTP on another port",
    ("http__zeek-image-post-1080-8000-x.pcap", "http_host"): "HTTP through SOCKS or on another port",
    ("http__zeek-image-post-1080-8000-x.pcap", "http_url"): "HTTP through SOCKS or on another port",
    ("tls__ssl-to-http-server.pcap", "tls_sni"): "TLS on port 80",
}
QUIC = "QUIC is not decoded; said to be a gap"


def read(path: Path) -> tuple[list[Record], Ledger]:
    reader, ledger = reader_for(path.read_bytes()[:65_536], path.name), Ledger()
    assert reader is not None and reader.name == path.suffix[1:]
    source = Opened(path=path.name, name=path.name, open=lambda: path.open("rb"), size=path.stat().st_size)
    return list(reader.read(source, Everything(), ledger)), ledger


def ours(records: list[Record]) -> Values:
    """Count what stands for TShark's fields; a name that one message holds twice counts once."""
    found: Values = Counter()
    for record in records:
        values = [(value.field, value.text) for value in record.values]
        match record.service:
            case "dns" | "mdns" | "llmnr":
                found.update({(f"dns_{record.event['type']}", text) for name, text in values if name == "query"})
            case "http":
                found.update((f"http_{name}", text) for name, text in values if name in ("host", "url"))
            case "tls":
                found.update(("tls_sni", text) for name, text in values if name == "server_name")
    return found


def expected(folder: Path) -> dict[str, Values]:
    answers: dict[str, Values] = defaultdict(Counter)
    with (folder / "EXPECTED_tshark.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            answers[row["pcap"]][row["kind"], row["value"]] += int(row["packets"])
    return answers


def table(shared: Path) -> str:
    """Write the table of the page: totals, then every file and field in which the multisets differ."""
    lines = ["| field | TShark | the same | only TShark | only here |", "|---|---|---|---|---|"]
    differ = ["| file | field | only TShark | only here | why |", "|---|---|---|---|---|"]
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    files = 0
    for name in SETS:
        answers = expected(shared / name)
        for path in sorted((shared / name).glob("*.pcap*")):
            files += 1
            here, there = ours(read(path)[0]), answers[path.name]
            for kind in sorted({kind for kind, _ in (*here, *there)}):
                a, b = (Counter({k: n for k, n in values.items() if k[0] == kind}) for values in (there, here))
                missing, more = (a - b).total(), (b - a).total()
                totals[kind].update(tshark=a.total(), same=(a & b).total(), missing=missing, more=more)
                if missing or more:
                    why = QUIC if path.name.startswith("quic__") else WHY[path.name, kind]
                    differ.append(f"| `{path.name}` | `{kind}` | {missing} | {more} | {why} |")
    for kind, counts in sorted(totals.items()):
        lines.append(
            "| " + " | ".join([f"`{kind}`", *(str(counts[k]) for k in ("tshark", "same", "missing", "more"))]) + " |"
        )
    intro = f"{files} captures of Zeek's and Suricata's test suites, values counted as often as they occur."
    return "\n".join([intro, "", *lines, "", *differ])


@pytest.mark.slow
def test_the_page_lists_every_difference(shared_data: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    begin = page.index("test_captures_real.py -->") + len("test_captures_real.py -->")
    there = page[begin : page.index("Where more is read than TShark")].strip()
    assert there == table(shared_data), "the page differs from what was read; write it anew with this file's table()"


_NOT_DECODED = "packets not decoded beyond their addresses: "
_COUNTED = re.compile(r"(\d+) of ([^,]+(?:, high ports)?)(?:, (?=\d)|\Z)")
_BY_PORT = re.compile(r" \((?:tcp|udp) port \d+\)|(?<=(?:tcp|udp)) port \d+\Z|, high ports\Z")


def undecoded(shared: Path) -> str:
    """Write the other table of the page: what the accounts of all captures say was met and not decoded."""
    packets: Counter[str] = Counter()
    captures: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(p for name in SETS for p in (shared / name).glob("*.pcap*")):
        for note in read(path)[1].notes:
            for count, name in _COUNTED.findall(note.removeprefix(_NOT_DECODED)) if _NOT_DECODED in note else ():
                kind = _BY_PORT.sub("", name)
                packets[kind] += int(count)
                captures[kind].add(path.name)
    rows = sorted(packets, key=lambda kind: (-len(captures[kind]), kind.lower()))
    table = ["| protocol | captures | packets |", "|---|---:|---:|"]
    return "\n".join([*table, *(f"| {kind} | {len(captures[kind])} | {packets[kind]} |" for kind in rows)])


@pytest.mark.slow
def test_the_page_lists_the_protocols_that_are_not_decoded(shared_data: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    begin = page.index("undecoded() -->") + len("undecoded() -->")
    there = page[begin : page.index("<!-- end -->")].strip()
    assert there == undecoded(shared_data), "write it anew with this file's undecoded()"


def test_a_list_of_what_was_not_decoded_is_read_apart() -> None:
    note = "25 of udp port 3797, 3 of icmp6, 14 of tcp, high ports, 2 of NTP (udp port 123)"
    named = [(count, _BY_PORT.sub("", name)) for count, name in _COUNTED.findall(note)]
    assert named == [("25", "udp"), ("3", "icmp6"), ("14", "tcp"), ("2", "NTP")]


_UPSTREAM = {"tls.sni": "tls_sni", "http.hostname": "http_host"}
_BEYOND = {
    ("dns-over-http2-post.pcap", "dns"): "DNS in HTTP/2, a gap",
    ("dns-over-http2-post.pcap", "http"): "HTTP/2, a gap",
}


def upstream(shared: Path) -> list[dict[str, object]]:
    lines = (shared / SETS[0] / "expected_oisf.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_suricatas_own_checks_of_names_and_hosts(shared_data: Path) -> None:
    """Each value that upstream's test.yaml expects is one that we read there; hashes of carried files we have not."""
    checks = upstream(shared_data)
    assert len(checks) == 57
    looked_at = lacking = 0
    for check in checks:
        path, kind = shared_data / SETS[0] / str(check["pcap"]), str(check["event_type"])
        if (path.name, kind) in _BEYOND:
            assert any(gap.reason == "not-supported" for gap in read(path)[1].gaps), path.name
            lacking += 1
            continue
        values = {text.lower() for record in read(path)[0] for text in (value.text for value in record.values)}
        wanted = {name: str(text) for name, text in check.items() if name not in ("pcap", "count", "event_type")}
        hashes = {name for name in wanted if name.startswith("fileinfo.")}
        lacking += bool(hashes)
        for name in wanted.keys() - hashes:
            # We write an address without the brackets that a URL needs.
            assert wanted[name].lower().strip("[]") in values, (path.name, name, wanted[name])
            looked_at += 1
    assert (looked_at, lacking) == (76, 6), "one capture of DNS in HTTP/2, five hashes of files"


def test_every_capture_has_an_account_that_adds_up(shared_data: Path) -> None:
    for path in sorted(p for name in SETS for p in (shared_data / name).glob("*.pcap*")):
        records, ledger = read(path)
        assert len(records) == ledger.records == sum(seen.records for seen in ledger.seen()), path.name
        assert ledger.records or ledger.gaps or ledger.notes, f"{path.name} ended in silence"


def test_a_second_reading_gives_the_same(shared_data: Path) -> None:
    path = shared_data / "zeek-btest-pcaps" / "wikipedia.pcap"
    assert read(path)[0] == read(path)[0]


def test_the_quick_way_gives_what_dpkt_gives(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, plain = layers.quick, 0
    with monkeypatch.context() as patched:
        patched.setattr(layers, "quick", lambda raw: None)
        for path in sorted(p for name in SETS for p in (shared_data / name).glob("*.pcap")):
            with path.open("rb") as stream:
                for frame in _frames(stream, Ledger()):
                    if frame.link != frames.ETHERNET or (segment := quick(frame.raw)) is None:
                        continue
                    (slow,) = layers.Layers().segments(frame)
                    slow.flags &= 0xFF  # dpkt counts the reserved bit in
                    assert segment == slow, f"{path.name}, packet {frame.number}"
                    plain += 1
    assert plain > 5_000


@pytest.mark.parametrize(
    ("folder", "pattern", "telemetry"), [(SETS[1], "quic__*", "tls"), (SETS[0], "dns-over*", "proxy")]
)
def test_what_is_not_decoded_is_said_to_be_a_gap(shared_data: Path, folder: str, pattern: str, telemetry: str) -> None:
    paths = sorted((shared_data / folder).glob(pattern))
    assert paths
    for path in paths:
        _, ledger = read(path)
        assert any(gap.telemetry == telemetry and gap.reason == "not-supported" for gap in ledger.gaps), path.name
