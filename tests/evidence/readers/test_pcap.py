from __future__ import annotations

import itertools
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evidence.capture_kit import (
    CLIENT,
    SERVER,
    START,
    answer,
    asked,
    ethernet,
    hello,
    ipv4,
    ipv6,
    name,
    packed,
    pcap,
    query,
    tcp,
    udp,
)
from tests.evidence.reader_contract import (
    holds_with_and_without_sieve,
    shows_its_plant,
    survives_anything,
    typed_values,
)
from tests.evidence_kit import PLANT, Everything, opened, read_bytes

from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.network import frames
from nachsorge.evidence.read import read_source
from nachsorge.evidence.readers.pcap import Pcap
from nachsorge.evidence.seams import Opened
from nachsorge.model.times import SECOND
from nachsorge.model.words import Kind, Reason, Status, Telemetry

REQUEST = b"GET /a?b=1 HTTP/1.1\r\nHost: evil.example:8080\r\nUser-Agent: Agent/1\r\n\r\n"
BODY = pcap(
    asked("evil.example"),
    ethernet(ipv4(17, udp(53, 53_001, answer("evil.example", (1, packed("192.0.2.9")))), SERVER, CLIENT)),
    asked("good.example", sport=53_002),
    ethernet(ipv4(6, tcp(40_000, 80, 1, flags=2))),
    ethernet(ipv4(6, tcp(40_000, 80, 2, REQUEST))),
    ethernet(ipv4(6, tcp(40_001, 443, 9, hello("evil.example")))),
)


def hosts(body: bytes) -> list[str]:
    records, _ = read_bytes(Pcap(), body)
    return [v.text for r in records for v in r.values if v.kind is Kind.HOST]


def test_it_is_recognised_by_its_magic_number_whatever_the_name() -> None:
    for order in "<>":
        for nano in (True, False):
            found = reader_for(pcap(asked("a.example"), order=order, nano=nano), "notes.txt")
            assert found is not None and found.name == "pcap"


def test_the_contract() -> None:
    holds_with_and_without_sieve(Pcap(), BODY, b"good")
    survives_anything(Pcap(), BODY)
    shows_its_plant(Pcap(), BODY)


@pytest.mark.parametrize("link", sorted(frames.SUPPORTED - {229}))
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_planted_query_is_seen_in_every_link_type_and_byte_order(link: int, order: str) -> None:
    planted = Pcap().plant(pcap(link=link, order=order, nano=True), PLANT)
    assert planted is not None and planted[20:24] == struct.pack(order + "I", link)
    records, _ = read_bytes(Pcap(), planted)
    assert (Kind.HOST, PLANT.host) in typed_values(records) and records[0].addresses[0] == PLANT.address


def test_times_are_read_to_the_microsecond_in_both_resolutions() -> None:
    for nano in (True, False):
        records, ledger = read_bytes(Pcap(), pcap(asked("a.example"), nano=nano, order=">"))
        assert {r.time for r in records} == {START * SECOND + 250_000} == {ledger.first}


def test_what_each_protocol_gives() -> None:
    records, ledger = read_bytes(Pcap(), BODY)
    assert [r.telemetry for r in records] == [
        *[Telemetry.DNS_QUERY] * 3,
        Telemetry.PROXY,
        Telemetry.TLS,
        *[Telemetry.NETWORK_CONNECTION] * 4,
    ]
    assert {(Kind.URL, "http://evil.example:8080/a?b=1"), (Kind.USER_AGENT, "Agent/1")} <= typed_values(records[3:4])
    assert (Kind.ADDRESS, "192.0.2.9") in typed_values(records[1:2])
    assert records[1].addresses == records[0].addresses == (CLIENT, SERVER)
    assert records[4].event["server_name"] == "evil.example"
    assert ledger.unreadable == 0 and not ledger.gaps


def test_a_capture_without_dns_covers_no_dns() -> None:
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(6, tcp(40_000, 80, 2, REQUEST)))))
    assert {seen.telemetry for seen in ledger.seen()} == {Telemetry.PROXY, Telemetry.NETWORK_CONNECTION}


def test_time_without_packets_stays_uncovered() -> None:
    _, ledger = read_bytes(Pcap(), pcap(asked("a.example"), asked("b.example"), step=3 * 3600))
    assert [len(seen.spans) for seen in ledger.seen()] == [2, 2]


