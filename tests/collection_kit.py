"""Makes collections as triage tools do, out of a host's files: KAPE, Velociraptor, UAC, CyLR. Nothing real is copied.

A file is (path as the host spells it, body, time). What a collector wanted and did not get is said by its own log.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import quote

from nachsorge.model.times import SECOND, Instant, parse_instant, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

File = tuple[str, bytes, str]
RUN = "2023-04-03T10_20_00_1234567"


def archive(members: Iterable[tuple[str, bytes, Instant | None]]) -> bytes:
    """Make a zip; a member's time stands in the Unix extra field, or nowhere but in local time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body, modified in members:
            info = zipfile.ZipInfo(name, (2023, 4, 3, 12, 20, 0))
            info.create_system = 0
            info.compress_type = zipfile.ZIP_DEFLATED
            if modified is not None:
                info.extra = struct.pack("<HHBi", 0x5455, 5, 1, modified // SECOND)
            made.writestr(info, body)
    return out.getvalue()


def tarball(members: Iterable[tuple[str, bytes, Instant | None]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as made:
        for name, body, modified in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(body), (modified or 0) // SECOND
            made.addfile(info, io.BytesIO(body))
    return out.getvalue()


def kape(
    files: Sequence[File],
    *,
    drive: str = "C",
    below: str = "",
    skipped: Iterable[tuple[str, str, str]] = (),
    console: Iterable[str] = (),
    unwritten: Iterable[str] = (),
) -> list[tuple[str, bytes, Instant | None]]:
    """Give a KAPE collection's members. `skipped` are (path, SHA-1, reason); `unwritten` paths are only in the log."""
    copied, members = [], []
    for path, body, modified in files:
        stored = f"{drive}/{path[3:]}".replace("\\", "/")
        time = render(parse_instant(modified)).replace("T", " ").rstrip("Z") + ".0000000"
        source = f"{drive}:{path[2:]}"
        sha1 = hashlib.sha1(body, usedforsecurity=False).hexdigest().upper()
        kept = "E:\\out\\" + stored.replace("/", "\\")
        copied.append([time, source, kept, str(len(body)), sha1, "False", time, time, time, "00:00:00.01"])
        if path not in set(unwritten):
            members.append((below + stored, body, None))
    header = "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc"
    header += ",ModifiedOnUtc,LastAccessedOnUtc,CopyDuration"
    logs = [(f"{RUN}_CopyLog.csv", table(header.split(","), copied), None)]
    rows = [list(row) for row in skipped]
    logs.append((f"{RUN}_SkipLog.csv.csv", table(["SourceFile", "SourceFileSha1", "Reason"], rows), None))
    said = [
        "[2023-04-03 12:20:00.1 | INF] Command line:   --tsource C: --tdest E:\\out --target !SANS_Triage",
        '[2023-04-03 12:20:00.2 | INF] System info: Machine name: KAPE-BOX, 64-bit: true, User: x OS: "Windows10"',
        *console,
    ]
    logs.append((f"{RUN}_ConsoleLog.txt", "\r\n".join(said).encode(), None))
    return [*logs, *members]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([header, *rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def encoded(path: str, accessor: str = "auto") -> str:
    """Spell a path as Velociraptor stores it."""
    volume, _, rest = path.partition("\\") if "\\" in path else ("", "", path.lstrip("/"))
    volume = {"ntfs": "\\\\.\\" + volume}.get(accessor, volume)
    keep = " $&'()+,;=@[]{}!#^~"
    parts = [quote(part, safe=keep) for part in (volume, *rest.replace("\\", "/").split("/")) if part]
    return "/".join(["uploads", accessor, *parts])


def velociraptor(
    files: Sequence[File],
    *,
    client: Mapping[str, object] | None = None,
    accessors: Mapping[str, str] | None = None,
    more: Iterable[tuple[str, bytes]] = (),
    rows: Iterable[Mapping[str, object]] = (),
    base: str = "",
) -> list[tuple[str, bytes, Instant | None]]:
    """Give an offline collector's members. `accessors` says how a path was read; `rows` are added to uploads.json."""
    members, uploads = [], []
    for path, body, modified in files:
        place = encoded(path, (accessors or {}).get(path, "auto"))
        members.append((base + place, body, parse_instant(modified)))
        parts = ["uploads", "auto", *path.lstrip("/").replace("\\", "/").split("/")]
        uploads.append({"vfs_path": path, "_Components": parts, "file_size": len(body), "uploaded_size": len(body)})
    said = {"client_info.json": client, "collection_context.json": {"state": "FINISHED"}, "requests.json": {}}
    own = [(name, json.dumps(tree).encode()) for name, tree in said.items() if tree is not None]
    own.append(("uploads.json", b"".join(json.dumps(row).encode() + b"\n" for row in [*uploads, *rows])))
    return [*((base + name, body, None) for name, body in [*own, *more]), *members]


def uac(
    files: Sequence[File],
    *,
    hostname: str = "",
    system: str = "linux",
    log: Iterable[str] = (),
    more: Iterable[tuple[str, bytes]] = (),
    base: str = "",
) -> list[tuple[str, bytes, Instant | None]]:
    """Give a UAC archive's members."""
    lines = ["2023-04-04 14:30:00 +0000 INF Unix-like Artifacts Collector 3.1.0"]
    lines += [f"2023-04-04 14:30:00 +0000 INF Operating system: {system}"]
    lines += [f"2023-04-04 14:30:00 +0000 INF Hostname: {hostname}"] if hostname else []
    members: list[tuple[str, bytes, Instant | None]] = [
        (base + "uac.log", "\n".join([*lines, *log, ""]).encode(), parse_instant("2023-04-04T14:30:00Z"))
    ]
    members += [(base + name, body, None) for name, body in more]
    return members + [(f"{base}[root]{path}", body, parse_instant(modified)) for path, body, modified in files]


def cylr(
    files: Sequence[File], *, log: Iterable[str] = (), found: int | None = None, name: str = "2023-04-03_12-20-00"
) -> list[tuple[str, bytes, Instant | None]]:
    """Give a CyLR zip's members. `log` are lines without their time; `found` is how many paths it says it found."""
    at = "2023-04-03T12:20:00"
    said = [
        "[debug] Argument OutputFileName is set to PC17.zip",
        "[info] Gathering paths to collect",
        f"[info] Found {len(files) if found is None else found} paths to collect",
        "[info] Adding files to archive",
        *log,
    ]
    text = "".join(f"{at} {line}\r\n" for line in said).encode()
    members = [
        (path.replace(":", "").replace("\\", "/").lstrip("/"), body, parse_instant(t)) for path, body, t in files
    ]
    return [*members, (f"CyLR_Collection_Log_{name}.log", text, None)]
