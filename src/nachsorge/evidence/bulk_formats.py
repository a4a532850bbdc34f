"""The four formats of which there is most, read in bulk: Zeek's two, Suricata's EVE and squid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nachsorge.evidence import eve
from nachsorge.evidence.bulk import Bulk, Taken, each_once, only_addresses, table_of
from nachsorge.evidence.bulk_columns import Named, addresses_in, instants
from nachsorge.evidence.bulk_objects import Objects
from nachsorge.evidence.bulk_zeek import ZeekJson, ZeekTsv
from nachsorge.evidence.ledger import Ledger
from nachsorge.evidence.readers import squid, zeek_json, zeek_tsv
from nachsorge.model.words import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nachsorge.evidence.line_format import LineFormat
    from nachsorge.model.words import Telemetry


class Eve(Objects):
    """Suricata's events."""

    keys = ("timestamp",)
    kinds = eve.KINDS

    def sort(self, tree: dict[str, Any]) -> tuple[str, Telemetry] | None:
        """Sort by the event's type; what says otherwise who asked has to be parsed."""
        kind, dns = tree.get("event_type"), tree.get("dns")
        if not isinstance(kind, str) or "http" in tree or "dhcp" in tree or "flow" in tree:
            return None
        if tree.get("src_port") in (53, "53") or any("." in key for key in tree):
            return None
        if isinstance(dns, dict) and dns.get("type") in ("answer", "response"):
            return None
        return kind, eve.telemetry_of(kind.encode("utf-8", "replace"))

    def more(self, sort: str, columns: list[Named]) -> list[Named] | None:
        """Decline addresses in lists."""
        names = [name for name, _, _ in columns]
        return None if names.count("src_ip") > 1 or names.count("dest_ip") > 1 else columns

    def addresses(self, columns: Mapping[str, list[str]]) -> list[list[str]]:
        """Give source and destination."""
        return each_once(addresses_in(columns, ("src_ip", "dest_ip")))


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
    eve.EveEvents: Eve,
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
            return eve.EveEvents(Ledger())
        case _:
            return None