def test_presence_is_exact_and_of_each_telemetry() -> None:
    addresses = frozenset({CLIENT, "10.0.0.50", "::5"})
    _, ledger = read_bytes(Pcap(), BODY, addresses=addresses)
    assert {(p.address, p.telemetry) for p in ledger.presence()} == {
        (CLIENT, t) for t in (Telemetry.DNS_QUERY, Telemetry.PROXY, Telemetry.TLS, Telemetry.NETWORK_CONNECTION)
    }


@pytest.mark.parametrize("port", [53, 5353, 5355])
def test_dns_mdns_and_llmnr(port: int) -> None:
    assert "printer.local" in hosts(pcap(asked("printer.local", port)))


def test_dns_over_tcp_in_pieces_and_out_of_order() -> None:
    raw = len(query("tcp.example")).to_bytes(2, "big") + query("tcp.example")
    pieces = [tcp(40_000, 53, 11 + at, raw[at : at + 7]) for at in range(0, len(raw), 7)]
    pieces[1], pieces[2] = pieces[2], pieces[1]
    body = pcap(ethernet(ipv4(6, tcp(40_000, 53, 10, flags=2))), *(ethernet(ipv4(6, p)) for p in [*pieces, *pieces]))
    assert hosts(body) == ["tcp.example"]


def test_a_broken_dns_message_gives_its_question_and_is_counted() -> None:
    records, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(17, udp(53, 9, answer("a.example", (1, b"1234"))[:-2])))))
    assert records[0].event["query"] == "a.example" and ledger.unreadable == 1


def test_junk_on_the_port_of_dns_is_counted() -> None:
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(17, udp(50_009, 53, b"\xff" * 40)))))
    assert ledger.unreadable == 1 and "no DNS message" in ledger.unreadable_at[0]


def inner(host: str = "deep.example") -> bytes:
    return ipv4(17, udp(53_000, 53, query(host)))


@pytest.mark.parametrize(
    "packet",
    [
        ipv4(4, inner()),
        ipv4(47, b"\0\0\x08\0" + inner()),
        ipv4(47, b"\0\0\x65\x58" + ethernet(inner())),
        ipv4(47, b"\x10\0\x88\xbe" + bytes(4) + bytes(8) + ethernet(inner())),
        ipv4(41, ipv6(17, udp(53_000, 53, query("deep.example")))),
        ipv4(17, udp(50_009, 4789, b"\x08" + bytes(7) + ethernet(inner()))),
        ipv4(17, udp(50_009, 6081, b"\0\0\x65\x58" + bytes(4) + ethernet(inner()))),
        ipv4(17, udp(50_009, 2152, b"\x30\xff" + bytes(6) + inner())),
        ipv4(17, udp(50_009, 2152, b"\x32\xff" + bytes(10) + inner())),
        ipv4(17, udp(50_009, 3544, ipv6(17, udp(53_000, 53, query("deep.example"))))),
        ipv4(17, udp(50_009, 3544, b"\0\0" + bytes(6) + ipv6(17, udp(53_000, 53, query("deep.example"))))),
    ],
)
def test_tunnels_are_followed_and_named(packet: bytes) -> None:
    records, ledger = read_bytes(Pcap(), pcap(ethernet(packet)))
    assert (Kind.HOST, "deep.example") in typed_values(records)
    assert "in tunnels, which were followed" in ledger.notes[0]
    assert any(r.addresses[:1] == (CLIENT,) and r.telemetry is Telemetry.NETWORK_CONNECTION for r in records)


def test_tunnels_within_tunnels_end() -> None:
    packet = inner()
    for _ in range(12):
        packet = ipv4(4, packet)
    _, ledger = read_bytes(Pcap(), pcap(ethernet(packet)))
    assert "tunnels too deep" in ledger.notes[-1]


@pytest.mark.parametrize("tags", [1, 2])
def test_vlan_tags(tags: int) -> None:
    tagged = b"\0\x05\x81\0" * (tags - 1) + b"\0\x07\x08\0" + inner()
    assert hosts(pcap(ethernet(tagged, 0x88A8 if tags == 2 else 0x8100))) == ["deep.example"]


