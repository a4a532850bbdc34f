"""Suricata itself loads the rules, and a capture replayed through it alerts where it must and nowhere else."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from typing import TYPE_CHECKING

import dpkt  # type: ignore[import-untyped]
import pytest
from tests.exports.packs.kit import body, everything, exported, known, program, row, run, save

from nachsorge.exports.packs.naming import numbers, revision
from nachsorge.model.words import IndicatorType, Weight

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Pack

CONFIG = """%YAML 1.1
---
vars: {address-groups: {HOME_NET: any, EXTERNAL_NET: any}, port-groups: {}}
default-log-dir: .
outputs:
  - eve-log: {enabled: yes, filetype: regular, filename: eve.json, types: [alert]}
app-layer:
  protocols:
    dns: {udp: {enabled: yes, detection-ports: {dp: 53}}, tcp: {enabled: yes, detection-ports: {dp: 53}}}
    http: {enabled: yes}
    tls: {enabled: yes}
    smtp: {enabled: yes}
    smb: {enabled: yes, detection-ports: {dp: 445}}
    ftp: {enabled: yes}
"""


def query(client: str, name: str, port: int) -> bytes:
    asked = dpkt.dns.DNS(id=port, qr=0, opcode=0, qd=[dpkt.dns.DNS.Q(name=name, type=1, cls=1)])
    asked.rd = 1
    udp = dpkt.udp.UDP(sport=port, dport=53, data=bytes(asked))
    udp.ulen = 8 + len(bytes(asked))
    return packet(client, "192.0.2.53", udp, dpkt.ip.IP_PROTO_UDP)


def packet(source: str, target: str, inner: object, protocol: int) -> bytes:
    ip = dpkt.ip.IP(src=socket.inet_aton(source), dst=socket.inet_aton(target), p=protocol, ttl=64, data=inner)
    ip.len = 20 + len(bytes(inner))  # type: ignore[call-overload]
    return bytes(dpkt.ethernet.Ethernet(src=b"\2\0\0\0\0\1", dst=b"\2\0\0\0\0\2", type=0x0800, data=ip))


def http(client: str, server: str, request: bytes, answer: bytes, port: int) -> list[bytes]:
    """Make a whole TCP connection with one request and its answer."""
    out, here, there = [], 1000, 5000

    def segment(flags: int, *, back: bool = False, data: bytes = b"") -> None:
        nonlocal here, there
        ends = (80, port, there, here) if back else (port, 80, here, there)
        tcp = dpkt.tcp.TCP(sport=ends[0], dport=ends[1], seq=ends[2], ack=ends[3], flags=flags, win=65535, data=data)
        out.append(packet(*((server, client) if back else (client, server)), tcp, dpkt.ip.IP_PROTO_TCP))
        moved = len(data) + bool(flags & (dpkt.tcp.TH_SYN | dpkt.tcp.TH_FIN))
        here, there = (here, there + moved) if back else (here + moved, there)

    syn, ack, fin, psh = dpkt.tcp.TH_SYN, dpkt.tcp.TH_ACK, dpkt.tcp.TH_FIN, dpkt.tcp.TH_PUSH
    segment(syn)
    segment(syn | ack, back=True)
    segment(ack)
    segment(psh | ack, data=request)
    segment(psh | ack, back=True, data=answer)
    segment(ack)
    segment(fin | ack)
    segment(fin | ack, back=True)
    segment(ack)
    return out


def replay(folder: Path, incident: Pack, packets: list[bytes]) -> list[tuple[str, str]]:
    """Give (client, message) of every alert."""
    suricata = program("suricata")
    rules = save(exported("suricata", incident), folder)
    (folder / "suricata.yaml").write_text(CONFIG, encoding="utf-8")
    with (folder / "made.pcap").open("wb") as stream:
        writer = dpkt.pcap.Writer(stream)
        for index, each in enumerate(packets):
            writer.writepkt(each, ts=1_700_000_000 + index * 0.01)
    done = run(
        suricata, "-c", "suricata.yaml", "-S", rules.name, "-r", "made.pcap", "-l", ".", "-k", "none", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    lines = (folder / "eve.json").read_text(encoding="utf-8").splitlines()
    alerts = [json.loads(line) for line in lines]
    return sorted((each["src_ip"], each["alert"]["signature"]) for each in alerts if each["event_type"] == "alert")


def test_suricata_accepts_every_rule(tmp_path: Path) -> None:
    suricata = program("suricata")
    rules = save(exported("suricata", everything()), tmp_path)
    (tmp_path / "suricata.yaml").write_text(CONFIG, encoding="utf-8")
    done = run(suricata, "-T", "-c", "suricata.yaml", "-S", rules.name, "-l", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    rules.write_text(rules.read_text(encoding="utf-8").replace("dns.query;", "dns.qery;", 1), encoding="utf-8")
    broken = run(suricata, "-T", "-c", "suricata.yaml", "-S", rules.name, "-l", ".", cwd=tmp_path)
    assert broken.returncode != 0, "suricata -T does not notice a broken rule: the check above proves nothing"


def test_a_name_alerts_with_all_below_it_and_no_neighbour(tmp_path: Path) -> None:
    names = ["c2.example", "WWW.C2.Example", "notc2.example", "c2.example.org", "www.example.org"]
    packets = [query(f"192.0.2.{index}", name, 40_000 + index) for index, name in enumerate(names, 10)]
    alerts = replay(tmp_path, known(row(IndicatorType.DOMAIN, "c2.example")), packets)
    assert [client for client, _ in alerts] == ["192.0.2.10", "192.0.2.11"]
    assert all(message == "nachsorge made-2026 beacon domain c2.example" for _, message in alerts)


def test_addresses_networks_urls_agents_and_files_alert(tmp_path: Path) -> None:
    content = b"a file of the incident"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%s"
    incident = known(
        row(IndicatorType.IP, "203.0.113.5"),
        row(IndicatorType.CIDR, "198.51.100.0/24"),
        row(IndicatorType.URL, "http://host.example/a/b?q=1;2"),
        row(IndicatorType.URL_PATTERN, "img.example/a/*/x.ico"),
        row(IndicatorType.USER_AGENT, 'Evil "Agent"/1.0; (x)'),
        row(IndicatorType.SHA256, hashlib.sha256(content).hexdigest(), "there"),
    )

    def ask(last: int, server: str, line: bytes, host: bytes, agent: bytes = b"x/1") -> list[bytes]:
        request = b"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n" % (line, host, agent)
        body = content if last == 25 else b"nothing"
        return http(f"192.0.2.{last}", server, request, answer % (len(body), body), 50_000 + last)

    packets = [
        *ask(20, "203.0.113.5", b"/", b"plain.example"),
        *ask(21, "198.51.100.77", b"/", b"plain.example"),
        *ask(22, "203.0.113.9", b"/a/b?q=1;2", b"host.example"),
        *ask(23, "203.0.113.9", b"/a/deep/x.ico", b"www.img.example"),
        *ask(24, "203.0.113.9", b"/", b"plain.example", b'Evil "Agent"/1.0; (x)'),
        *ask(25, "203.0.113.9", b"/download", b"plain.example"),
        *ask(30, "203.0.113.50", b"/a/b?q=1;23", b"host.example"),
        *ask(31, "203.0.113.9", b"/b/deep/x.ico", b"img.example"),
        *ask(32, "203.0.113.9", b"/", b"plain.example", b'EVIL "Agent"/1.0; (x)'),
    ]
    alerts = replay(tmp_path, incident, packets)
    met = {(source, message.removeprefix("nachsorge made-2026 ")) for source, message in alerts}
    assert met == {
        ("192.0.2.20", "beacon address of the list"),
        ("192.0.2.21", "beacon cidr 198.51.100.0/24"),
        ("192.0.2.22", "beacon url http //host.example/a/b?q=1 2"),
        ("192.0.2.23", "beacon url_pattern img.example/a/*/x.ico"),
        ("192.0.2.24", "beacon user_agent Evil Agent /1.0 x"),
        ("203.0.113.9", "installed file by its sha256"),
    }


def test_every_rule_has_a_number_of_the_local_range_and_the_pack_in_it() -> None:
    text = body(exported("suricata", everything()))
    rules = [line for line in text.splitlines() if line.startswith("alert ")]
    found = [re.search(r"sid:(\d+); rev:(\d+);\)$", line) for line in rules]
    sids = [int(each[1]) for each in found if each]
    assert len(set(sids)) == len(rules) > 20
    assert all(1_000_000 <= sid < 2_000_000 for sid in sids)
    assert all("metadata:pack made-2026, stage " in line for line in rules)


def test_numbers_stay_when_rows_come_and_go() -> None:
    few, many = numbers(["a", "b"]), numbers([*map(str, range(500)), "a", "b"])
    assert {name: many[name] for name in few} == few
    assert len(set(many.values())) == 502


@pytest.mark.parametrize(("version", "number"), [("1.2.3", 10203), ("0.1.0", 100), ("2", 20000), ("a1b2", 1), ("", 1)])
def test_the_revision_grows_with_the_version(version: str, number: int) -> None:
    assert revision(version) == number


def test_hints_have_the_lowest_priority() -> None:
    text = body(exported("suricata", known(row(IndicatorType.DOMAIN, "c2.example", "lead"))))
    assert f"weight {Weight.HINT}" in text
    assert "priority:3" in text
    assert "priority:1" not in text
