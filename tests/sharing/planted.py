"""Markers planted wherever a pack or an organisation keeps words, and the search for them in bytes of any kind."""

from __future__ import annotations

import base64
import gzip
import io
import sqlite3
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from pypdf import PdfReader
from pypdf.generic import StreamObject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VALUE, NOTE, SOURCE, RULE, RULE_FILE, ASSET, PACK = (
    f"zqmark{word}" for word in ("value", "note", "source", "rule", "file", "asset", "pack")
)
DIGEST = "5ec7" * 16
"""A marker where only a hash can stand."""
OF_ROW = (VALUE, NOTE, DIGEST)
OF_PACK = (*OF_ROW, SOURCE, RULE, RULE_FILE, PACK)
ALL = (*OF_PACK, ASSET)

_YAML = """\
id: planted
version: '1'
title: {{en: {pack} title, de: {pack} Titel}}
summary: {pack} summary
tlp: {tlp}
pap: {pap}
licence: EUPL-1.2
sources:
  - id: {source}
    publisher: {source} publisher
    title: {source} title
    date: '2023-03-01'
exposures:
  - {{id: app, names: [{pack} app], affected: ['1'], stage: exposed, platform: windows, sources: [{source}]}}
stages:
  - id: exposed
    rung: exposed
    title: {pack} stage
    windows: [{{from: '2023-03-28T11:00:00Z', to: '2023-03-29T09:00:00Z'}}]
    needs: [{{any_of: [{{telemetry: [dns_query]}}], settle: {pack} settle}}]
    traces:
      - {{id: name, weight: proof, title: {pack} trace}}
      - {{id: rule, weight: hint, title: {pack} hint}}
claims:
  - {{id: told, says: {pack} claim, by: {source} speaker, test: never, stage: exposed}}
"""
_SIGMA = """\
title: {rule} title
id: 0d7f1c1e-0000-4000-8000-000000000001
status: test
author: {rule} author
license: EUPL-1.2
logsource: {{category: dns_query}}
detection:
  selection: {{query|contains: '{value}.example'}}
  condition: selection
nachsorge: {{trace: rule}}
"""
_ROWS = (
    ("domain", f"{VALUE}.example"),
    ("url", f"https://{VALUE}.example/x"),
    ("path", rf"C:\Windows\{VALUE}.dll"),
    ("file_name", f"{VALUE}.exe"),
    ("string", f"{VALUE} text"),
    ("package", f"pkg:npm/{VALUE}@1.0"),
    ("user_agent", f"{VALUE}/1.0"),
    ("registry", rf"HKCU\Software\{VALUE}"),
    ("sha256", DIGEST),
)


def pack(folder: Path, tlp: str, row: str = "", *, pap: str = "GREEN", row_pap: str = "") -> Path:
    """Make a pack with a marker in everything; the rows have the pack's label, or one of their own."""
    rules = folder / "rules" / "sigma"
    rules.mkdir(parents=True)
    said = {"pack": PACK, "source": SOURCE, "value": VALUE, "rule": RULE, "tlp": tlp, "pap": pap}
    (folder / "pack.yaml").write_text(_YAML.format(**said))
    (rules / f"{RULE_FILE}.yml").write_text(_SIGMA.format(**said))
    rows = [f"{kind},{value},name,{SOURCE},{row},{row_pap},{NOTE} of a row" for kind, value in _ROWS]
    (folder / "indicators.csv").write_text("type,value,trace,first_source,tlp,pap,note\n" + "\n".join(rows) + "\n")
    return folder


def listed(folder: Path, tlp: str = "") -> Path:
    """Make a bare list, whose rows have this label or none at all."""
    folder.mkdir()
    place = folder / "list.csv"
    place.write_text(
        "type,value,tlp,note,source\n" + "".join(f"{k},{v},{tlp},{NOTE} of a row,{SOURCE}\n" for k, v in _ROWS)
    )
    return place


def evidence(folder: Path) -> tuple[Path, Path]:
    """Make a log that meets the pack on an asset, and the inventory that names it."""
    head = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n"
    rows = (f"{1_680_000_000 + hour * 3600}.0\t10.0.0.1\t{VALUE}.example\n" for hour in range(24))
    (folder / "dns.log").write_text(head + "".join(rows) + "1680000000.0\t10.0.0.2\tgood.example\n")
    (folder / "hosts.csv").write_text(f"asset,addresses\n{ASSET},10.0.0.1\npc-bert,10.0.0.2\n")
    return folder / "dns.log", folder / "hosts.csv"


def spelled(marker: str) -> Iterator[bytes]:
    """Give a marker as it may stand in bytes: plain, in UTF-16, in Base64 at every offset, as hexadecimal digits."""
    for text in {marker, marker.upper(), marker.capitalize()}:
        plain = text.encode()
        yield from (plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode())
        for offset in range(3):
            coded = base64.b64encode(b"\0" * offset + plain)
            yield coded[-(-offset * 8 // 6) : len(coded) - 4]


def found(body: bytes) -> set[str]:
    """Tell which markers stand in bytes, whatever they are packed in."""
    bare = laid_open(body)
    return {marker for marker in ALL if any(each in bare for each in spelled(marker))}


def laid_open(body: bytes) -> bytes:
    """Give the bytes, and with them those that are packed in them: archives, streams, pages, tables."""
    match body[:5]:
        case head if head[:2] == b"\x1f\x8b":
            return body + laid_open(gzip.decompress(body))
        case head if head[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                inner = [each.filename.encode() + each.comment + each.extra for each in archive.infolist()]
                return body + b"".join(inner + [laid_open(archive.read(name)) for name in archive.namelist()])
        case b"%PDF-":
            return body + b"\n".join(_of_pdf(body))
        case b"SQLit":
            return body + b"\n".join(_of_sqlite(body))
    return body


def _of_pdf(body: bytes) -> Iterator[bytes]:
    """Give text, metadata, every decoded stream, and every string of every object."""
    reader = PdfReader(io.BytesIO(body))
    yield repr(reader.metadata).encode()
    for number in range(1, len(reader.xref[0]) + 1 if 0 in reader.xref else 1 << 14):
        try:
            one = reader.get_object(number)
        except (ValueError, KeyError):
            break
        if one is None:
            break
        yield repr(one).encode()
        if isinstance(one, StreamObject):
            yield one.get_data()
    for page in reader.pages:
        # Words are broken at the end of a line and placed letter by letter: read them as one.
        yield "".join(page.extract_text().split()).encode()


def _of_sqlite(body: bytes) -> Iterator[bytes]:
    place = sqlite3.connect(":memory:")
    place.deserialize(body[:18] + b"\1\1" + body[20:])  # as one that is not in WAL mode
    for (table,) in place.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in place.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                blob = value if isinstance(value, bytes) else str(value).encode()
                yield blob
                with suppress(zlib.error):
                    yield zlib.decompress(blob)
    place.close()