def test_fragments_of_ipv4_and_ipv6_are_joined_in_any_order() -> None:
    whole = udp(53_000, 53, query("fragmented.example"))
    first, second = whole[:16], whole[16:]
    four = [ipv4(17, second, part=2, number=5), ipv4(17, first, part=0x2000, number=5)]
    assert hosts(pcap(*(ethernet(packet) for packet in four))) == ["fragmented.example"]
    six = [
        ipv6(44, bytes([17, 0]) + struct.pack(">HI", 1, 77) + first),
        ipv6(44, bytes([17, 0]) + struct.pack(">HI", 16, 77) + second),
    ]
    assert hosts(pcap(*(ethernet(packet, 0x86DD) for packet in six))) == ["fragmented.example"]


def test_a_fragment_that_never_becomes_whole_is_counted() -> None:
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(17, bytes(16), part=0x2000)), asked("a.example")))
    assert "1 of fragments whose datagram never became whole" in ledger.notes[0]


def test_encrypted_dns_takes_its_time_out_of_the_coverage_of_dns() -> None:
    dot = ethernet(ipv4(6, tcp(40_000, 853, 5, hello("resolver.example"))))
    doh = ethernet(ipv4(6, tcp(40_001, 443, 5, hello("dns.google"))))
    _, ledger = read_bytes(Pcap(), pcap(asked("a.example"), dot, doh))
    found = [(g.telemetry, g.reason, g.span is not None) for g in ledger.gaps]
    assert found == [(Telemetry.DNS_QUERY, Reason.NOT_SUPPORTED, True)] * 2
    assert {"853" in gap.note for gap in ledger.gaps} == {True, False}


@pytest.mark.parametrize(
    ("packet", "telemetry"),
    [
        (udp(50_009, 443, b"\xc3\0\0\0\x01" + bytes(40)), Telemetry.TLS),
        (udp(50_009, 4433, b"\x16\xfe\xfd" + bytes(40)), Telemetry.TLS),
    ],
)
def test_handshakes_that_are_not_decoded_are_gaps(packet: bytes, telemetry: Telemetry) -> None:
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(17, packet))))
    (gap,) = ledger.gaps
    assert (gap.reason, gap.telemetry) == (Reason.NOT_SUPPORTED, telemetry) and gap.span is not None


def test_http2_without_encryption_is_a_gap() -> None:
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(6, tcp(9, 80, 1, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))))
    assert [gap.telemetry for gap in ledger.gaps] == [Telemetry.PROXY]


def test_a_link_type_that_is_not_decoded_is_a_gap_with_its_name() -> None:
    records, ledger = read_bytes(Pcap(), pcap(bytes(60), bytes(60), link=105))
    (gap,) = ledger.gaps
    assert not records and gap.reason is Reason.NOT_SUPPORTED
    assert gap.note == "2 packets of 802.11 (link type 105) were not decoded"
    assert Pcap().plant(pcap(link=105), PLANT) is None


def test_what_was_not_decoded_is_listed_with_counts() -> None:
    ssh = ethernet(ipv4(6, tcp(40_000, 2222, 1, b"SSH-2.0-OpenSSH_9\r\n")))
    smb = ethernet(ipv4(6, tcp(40_001, 445, 1, b"\0\0\0\x40\xfeSMB" + bytes(60))))
    arp = ethernet(bytes(28), 0x0806)
    _, ledger = read_bytes(Pcap(), pcap(ssh, smb, smb, arp))
    assert ledger.notes == [
        "packets not decoded beyond their addresses: 2 of SMB (tcp port 445), 1 of SSH, 1 of ARP",
    ] or sorted(ledger.notes[0].partition(": ")[2].split(", ")) == ["1 of ARP", "1 of SSH", "2 of SMB (tcp port 445)"]


def test_packets_cut_short_hide_what_they_held() -> None:
    body = pcap(asked("a-name-that-is-cut.example"), ethernet(ipv4(6, tcp(9, 80, 1, REQUEST))), cut=60)
    records, ledger = read_bytes(Pcap(), body)
    hidden = {gap.telemetry for gap in ledger.gaps if gap.reason is Reason.TRUNCATED and gap.span is not None}
    assert hidden == {Telemetry.DNS_QUERY, Telemetry.PROXY, Telemetry.TLS}
    assert sum(r.telemetry is Telemetry.NETWORK_CONNECTION for r in records) == 2
    assert "2 packets were captured only in part" in ledger.notes


