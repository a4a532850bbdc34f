"""Made logs and lists: the same bytes from the same seed, with planted hits and decoys for a literal search.

Ten kinds of logs, since formats are what costs: Zeek dns and conn (TSV), Zeek dns and http (JSON), Suricata EVE, squid,
a web server's combined log, IIS, dnsmasq in syslog, and the debug log of Windows' DNS server.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20230413
START = 1_679_270_400  # 2023-03-20T00:00:00Z: a day that is no month
_SYLLABLES = tuple(c + v for c in "bdfghklmnprstv" for v in "aeio")
_TLDS = ("example", "test", "invalid.example", "net.example", "org.example")


@dataclass(frozen=True, slots=True)
class Data:
    """The files, their bytes in all, and which names were planted (each is in every list)."""

    files: tuple[Path, ...]
    size: int
    planted: tuple[str, ...]


def name(rng: random.Random) -> str:
    """Make a domain that no other part of the data makes twice by intent."""
    label = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(3, 6)))
    return f"{label}{rng.randint(0, 999)}.{rng.choice(_TLDS)}"


def write_lists(
    folder: Path, sizes: tuple[int, ...], planted: tuple[str, ...], *, domains: bool = False
) -> dict[int, Path]:
    """Write nested lists, one value a line for the opponents and as CSV for us; all hold the planted names.

    Of twenty values eleven are domains, three addresses, three hashes, two URLs and one a file's name; or all domains.
    """
    rng = random.Random(SEED + 1)
    values = [("domain", each) for each in planted]
    lists: dict[int, Path] = {}
    for size in sizes:
        while len(values) < size:
            values.append(_indicator(rng, 0 if domains else len(values) % 20))
        path = folder / f"list-{size}.txt"
        path.write_text("".join(f"{value}\n" for _, value in values[:size]))
        path.with_suffix(".csv").write_text("type,value\n" + "".join(f"{k},{v}\n" for k, v in values[:size]))
        lists[size] = path
    return lists


def _indicator(rng: random.Random, place: int) -> tuple[str, str]:
    if place < 11:
        return "domain", "x" + name(rng)
    if place < 14:
        return "ip", f"{rng.randint(11, 99)}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
    if place < 17:
        return ("md5", f"{rng.getrandbits(128):032x}") if place == 14 else ("sha256", f"{rng.getrandbits(256):064x}")
    if place < 19:
        return "url", f"http://u{name(rng)}/{name(rng)}/{rng.getrandbits(32):08x}.bin"
    return "file_name", f"{name(rng)}-{rng.getrandbits(40):x}.exe"


def planted_names() -> tuple[str, ...]:
    """Give the names that are planted in every kind of log."""
    return _planted(random.Random(SEED))


def _planted(rng: random.Random) -> tuple[str, ...]:
    return tuple(f"planted{n}-{name(rng)}" for n in range(10))


def write_logs(folder: Path, megabytes: int, each: int = 8) -> Data:
    """Write about so many megabytes of logs in files of `each`; 10 names are planted in each kind."""
    rng = random.Random(SEED)
    planted = _planted(rng)
    common = [name(rng) for _ in range(20_000)]
    files: list[Path] = []
    for number in range(max(megabytes // each, len(KINDS))):
        kind, line, header = KINDS[number % len(KINDS)]
        path = folder / f"{number:03}-{kind}"
        with path.open("w", newline="") as stream:
            stream.write(header)
            stream.writelines(_lines(rng, line, common, planted, each * 1_000_000))
        files.append(path)
    return Data(tuple(files), sum(path.stat().st_size for path in files), planted)


def _lines(
    rng: random.Random,
    line: Callable[[random.Random, str, float], str],
    common: list[str],
    planted: tuple[str, ...],
    size: int,
) -> Iterator[str]:
    written, number, time = 0, 0, float(START)
    while written < size:
        time += rng.random() * 2
        number += 1
        if number % 9973 == 0:
            host = "www." + planted[number // 9973 % len(planted)]
        elif number % 997 == 0:
            host = "not" + planted[number // 997 % len(planted)]  # a decoy: glued in front
        else:
            host = rng.choice(common)
        text = line(rng, host, time)
        written += len(text)
        yield text


_ZEEK_HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\tquery\tqtype_name\trcode_name\tanswers\n"
)


def _address(rng: random.Random) -> str:
    return f"10.{rng.randint(0, 3)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def _uid(rng: random.Random) -> str:
    return f"C{rng.getrandbits(80):020x}"


def _zeek_tsv(rng: random.Random, host: str, time: float) -> str:
    return (
        f"{time:.6f}\t{_uid(rng)}\t{_address(rng)}\t{rng.randint(1024, 65535)}\t10.0.0.53\t53\tudp"
        f"\t{rng.randint(0, 65535)}\t{host}\tA\tNOERROR\t{_address(rng)}\n"
    )


def _zeek_json(rng: random.Random, host: str, time: float) -> str:
    return (
        f'{{"_path":"dns","ts":{time:.6f},"uid":"{_uid(rng)}","id.orig_h":"{_address(rng)}",'
        f'"id.orig_p":{rng.randint(1024, 65535)},"id.resp_h":"10.0.0.53","id.resp_p":53,"proto":"udp",'
        f'"query":"{host}","qtype_name":"A","answers":["{_address(rng)}"]}}\n'
    )


def _eve(rng: random.Random, host: str, time: float) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
    return (
        f'{{"timestamp":"{stamp}","flow_id":{rng.getrandbits(50)},"event_type":"tls","src_ip":"{_address(rng)}",'
        f'"src_port":{rng.randint(1024, 65535)},"dest_ip":"{_address(rng)}","dest_port":443,"proto":"TCP",'
        f'"tls":{{"sni":"{host}","version":"TLS 1.3","subject":"CN={host}"}}}}\n'
    )


def _squid(rng: random.Random, host: str, time: float) -> str:
    return (
        f"{time:.3f} {rng.randint(1, 900):6d} {_address(rng)} TCP_MISS/200 {rng.randint(200, 90000)} GET "
        f"http://{host}/{_uid(rng)}/index.html - HIER_DIRECT/{_address(rng)} text/html\n"
    )


_CONN_HEADER = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes"
    "\tconn_state\n"
)
_IIS_HEADER = (
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)"
    " sc-status time-taken\n"
)


def _zeek_conn(rng: random.Random, host: str, time: float) -> str:
    return (
        f"{time:.6f}\t{_uid(rng)}\t{_address(rng)}\t{rng.randint(1024, 65535)}\t{_address(rng)}\t443\ttcp\tssl"
        f"\t{rng.random() * 60:.6f}\t{rng.randint(100, 9999)}\t{rng.randint(100, 99999)}\tSF\n"
    )


def _zeek_http(rng: random.Random, host: str, time: float) -> str:
    return (
        f'{{"_path":"http","ts":{time:.6f},"uid":"{_uid(rng)}","id.orig_h":"{_address(rng)}",'
        f'"id.orig_p":{rng.randint(1024, 65535)},"id.resp_h":"{_address(rng)}","id.resp_p":80,"method":"GET",'
        f'"host":"{host}","uri":"/{_uid(rng)}/index.html","user_agent":"Mozilla/5.0 (X11; Linux x86_64)",'
        '"status_code":200}\n'
    )


def _combined(rng: random.Random, host: str, time: float) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return (
        f'{_address(rng)} - - [{stamp}] "GET /{_uid(rng)}/index.html HTTP/1.1" 200 {rng.randint(200, 90000)} '
        f'"http://{host}/start" "Mozilla/5.0 (X11; Linux x86_64)"\n'
    )


def _iis(rng: random.Random, host: str, time: float) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"{stamp} 192.0.2.10 GET /{_uid(rng)}/start.aspx - 443 - {_address(rng)} "
        f"Mozilla/5.0+(Windows+NT+10.0) http://{host}/ 200 {rng.randint(1, 900)}\r\n"
    )


def _dnsmasq(rng: random.Random, host: str, time: float) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%b %e %H:%M:%S")
    return f"{stamp} gw1 dnsmasq[812]: query[A] {host} from {_address(rng)}\n"


def _windns(rng: random.Random, host: str, time: float) -> str:
    stamp = datetime.fromtimestamp(time, UTC).strftime("%m/%d/%Y %I:%M:%S %p")
    dotted = "".join(f"({len(label)}){label}" for label in host.split("."))
    return (
        f"{stamp} 0E7C PACKET  00000000{rng.getrandbits(32):08X} UDP Rcv {_address(rng)}      "
        f"{rng.getrandbits(16):04x}   Q [0001   D   NOERROR] A      {dotted}(0)\r\n"
    )


KINDS: tuple[tuple[str, Callable[[random.Random, str, float], str], str], ...] = (
    ("dns.log", _zeek_tsv, _ZEEK_HEADER),
    ("dns-json.log", _zeek_json, ""),
    ("eve.json", _eve, ""),
    ("access.log", _squid, ""),
    ("conn.log", _zeek_conn, _CONN_HEADER),
    ("http-json.log", _zeek_http, ""),
    ("web.log", _combined, ""),
    ("u_ex.log", _iis, _IIS_HEADER),
    ("dnsmasq.log", _dnsmasq, ""),
    ("windns.log", _windns, ""),
)
"""Name, maker of a line, header; each kind in turn."""
