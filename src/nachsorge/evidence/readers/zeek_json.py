"""Zeek logs as JSON, one object a line.

Keys are as in the TSV logs, or with `_` for `.` where a shipper renamed them. Times are seconds since 1970 or ISO 8601,
as `LogAscii::json_timestamps` says. `_path` names the kind of log where a shipper adds it; else the fields tell.
Format: Zeek manual, "Zeek Log Formats and Inspection".
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from nachsorge.evidence.asking import Askers, all_plain, one_a_line
from nachsorge.evidence.fields import flatten
from nachsorge.evidence.ndjson import JsonLines, decode_object, joined, key_pattern, typed_pairs
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.telling import Told, lines_with_keys, read_telling
from nachsorge.evidence.zeek import (
    FORBIDDEN,
    TELEMETRY,
    TELLING,
    TOLD,
    addresses_of,
    covers,
    kinds_of,
    plant_field,
    state,
    telling_columns,
    typed,
)
from nachsorge.model.evidence import Record
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve
    from nachsorge.model.times import Instant

_PATH = re.compile(rb'"_path"\s*:\s*"([^"\\]*)"')
_FIRST_PATHS = re.compile(_PATH.pattern + rb"[^\n]*")
_SURE = {"conn_state": "conn", "rejected": "dns", "established": "ssl", "seen_bytes": "files"}
"""Keys that every row of one kind of log has and no other log: a stretch of such rows is counted at one go."""
_GUESSES: tuple[tuple[str, str], ...] = (
    *((path, key) for key, path in _SURE.items()),
    ("intel", "seen.indicator seen_indicator"),
    ("notice", "note suppress_for"),
    ("sip", "call_id"),
    ("dns", "query qtype_name rcode_name trans_id"),
    ("x509", "certificate.serial certificate.subject certificate_serial certificate_subject"),
    ("kerberos", "request_type"),
    ("smtp", "mailfrom rcptto helo"),
    ("rdp", "security_protocol"),
    ("radius", "connect_info reply_msg"),
    ("syslog", "facility"),
    ("ssl", "server_name ja3 cipher cert_chain_fps cert_chain_fuids"),
    ("http", "method uri user_agent status_code"),
    ("dhcp", "assigned_addr assigned_ip requested_addr msg_types client_fqdn"),
    ("ssh", "auth_success hassh kex_alg"),
    ("ntlm", "server_nb_computer_name server_dns_computer_name"),
    ("smb_files", "action"),
    ("smb_mapping", "share_type"),
    ("files", "fuid md5 sha1 sha256 mime_type"),
)
"""Kinds of log and the keys that only they have, most telling first; rows without any are notices."""
_RANK = {key.encode(): rank for rank, (_, keys) in enumerate(_GUESSES) for key in keys.split()}
_MARKS = {f'"{key}":'.encode(): path.encode() for key, path in _SURE.items()}
_KEYS = re.compile(rb'"(' + b"|".join(re.escape(key) for key in _RANK) + rb')"\s*:')
_FLOW = re.compile(rb'"(?:id[._]orig_h|_path|tx_hosts|assigned_addr|certificate[._]serial)"\s*:')
_FORBIDDEN = re.compile(rb'"status_code"\s*:\s*"?(?:' + b"|".join(FORBIDDEN) + rb")\b")
_STAMP = re.compile(rb'"ts"\s*:\s*(?:"|\d)')


class ZeekJson:
    """Reader of Zeek's JSON logs."""

    name = "zeek_json"
    text = True
    telemetry: tuple[Telemetry, ...] = tuple(sorted(set(TELEMETRY.values())))
    tells = Tells(
        proves="that a sensor saw this query, request, connection, TLS name, mail, file or lease, and of which address",
        rules_out="what its kind of log would have held of the addresses that appear in it, in stretches really "
        "recorded, where it has the column that names the other side: `dns.log` names, `conn.log` connections; never a "
        "notice",
        not_told="what did not pass the sensor or was dropped by it, DNS over HTTPS, TLS or QUIC, contents of "
        "encrypted connections, which program it was, kinds of log that the shipper does not send",
        covers=tuple(kind for kind in telemetry if kind is not Telemetry.NETWORK_NOTICE),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise `ts` together with a key that only Zeek writes, in the first object."""
        line = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
        if not line.startswith(b"{") or not _STAMP.search(line):
            return 0
        if _FLOW.search(line):
            return 90
        return 60 if b'"uid"' in line or b'"fuid"' in line else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the admitted lines; dhcp and known_hosts report who is there as well."""
        # A notice was raised by a script that may as well not have been loaded.
        ledger.never_clears(Telemetry.NETWORK_NOTICE)
        for record in read_telling(source, ZeekObjects(), TOLD, sieve, ledger):
            state(record, ledger)
            yield record

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Repeat the first object in which a planted value finds a field, with that value."""
        for line in head.split(b"\n"):
            tree = decode_object(line)
            found = plant_field(list(tree), plant) if tree else None
            if tree is None or found is None:
                continue
            tree[list(tree)[found[0]]] = found[1]
            tree["ts"] = 1680000000.0
            return orjson.dumps(tree) + b"\n"
        return None


class _Asked(msgspec.Struct):
    dotted: str = msgspec.field(name="id.orig_h")
    path: str | None = msgspec.field(name="_path", default=None)


_ASKERS = msgspec.json.Decoder(_Asked)


class ZeekObjects(JsonLines):
    """Zeek's rows; each says for itself what kind of log it is from, for shippers mix them in one file."""

    # Leases are read whatever is looked for, so no row that gives an address may be sieved out.
    escapes: tuple[bytes, ...] = (rb"\u00", b'"assigned_', b'"known_hosts"')
    time_keys = ("ts",)
    key = b'"_path"'
    asks = True

    def classes(self, segment: bytes, lines: int) -> Iterable[tuple[Telemetry, str | None, int]]:
        """Count rows by kind of log."""
        counts: Counter[Telemetry] = Counter()
        for path, records in _kinds(segment, lines).items():
            counts[covers(path.decode("latin-1"))] += records
        return [(telemetry, None, records) for telemetry, records in sorted(counts.items())]

    def tell(self, lines: bytes, told: Told) -> None:
        """Say which kinds of log have a row that names the other side."""
        for line in lines_with_keys(lines, told, TELLING):
            path = _kind(line).decode("latin-1")
            kind = covers(path)
            if kind not in told.asked or not key_pattern(telling_columns(path)).search(line):
                continue
            (told.refused if path == "http" and _FORBIDDEN.search(line) else told.through)(kind)

    def askers(self, segment: bytes) -> Askers | None:
        """Read only what tells who asked, in which kind of log."""
        try:
            listed = _ASKERS.decode_lines(segment)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not one_a_line(segment, len(listed)):
            return None
        rows = {(row.dotted, row.path) for row in listed}
        if any(path is None for _, path in rows):
            kinds = _kinds(segment, sum(1 for line in segment.split(b"\n") if line.strip()))
            if len(kinds) != 1 or any(path is not None for _, path in rows):
                return None
            rows = {(client, next(iter(kinds)).decode("latin-1")) for client, _ in rows}
        found = {(client.encode("ascii", "replace"), telemetry_of(path or "")) for client, path in rows}
        return found if all_plain({client for client, _ in found}) else None

    def sort(self, text: bytes) -> Telemetry:
        """Give what a kind of log covers."""
        return covers(text.decode("latin-1"))

    def record(self, tree: dict[str, Any], time: Instant | None, locator: str) -> Record | None:
        """Make a record with Zeek's dotted names."""
        pairs = list(flatten(tree))
        event = joined(pairs)
        path = event.get("_path") or kind_of_keys(key.encode("utf-8", "replace") for key in tree)
        pairs += [(name, text) for name, text in typed(path, dict(event)).items() if name not in event]
        event = typed(path, event)
        return Record(
            telemetry=telemetry_of(path),
            locator=locator,
            time=time,
            values=typed_pairs(pairs, kinds_of(path, event)),
            event=event,
            addresses=addresses_of(event),
            product="zeek",
            service=path,
        )


def telemetry_of(path: str) -> Telemetry:
    """Give the telemetry of a kind of log; unknown ones are notices."""
    return TELEMETRY.get(path, Telemetry.NETWORK_NOTICE)


def _kinds(segment: bytes, lines: int) -> Counter[bytes]:
    paths = Counter(_FIRST_PATHS.findall(segment)) if b'"_path"' in segment else Counter()
    if paths:
        return paths if paths.total() == lines else _kinds_by_line(segment)
    sure = next((path for mark, path in _MARKS.items() if segment.count(mark) == lines), None)
    return _kinds_by_line(segment) if sure is None else Counter({sure: lines})


def _kinds_by_line(segment: bytes) -> Counter[bytes]:
    return Counter(_kind(line) for line in segment.split(b"\n") if line.strip())


def _kind(line: bytes) -> bytes:
    found = _PATH.search(line)
    return found[1] if found else kind_of_keys(_KEYS.findall(line)).encode()


def kind_of_keys(keys: Iterable[bytes]) -> str:
    """Name the kind of log that has these keys; empty where none tells."""
    rank = min((_RANK[key] for key in keys if key in _RANK), default=None)
    return "" if rank is None else _GUESSES[rank][0]
