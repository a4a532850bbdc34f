"""The four formats of which there is most: Zeek's two, Suricata's EVE and squid, read in bulk."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.bulk import Bulk, Table, Taken, each_once, only_addresses, table_of
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.ndjson import instant_of, key_pattern
from nachsorge.evidence.readers import squid, suricata_eve, zeek_json, zeek_tsv
from nachsorge.evidence.zeek import ADDRESSES
from nachsorge.model.times import EARLIEST_PLAUSIBLE
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.model.times import Instant
    from nachsorge.model.words import Telemetry

Named = tuple[str, list[str], bool]

_MANY = 16
_SECONDS = re.compile(r"(?:[0-9]{10}\.[0-9]{6}\n)*+")
_MILLIS = re.compile(r"(?:[0-9]{10}\.[0-9]{3}\n)*+")
_ISO = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}(?:\+0000|Z)\n)*+")


def instants(texts: list[str]) -> list[Instant] | None:
    """Read times as the line formats do; None where one is none."""
    body = "\n".join([*texts, ""])
    found: list[Any]
    if _SECONDS.fullmatch(body):
        found = list(map(int, body.replace(".", "").split()))
    elif _MILLIS.fullmatch(body):
        found = [each * 1000 for each in map(int, body.replace(".", "").split())]
    else:
        found = _dates(texts) if _ISO.fullmatch(body) else [instant_of(text) for text in texts]
    return None if None in found or (found and min(found) < EARLIEST_PLAUSIBLE) else found


def _dates(texts: list[str]) -> list[Any]:
    try:
        import numpy as np

        stamps = np.array([text[:26] for text in texts], "datetime64[us]").astype(np.int64)
    except (ImportError, ValueError):
        return [instant_of(text) for text in texts]
    found: list[Any] = stamps.tolist()
    return found


def _addresses(columns: Mapping[str, list[str]], names: Iterable[str]) -> list[list[str]]:
    return [only_addresses(columns[name]) for name in names if name in columns]


class ZeekTsv:
    """Zeek's rows between tabs."""

    def __init__(self, form: zeek_tsv.ZeekLog) -> None:
        """Read what the header says by now."""
        self._form = form
        names = form.names
        self._known = (
            form.separator == b"\t"
            and form.timed
            and len(names) > 1
            and len(set(names)) == len(names)
            and form.path != "dhcp"
            and not (form.path == "http" and "url" in names)
        )

    def _cells(self, lines: list[bytes]) -> list[list[str]] | None:
        body = b"\n".join(lines)
        if not self._known or b"\\x" in body or b"\r" in body:
            return None
        try:
            rows = [line.split("\t") for line in body.decode().split("\n")]
        except UnicodeDecodeError:
            return None
        return rows if set(map(len, rows)) == {len(self._form.names)} else None

    def take(self, lines: list[bytes], number: int) -> Taken | None:
        """Turn rows into columns."""
        rows = self._cells(lines)
        if rows is None:
            return None
        columns = [list(column) for column in zip(*rows, strict=True)]
        times = instants(columns[0]) if _SECONDS.fullmatch("\n".join([*columns[0], ""])) else None
        if times is None:
            return None
        for at, column in enumerate(columns):
            if "(empty)" in column or "-" in column:
                columns[at] = ["" if cell in ("-", "(empty)") else cell for cell in column]
        names = self._form.names
        named = [(name, column, at == 0) for at, (name, column) in enumerate(zip(names, columns, strict=True))]
        numbers = list(range(number, number + len(lines)))
        by_name = dict(zip(names, columns, strict=True))
        if self._form.path == "http":
            named.append(("url", _urls(by_name), False))
        named = [one for one in named if any(one[1])]
        table = table_of(self._form.telemetry, numbers, times, named, {}, _either(self._form.path))
        table.addresses = each_once(_addresses(by_name, ADDRESSES))
        return Taken([table])


def _urls(columns: Mapping[str, list[str]]) -> list[str]:
    """Put the URLs of http rows together as `zeek.typed` does."""
    uris = columns.get("uri", [])
    hosts = columns.get("host", [""] * len(uris))
    pairs = zip(hosts, uris, strict=True)
    return [uri if "://" in uri or not host or not uri else f"http://{host}{uri}" for host, uri in pairs]


def _either(path: str) -> frozenset[str]:
    return frozenset({"host"}) if path == "http" else frozenset()


