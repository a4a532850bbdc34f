"""Each log of text is taken by its own reader, and by no other more gladly; text of no format is plain text."""

import pytest

from nachsorge.evidence.readers.bind import Bind
from nachsorge.evidence.readers.cef import Cef
from nachsorge.evidence.readers.csv_table import CsvTable
from nachsorge.evidence.readers.dnsmasq import Dnsmasq
from nachsorge.evidence.readers.leef import Leef
from nachsorge.evidence.readers.ndjson import Ndjson
from nachsorge.evidence.readers.plain_text import PlainText
from nachsorge.evidence.readers.syslog import Syslog
from nachsorge.evidence.readers.windns import Windns

READERS = (Syslog(), Cef(), Leef(), Bind(), Dnsmasq(), Windns(), CsvTable(), Ndjson(), PlainText())
BIND_LINE = b"client @0x7f12 10.0.0.5#51515 (evil.example): query: evil.example IN A +E(0)K (10.0.0.1)\n"
SAMPLES = [
    ("syslog", b"Mar 29 10:11:12 web01 sshd[811]: Accepted publickey for root\n"),
    ("syslog", b"<165>1 2023-03-29T10:11:12.003Z mail01 postfix 77 ID47 - sent, with, commas\n"),
    ("syslog", b"2023-03-29T10:11:12.003+02:00 web01 kernel: [1.0] martian source\n"),
    ("syslog", b"2023-03-29T10:11:12Z fe80-1.example named[7]: received control channel command\n"),
    # A time at the beginning alone makes no syslog: the next word would become a machine.
    ("plain_text", b"2023-03-29 10:11:12 install libc6:amd64 <none> 2.31-13\n"),
    ("plain_text", b"2023-03-29T10:11:12.003Z stdout F listening\n"),
    ("plain_text", b"2023-03-29 10:11:12 ALLOW TCP 10.0.0.5 10.0.0.6 1 2\n"),
    ("cef", b"CEF:0|V|P|1|7|web|3|src=192.0.2.9 request=http://evil.example/a\n"),
    ("cef", b"<13>Mar 29 10:11:12 fw CEF:0|V|P|1|7|web|3|src=192.0.2.9\n"),
    ("leef", b"LEEF:1.0|V|P|1|web|src=192.0.2.9\turl=http://evil.example/a\n"),
    ("leef", b"<13>Mar 29 10:11:12 fw LEEF:2.0|V|P|1|web|^|src=192.0.2.9^a=b\n"),
    ("bind", b"29-Mar-2023 10:11:12.345 " + BIND_LINE),
    ("bind", b"2023-03-29T10:11:12.345Z queries: info: " + BIND_LINE),
    ("bind", b"Mar 29 10:11:12 ns1 named[7]: " + BIND_LINE),
    ("dnsmasq", b"Mar 29 10:11:12 dnsmasq[12]: query[A] evil.example from 10.0.0.5\n"),
    ("dnsmasq", b"Mar 29 10:11:12 gw dnsmasq-dhcp[12]: DHCPACK(eth0) 10.0.0.5 aa:bb:cc:dd:ee:01 pc5\n"),
    ("windns", b"DNS Server log file creation at 3/29/2023 10:00:00 AM\r\n"),
    (
        "windns",
        b"29.03.2023 10:11:12 0F48 PACKET  00000000028657F0 "
        b"UDP Rcv 10.0.0.5  0002   Q [0001   D   NOERROR] A  (1)a(0)\r\n",
    ),
    ("csv_table", b"time,client,query\n2023-03-29T10:11:12Z,10.0.0.5,evil.example\n"),
    ("csv_table", b"sep=;\r\nComputer;Name;Version\r\npc1;x;1\r\n"),
    ("csv_table", b"a\tb\n1\t2\n3\t4\n"),
    ("ndjson", b'{"time": 1680084672, "a": "b"}\n'),
    ("ndjson", b'[\n  {"a": 1}\n]\n'),
    ("plain_text", b"Dear all,\nevil.example was seen.\n"),
]


@pytest.mark.parametrize(("name", "head"), SAMPLES)
def test_the_right_reader_wins(name, head):
    scores = {reader.name: reader.accepts(head, "evidence.log") for reader in READERS}
    best = max(scores.values())
    assert [reader for reader, score in scores.items() if score == best] == [name]


def test_binary_is_nobodys():
    assert not any(reader.accepts(b"\x7fELF\x02\x01\x01\x00\x00\x00", "x.log") for reader in READERS)
