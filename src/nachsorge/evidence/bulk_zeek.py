"""Zeek's logs in bulk: rows between tabs, and objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nachsorge.evidence.bulk import Taken, each_once, table_of
from nachsorge.evidence.bulk_columns import Named, addresses_in, in_seconds, instants
from nachsorge.evidence.bulk_objects import Objects
from nachsorge.evidence.readers import zeek_json
from nachsorge.evidence.zeek import ADDRESSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nachsorge.evidence.readers import zeek_tsv
    from nachsorge.model.words import Telemetry


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
        times = instants(columns[0]) if in_seconds(columns[0]) else None
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
        table.addresses = each_once(addresses_in(by_name, ADDRESSES))
        return Taken([table])


def _urls(columns: Mapping[str, list[str]]) -> list[str]:
    """Put the URLs of http rows together as `zeek.typed` does."""
    uris = columns.get("uri", [])
    hosts = columns.get("host", [""] * len(uris))
    pairs = zip(hosts, uris, strict=True)
    return [uri if "://" in uri or not host or not uri else f"http://{host}{uri}" for host, uri in pairs]


def _either(path: str) -> frozenset[str]:
    return frozenset({"host"}) if path == "http" else frozenset()


class ZeekJson(Objects):
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
        return each_once(addresses_in(columns, ADDRESSES))