class _Objects:
    """One JSON object a line, without white space of the format's own around it."""

    keys: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = {}

    def __init__(self, form: Any) -> None:
        self._form = form

    def sort(self, tree: dict[str, Any]) -> tuple[str, Telemetry] | None:
        """Give the kind of an object and its telemetry; None where it has to be parsed by itself."""
        raise NotImplementedError

    def addresses(self, columns: Mapping[str, list[str]]) -> list[list[str]]:
        """Give the records' addresses."""
        raise NotImplementedError

    def _trees(self, lines: list[bytes]) -> list[dict[str, Any]] | None:
        try:
            trees = list(map(orjson.loads, lines))
        except orjson.JSONDecodeError:
            return None
        return trees if set(map(type, trees)) == {dict} else None

    def take(self, lines: list[bytes], number: int) -> Taken | None:
        """Sort objects by what they hold, and turn each sort into columns."""
        trees = self._trees(lines)
        stamps = self._stamps(lines)
        if trees is None or stamps is None:
            return None
        taken = Taken()
        sorts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        telemetries: dict[str, Telemetry] = {}
        for at, tree in enumerate(trees):
            found = self.sort(tree)
            if found is None:
                taken.left.append(at)
            else:
                telemetries[found[0]] = found[1]
                sorts[found[0], *tree].append(at)
        for (sort, *keys), places in sorts.items():
            table = self._table(
                sort, telemetries[sort], keys, [trees[at] for at in places], [stamps[at] for at in places]
            )
            if table is None:
                taken.left += places
            else:
                table.numbers = [number + at for at in places]
                taken.tables.append(table)
        taken.left.sort()
        return taken

    def _stamps(self, lines: list[bytes]) -> list[str] | None:
        """Give what stands under the key of the time, as it is written; the pattern takes the first in each line."""
        found = _line_pattern(self.keys).findall(b"\n".join([*lines, b""]))
        return [(a or b).decode("latin-1") for a, b in found] if len(found) == len(lines) else None

    def more(self, sort: str, columns: list[Named]) -> list[Named] | None:
        """Add what the format puts together itself; None where it is unsure."""
        return columns

    def either(self, sort: str) -> frozenset[str]:
        """Name fields that hold names or addresses."""
        return frozenset()

    def _table(
        self, sort: str, telemetry: Telemetry, keys: list[str], trees: list[dict[str, Any]], stamps: list[str]
    ) -> Table | None:
        times = instants(stamps)
        columns: list[Named] | None = _flat(keys, [tree.values() for tree in trees])
        if times is None or columns is None:
            return None
        columns = self.more(sort, [column for column in columns if any(column[1])])
        if columns is None:
            return None
        table = table_of(telemetry, [], times, columns, self.kinds, self.either(sort))
        table.addresses = self.addresses({name: texts for name, texts, _ in columns})
        return table