def test_a_cut_or_broken_file_says_so_and_keeps_what_came_before() -> None:
    whole = pcap(asked("a.example"), asked("b.example", sport=2))
    _, ledger = read_bytes(Pcap(), whole[:-3])
    assert ledger.gaps[0].reason is Reason.TRUNCATED and "packet 2" in ledger.gaps[0].note
    at = len(pcap(asked("a.example")))
    broken = whole[: at + 8] + b"\xff\xff\xff\xff" + whole[at + 12 :]
    records, ledger = read_bytes(Pcap(), broken)
    assert ledger.gaps[0].reason is Reason.CORRUPT and records[0].event["query"] == "a.example"


def test_packets_without_a_set_clock_cover_nothing() -> None:
    body = bytearray(pcap(asked("a.example")))
    body[24:28] = bytes(4)
    records, ledger = read_bytes(Pcap(), bytes(body))
    assert ledger.first is None and ledger.gaps[0].reason is Reason.NO_TIME and len(records) == 2


def test_lost_segments_are_passed_over_and_named() -> None:
    segments = [tcp(40_000, 80, 1, REQUEST), tcp(40_000, 80, 1 + 2 * len(REQUEST), REQUEST)]
    records, ledger = read_bytes(Pcap(), pcap(*(ethernet(ipv4(6, segment)) for segment in segments)))
    assert sum(r.telemetry is Telemetry.PROXY for r in records) == 2
    assert ledger.gaps[0].reason is Reason.RECORD_JUMP


def test_starttls_and_connect_wake_the_handshake() -> None:
    commands = b"EHLO me.example\r\nSTARTTLS\r\n"
    mail = [tcp(40_000, 25, 1, commands), tcp(40_000, 25, 1 + len(commands), hello("mail.example"))]
    connect = b"CONNECT web.example:443 HTTP/1.1\r\n\r\n"
    proxy = [tcp(40_001, 3128, 1, connect), tcp(40_001, 3128, 1 + len(connect), hello("web.example"))]
    found = hosts(pcap(*(ethernet(ipv4(6, segment)) for segment in [*mail, *proxy])))
    assert found == ["mail.example", "web.example", "web.example"]


def test_the_envelope_of_a_mail() -> None:
    said = b"EHLO me.example\r\nMAIL FROM:<a@evil.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"
    said += b"MAIL FROM:<no>\r\n.\r\nQUIT\r\n"
    records, _ = read_bytes(Pcap(), pcap(ethernet(ipv4(6, tcp(40_000, 25, 1, said)))))
    assert records[0].telemetry is Telemetry.EMAIL
    assert {(Kind.EMAIL, "a@evil.example"), (Kind.EMAIL, "b@x.example")} < typed_values(records[:1])
    assert "no" not in {text for _, text in typed_values(records)}


def test_leases_of_dhcp_take_the_name_from_the_request() -> None:
    def message(op: int, kind: int, options: bytes, given: str = "0.0.0.0") -> bytes:
        head = (
            bytes([op, 1, 6, 0]) + bytes(12) + packed(given) + bytes(8) + b"\x02\0\0\0\0\x09" + bytes(10) + bytes(192)
        )
        return head + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + b"\xff"

    ask = ethernet(ipv4(17, udp(68, 67, message(1, 3, b"\x0c\x03pc1"))))
    give = ethernet(ipv4(17, udp(67, 68, message(2, 5, b"\x33\x04\0\0\x0e\x10", "10.0.0.77"))))
    _, ledger = read_bytes(Pcap(), pcap(ask, give))
    (lease,) = ledger.leases
    assert (lease.address, lease.host, lease.mac) == ("10.0.0.77", "pc1", "02:00:00:00:00:09")
    assert lease.span is not None and lease.span.end - lease.span.start == 3600 * SECOND


def test_without_the_extra_it_is_recognised_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("nachsorge.evidence.readers.pcap.dpkt", None)
    source = Opened(path="x.pcap", name="x.pcap", open=lambda: io.BytesIO(BODY), size=len(BODY))
    reader = reader_for(BODY, "x.pcap")
    assert reader is not None
    reading = read_source(source, reader, None, lambda _: None)  # type: ignore[arg-type]
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING_EXTRA)
    assert "pip install 'nachsorge[network]'" in reading.note


