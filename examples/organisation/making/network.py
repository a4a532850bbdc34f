"""What the networks of the two sites saw: Zeek and Squid in Gmunden, BIND in Wels."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import story
from .files import gz
from .story import BEGIN, END, at, dice, pick, ticks

_DNS_FIELDS = ["ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "trans_id", "rtt", "query", "qclass", "qclass_name", "qtype", "qtype_name", "rcode", "rcode_name", "AA", "TC", "RD", "RA", "Z", "answers", "TTLs", "rejected"]
_DNS_TYPES = ["time", "string", "addr", "port", "addr", "port", "enum", "count", "interval", "string", "count", "string", "count", "string", "count", "string", "bool", "bool", "bool", "bool", "count", "vector[string]", "vector[interval]", "bool"]
_DHCP_FIELDS = ["ts", "uids", "client_addr", "server_addr", "mac", "host_name", "client_fqdn", "domain", "requested_addr", "assigned_addr", "lease_time", "client_message", "server_message", "msg_types", "duration"]
_DHCP_TYPES = ["time", "set[string]", "addr", "addr", "string", "string", "string", "string", "addr", "addr", "interval", "string", "string", "vector[string]", "interval"]
_LEASE = timedelta(days=8)


def gmunden() -> dict[str, bytes]:
    """Give the files of the sensor in Gmunden."""
    return _zeek_dns() | {"gmunden/zeek/dhcp.log.gz": gz(_zeek_dhcp())} | _squid()


def _header(path: str, opened: datetime, fields: list[str], types: list[str]) -> str:
    return (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
        f"#path\t{path}\n#open\t{opened:%Y-%m-%d-%H-%M-%S}\n"
        "#fields\t" + "\t".join(fields) + "\n#types\t" + "\t".join(types) + "\n"
    )


def _queries() -> list[tuple[datetime, str, str]]:
    """Give (time, client, name): everyday business, the decoys, and what the story says."""
    rng = dice("dns")
    clients = (story.THEFT, story.DORMANT, story.CLEANED, story.MAC, story.RULED_OUT)
    found = []
    for when in ticks("dns", BEGIN, END, 12):
        host = clients[int(rng.random() * len(clients))]
        found.append((when, story.address_of(host, when), pick(rng, story.EVERYDAY)))
    found += [(when, story.address_of(story.THEFT, when), story.C2_THEFT) for when in story.BEACON_TIMES]
    found.append((story.TALK_AFTER, story.address_of(story.CLEANED, story.TALK_AFTER), story.C2_CLEANED))
    developer = story.RULED_OUT.address
    for day, name in enumerate(story.DECOYS * 3):
        found.append((at("2023-03-08 10:17:41") + timedelta(days=2 * day), developer, name))
    return sorted(found)


def _zeek_dns() -> dict[str, bytes]:
    rng, files, start = dice("zeek"), {}, BEGIN
    queries = _queries()
    while start < END:
        end = start + timedelta(days=7)
        rows = [_dns_row(*query, rng.random()) for query in queries if start <= query[0] < end]
        body = _header("dns", start, _DNS_FIELDS, _DNS_TYPES) + "".join(rows) + f"#close\t{end:%Y-%m-%d-%H-%M-%S}\n"
        files[f"gmunden/zeek/dns.{start:%Y-%m-%d}.log.gz"] = gz(body.encode())
        start = end
    return files


def _dns_row(when: datetime, client: str, name: str, chance: float) -> str:
    number = int(chance * 60_000)
    answer = "198.51.100.20" if name in (story.C2_THEFT, story.C2_CLEANED) else "192.0.2.80"
    cells = [
        _stamp(when), f"C{number:05d}{client[-2:]}", client, str(1024 + number), "10.20.1.53", "53", "udp", str(number),
        "0.012000", name, "1", "C_INTERNET", "1", "A", "0", "NOERROR", "F", "F", "T", "T", "0", answer, "300.000000", "F",
    ]  # fmt: skip
    return "\t".join(cells) + "\n"


def _stamp(when: datetime) -> str:
    return f"{when.timestamp():.6f}"


def _zeek_dhcp() -> bytes:
    """Leases run eight days and are renewed half-way, as Windows clients do."""
    rows = []
    for number, (start, end, address, host) in enumerate(story.LEASES):
        when = start + timedelta(minutes=3, seconds=number)
        # The last lease of an address that is given away later ends in time.
        while when + (_LEASE if end is not END else timedelta()) < end:
            rows.append((when, address, host, number))
            when += _LEASE / 2
    lines = [
        "\t".join(
            [
                _stamp(when), f"D{number}{when:%m%d}", address, "10.20.1.53", f"02:00:5e:10:00:{number:02x}", host.name,
                host.fqdn, story.DOMAIN, address, address, f"{_LEASE.total_seconds():.6f}", "-", "-", "REQUEST,ACK",
                "0.004000",
            ]
        )
        for when, address, host, number in sorted(rows, key=lambda row: row[0])
    ]  # fmt: skip
    return (_header("dhcp", BEGIN, _DHCP_FIELDS, _DHCP_TYPES) + "\n".join(lines) + "\n").encode()


def _requests() -> list[tuple[datetime, str, str, str]]:
    """Give (time, client, method, url) of the proxy, which opens TLS: full addresses are visible."""
    rng = dice("squid")
    clients = (story.THEFT, story.DORMANT, story.CLEANED, story.MAC, story.RULED_OUT)
    found = []
    for when in ticks("squid", BEGIN, END, 20):
        host = clients[int(rng.random() * len(clients))]
        url = f"https://{pick(rng, story.EVERYDAY)}/seite/{int(rng.random() * 400)}"
        found.append((when, story.address_of(host, when), "GET", url))
    theft = story.address_of(story.THEFT, story.ICON_TIME)
    found.append((story.ICON_TIME, theft, "GET", story.ICON))
    found += [(when + timedelta(seconds=1), theft, "POST", story.C2_THEFT_URL) for when in story.BEACON_TIMES]
    developer = story.RULED_OUT.address
    for day in range(0, 60, 6):
        when = at("2023-03-03 13:02:11") + timedelta(days=day)
        found.append((when, developer, "GET", "https://raw.githubusercontent.com/almtal-keramik/shop/main/README.md"))
        found.append((when + timedelta(seconds=9), developer, "GET", "https://www.3cx.com/phone-system/"))
    return sorted(found)


def _squid() -> dict[str, bytes]:
    rng = dice("squid/bytes")
    lines = [(when, _squid_line(when, *rest, int(rng.random() * 90_000))) for when, *rest in _requests()]
    files = {}
    months = (("2023-02-01", "2023-03-01"), ("2023-03-01", "2023-04-01"), ("2023-04-01", "2023-06-01"))
    for first, last in months:
        start, end = at(f"{first} 00:00:00"), at(f"{last} 00:00:00")
        body = "".join(line for when, line in lines if start <= when < end)
        files[f"gmunden/proxy/access.log-{first.replace('-', '')}.gz"] = gz(body.encode())
    files["gmunden/proxy/access.log-20221201.gz"] = _broken_off()
    return files


def _squid_line(when: datetime, client: str, method: str, url: str, size: int) -> str:
    kind = "-" if method == "POST" else "text/html"
    stamp = f"{when.timestamp():.3f}"
    return f"{stamp} {size % 900 + 20:6d} {client} TCP_MISS/200 {size} {method} {url} - HIER_DIRECT/192.0.2.80 {kind}\n"


def _broken_off() -> bytes:
    """Give the proxy log of December as the archive had it: the copy breaks off in the middle."""
    start = at("2022-12-01 06:00:00")
    times = ticks("squid/december", start, start + timedelta(days=14), 60)
    rng = dice("squid/december")
    lines = [
        _squid_line(when, "10.20.1.40", "GET", f"https://{pick(rng, story.EVERYDAY)}/{int(rng.random() * 4000)}", 4711)
        for when in times
    ]
    whole = gz("".join(lines).encode())
    return whole[: len(whole) * 3 // 5]


def wels() -> dict[str, bytes]:
    """Give BIND's query log in Wels: four files, as `versions 3` leaves them, the oldest with the highest number."""
    rng = dice("bind")
    times = [when for when in ticks("bind", BEGIN, END, 12) if not story.HOLE[0] <= when < story.HOLE[1]]
    lines = []
    for when in times:
        client = story.HOLED.address if rng.random() < 0.5 else "10.20.2.90"
        lines.append((when, _bind_line(when, client, pick(rng, story.EVERYDAY), int(rng.random() * 60_000))))
    ends = (at("2023-03-01 00:00:00"), story.HOLE[0], at("2023-04-14 00:00:00"), END)
    files, start = {}, BEGIN
    for end, name in zip(ends, ("queries.log.2", "queries.log.1", "queries.log.0", "queries.log"), strict=True):
        body = "".join(line for when, line in lines if start <= when < end)
        files[f"wels/dns/{name}.gz"] = gz(body.encode())
        start = end
    return files


def _bind_line(when: datetime, client: str, name: str, number: int) -> str:
    stamp = f"{when:%d-%b-%Y %H:%M:%S}.{when.microsecond // 1000:03d}"
    query = f"client @0x7f20c00{number:05x} {client}#{1024 + number} ({name}): query: {name} IN A +E(0)K (10.20.2.1)"
    return f"{stamp} queries: info: {query}\n"