def _line_pattern(keys: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(key_pattern(keys).pattern + rb"[^\n]*\n")


def _flat(keys: Iterable[str], rows: Iterable[Iterable[Any]], prefix: str = "") -> list[Named] | None:
    found: list[Named] = []
    for key, column in zip(keys, zip(*rows, strict=True), strict=True):
        flat = _column(f"{prefix}.{key}" if prefix else key, column)
        if flat is None:
            return None
        found += flat
    return found


def _column(name: str, column: tuple[Any, ...]) -> list[Named] | None:
    """Flatten the values under one key as `fields.flatten` does; None where they differ too much."""
    kinds = set(map(type, column)) - {type(None)}
    if not kinds:
        return []
    empty = None in column
    if kinds == {str}:
        return [(name, [each or "" for each in column] if empty else list(column), False)]
    if kinds == {int}:
        return [(name, ["" if each is None else str(each) for each in column], True)]
    if kinds == {float}:
        return [(name, ["" if each is None else str(each) for each in column], False)]
    if kinds == {bool}:
        return [(name, ["" if each is None else "true" if each else "false" for each in column], False)]
    if empty:
        return None
    if kinds == {dict}:
        shapes = set(map(tuple, column))
        return _flat(shapes.pop(), [each.values() for each in column], name) if len(shapes) == 1 else None
    if kinds == {list}:
        longest = max(map(len, column))
        if longest > _MANY:
            return None
        padded = zip(*[each + [None] * (longest - len(each)) for each in column], strict=True)
        parts = [_column(name, items) for items in padded]
        return None if None in parts else [one for some in parts for one in some or ()]
    return None


class ZeekJson(_Objects):
    """Zeek's rows as objects."""

    keys = ("ts",)

    def sort(self, tree: dict[str, Any]) -> tuple[str, Telemetry] | None:
        """Sort by the kind of log."""
        path = tree.get("_path") or zeek_json.kind_of_keys(key.encode("utf-8", "replace") for key in tree)
        if not isinstance(path, str) or path == "dhcp" or (path == "http" and "url" in tree):
            return None
        return path, zeek_json.telemetry_of(path)

    def more(self, sort: str, columns: list[Named]) -> list[Named] | None:
        """Add the URL of http rows."""
        names = [name for name, _, _ in columns]
        # Lists of addresses, and keys that are nested in one row and dotted in the next.
        if any(names.count(name) > 1 for name in (*ADDRESSES, "uri")):
            return None
        urls = _urls({name: texts for name, texts, _ in columns}) if sort == "http" else []
        return [*columns, ("url", urls, False)] if any(urls) else columns

    def either(self, sort: str) -> frozenset[str]:
        """Name the host of http rows."""
        return _either(sort)

    def addresses(self, columns: Mapping[str, list[str]]) -> list[list[str]]:
        """Give originator, responder and the like."""
        return each_once(_addresses(columns, ADDRESSES))


class Eve(_Objects):
    """Suricata's events."""

    keys = ("timestamp",)
    kinds = suricata_eve.KINDS

    def sort(self, tree: dict[str, Any]) -> tuple[str, Telemetry] | None:
        """Sort by the event's type; what says otherwise who asked has to be parsed."""
        kind, dns = tree.get("event_type"), tree.get("dns")
        if not isinstance(kind, str) or "http" in tree or "dhcp" in tree or "flow" in tree:
            return None
        if tree.get("src_port") in (53, "53") or any("." in key for key in tree):
            return None
        if isinstance(dns, dict) and dns.get("type") in ("answer", "response"):
            return None
        return kind, suricata_eve.telemetry_of(kind.encode("utf-8", "replace"))

    def more(self, sort: str, columns: list[Named]) -> list[Named] | None:
        """Decline addresses in lists."""
        names = [name for name, _, _ in columns]
        return None if names.count("src_ip") > 1 or names.count("dest_ip") > 1 else columns

    def addresses(self, columns: Mapping[str, list[str]]) -> list[list[str]]:
        """Give source and destination."""
        return each_once(_addresses(columns, ("src_ip", "dest_ip")))


_SQUID = re.compile(
    rb"^([0-9]{10}\.[0-9]{3}) +([0-9]+) ([!-~]+) ([A-Z_]+/[0-9]{3}) ([0-9]+) ([!-~]+) ([!-~]+) ([!-~]+)"
    rb" ([A-Z_0-9]+/[!-~]+|-) ([!-~]+)$",
    re.MULTILINE,
)


_SQUID_KINDS = {"url": Kind.URL, "user": Kind.TEXT}
_SQUID_HOSTS = frozenset({"host", "client", "peer"})


class Squid:
    """Squid's lines as it writes them itself."""

    def __init__(self, form: squid.SquidLog) -> None:
        """Stand ready."""
        self._form = form

    def take(self, lines: list[bytes], number: int) -> Taken | None:
        """Take lines apart."""
        found = _SQUID.findall(b"\n".join(lines))
        if len(found) != len(lines):
            return None
        stamps, *cells = [list(map(bytes.decode, column)) for column in zip(*found, strict=True)]
        times = instants(stamps)
        if times is None:
            return None
        columns = {name: _blanked(column) for name, column in zip(squid.NAMES, cells, strict=False)}
        columns["host"] = [_host(url) for url in columns["url"]]
        columns["peer"] = [hierarchy.partition("/")[2] for hierarchy in columns["hierarchy"]]
        numbers = list(range(number, number + len(lines)))
        plain = ("elapsed", "bytes")
        named = [(name, column, name in plain) for name, column in columns.items() if any(column)]
        table = table_of(self._form.telemetry, numbers, times, named, _SQUID_KINDS, _SQUID_HOSTS)
        table.addresses = [only_addresses(columns["client"]), only_addresses(columns["peer"])]
        return Taken([table])


def _blanked(column: list[str]) -> list[str]:
    return ["" if cell == "-" else cell for cell in column] if "-" in column else column


def _host(url: str) -> str:
    host = squid.AUTHORITY.match(url)
    return "" if host is None or url.startswith(("error:", "/")) else host[1].strip("[]")


BULKS: dict[type, Callable[[Any], Bulk]] = {
    zeek_tsv.ZeekLog: ZeekTsv,
    zeek_json.ZeekObjects: ZeekJson,
    suricata_eve.EveEvents: Eve,
    squid.SquidLog: Squid,
}


def form_of(reader: str, head: bytes) -> LineFormat | None:
    """Give a fresh format for a file that is read in bulk; None where it is not one record a line, or not known."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0].strip()
    match reader:
        case "zeek_tsv":
            return zeek_tsv.ZeekLog()
        case "zeek_json":
            return zeek_json.ZeekObjects()
        case "squid":
            return squid.SquidLog()
        case "suricata_eve" if first.startswith(b"{") and first != b"{":
            return suricata_eve.EveEvents(Ledger())
        case _:
            return None