def test_compressed_names_that_run_in_a_circle_end() -> None:
    circle = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\x01a\xc0\x0c\0\1\0\1"
    _, ledger = read_bytes(Pcap(), pcap(ethernet(ipv4(17, udp(50_009, 53, circle)))))
    assert ledger.unreadable == 1
    assert name("a.b") == b"\x01a\x01b\0"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=120), max_size=6), st.sampled_from(sorted(frames.SUPPORTED)))
def test_any_bytes_in_frames_never_raise(contents: list[bytes], link: int) -> None:
    records, ledger = read_bytes(Pcap(), pcap(*contents, link=link))
    assert len(records) == ledger.records == sum(seen.records for seen in ledger.seen())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([53, 5353, 67, 443, 4789, 2152, 3544, 6081, 853]), st.binary(max_size=150)),
        max_size=4,
    ),
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from([25, 53, 80, 443]), st.binary(max_size=80)), max_size=8),
)
def test_any_payload_never_raises(datagrams: list[tuple[int, bytes]], segments: list[tuple[int, int, bytes]]) -> None:
    packets = [ipv4(17, udp(68 if port == 67 else 9, port, body)) for port, body in datagrams]
    packets += [ipv4(6, tcp(9, port, seq, body)) for seq, port, body in segments]
    records, ledger = read_bytes(Pcap(), pcap(*(ethernet(packet) for packet in packets)))
    assert len(records) == ledger.records


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_behind_the_header_never_raise(junk: bytes) -> None:
    read_bytes(Pcap(), pcap() + junk)


def test_the_stream_is_the_same_however_it_is_cut_and_ordered() -> None:
    chance = random.Random(5)
    stream = REQUEST * 3 + b"POST /x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 9\r\n\r\nGET / HTT" + REQUEST
    for _ in range(25):
        cuts = sorted({0, len(stream), *(chance.randrange(len(stream)) for _ in range(9))})
        pieces = [tcp(40_000, 80, 101 + a, stream[a:b]) for a, b in itertools.pairwise(cuts)]
        pieces += chance.sample(pieces, 3)
        chance.shuffle(pieces)
        opening = ethernet(ipv4(6, tcp(40_000, 80, 100, flags=2)))
        records, ledger = read_bytes(Pcap(), pcap(opening, *(ethernet(ipv4(6, piece)) for piece in pieces)))
        assert [r.event["uri"] for r in records if r.telemetry is Telemetry.PROXY] == ["/a?b=1"] * 3 + ["/x", "/a?b=1"]
        assert not ledger.gaps


def test_flows_beyond_the_bound_are_closed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nachsorge.evidence.network.flows.MOST_FLOWS", 3)
    segments = [ethernet(ipv4(6, tcp(40_000 + n, 80, 1, REQUEST))) for n in range(9)]
    datagrams = [asked("a.example", sport=50_000 + n) for n in range(9)]
    seen: list[int] = []
    for number, record in enumerate(Pcap().read(opened(pcap(*segments, *datagrams)), Everything(), Ledger())):
        if record.telemetry is Telemetry.NETWORK_CONNECTION:
            seen.append(number)
    assert len(seen) == 18 and sum(number < 33 for number in seen) == 15  # only three were left for the end


def test_streams_beyond_the_bound_of_memory_are_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nachsorge.evidence.network.flows.MOST_HELD", 100)
    unfinished = [ethernet(ipv4(6, tcp(40_000 + n, 80, 1, REQUEST[:-4]))) for n in range(9)]
    records, ledger = read_bytes(Pcap(), pcap(*unfinished))
    assert [gap.reason for gap in ledger.gaps] == [Reason.LIMIT]
    assert sum(r.telemetry is Telemetry.PROXY for r in records) == 9


def test_a_long_flow_is_told_each_hour() -> None:
    keep = [ethernet(ipv4(17, udp(50_009, 9999, b"x"))) for _ in range(20)]
    records, _ = read_bytes(Pcap(), pcap(*keep, step=500))
    times = [r.time for r in records]
    assert len(times) == 3 and times == sorted(times, key=lambda time: time or 0)
