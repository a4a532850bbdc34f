"""Made indicator files, since the importers' tests write theirs line by line; and every kind of wrapping."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import py7zr
import zstandard
from tests.evidence.containers.rar_kit import RAR_4, RAR_5
from tests.evidence.images.image_kit import mbr, stick

TABLE = """\
type,value,stage,weight,first_seen,last_seen,tlp,comment,source
domain,c2.example,contacted,proof,2023-03-01,2023-04-01,AMBER,"seen, twice",report 1
sha256,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,executed,strong,,,,,
ip,192.0.2.1,,hint,,,,,
cidr,192.0.2.0/24,,,,,,,
url,https://c2.example/x,,,,,,,
url_pattern,c2.example/gate*,,,,,,,
path,C:\\Windows\\Temp\\a.dll,,,,,,,
registry,HKLM\\Software\\X,,,,,,,
package,pkg:npm/chalk@5.6.1,,,,,,,
"""

PLAIN = """\
# what was seen
c2[.]example
192.0.2.1
2001:DB8::1
192.0.2.0/24
hxxps://c2[.]example/x#y
c2.example/gate.php
pkg:npm/chalk@5.6.1
C:\\Windows\\Temp\\a.dll
/Library/Graphics/Quartz
evil@c2.example
bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
something else
"""

_LOG = b"2023-03-28T10:40:00Z pc1 c2.example\n" * 40


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("var/log/a.log", _LOG, zipfile.ZIP_DEFLATED)
        archive.writestr("b.log", _LOG)
    return out.getvalue()


def _seven_zip() -> bytes:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as archive:
        archive.writestr(_LOG, "logs/dns.log")
    return packed.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("var/log/a.log", "b" * 120):
            member = tarfile.TarInfo(name)
            member.size = len(_LOG)
            archive.addfile(member, io.BytesIO(_LOG))
    return out.getvalue()


WRAPPED = {
    "gzip": lambda: [gzip.compress(_LOG, mtime=0)],
    "bzip2": lambda: [bz2.compress(_LOG)],
    "xz": lambda: [lzma.compress(_LOG)],
    "zstd": lambda: [zstandard.compress(_LOG)],
    "zip": lambda: [_zip()],
    "7z": lambda: [_seven_zip()],
    "rar": lambda: [RAR_4, RAR_5],
    "tar": lambda: [_tar()],
    "utf16": lambda: [_LOG.decode().encode("utf-16")],
    "disk_image": lambda: [stick(), mbr(stick())],
}
"""Small files of every kind of container, by its name."""
