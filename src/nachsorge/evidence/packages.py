"""What readers of lock files and SBOMs share: packages as records, and the account of such a file.

A file of this kind is a snapshot of one project. Its asset is the folder in which the project lies, written with a
slash at its end (`repos/shop/`), unless what encloses it names a host. A file that cannot be judged in full covers
nothing, and takes away what other files of the same project cover: a clean lock file beside one that nobody could read
does not make the project clean.

Names of packages follow the package URL specification (ECMA-427), integrity values "Subresource Integrity" (W3C).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packageurl import PackageURL

from nachsorge.evidence.seams import Opened, ReadError, Sieve
from nachsorge.evidence.text import lenient, text_record
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import EARLIEST_PLAUSIBLE, Instant, Span
from nachsorge.model.words import Kind, Reason, Telemetry

if TYPE_CHECKING:
    from nachsorge.evidence.ledger import Ledger

LARGEST = 256 * 1024 * 1024
"""Such a file is decoded whole; a larger one is a gap."""

ALWAYS = Span(0, 2**53)
"""The span of a loss that no other file of the project makes good; its end is still exact in JSON."""

UNCUT = "does not end with a line break, as every file of this kind does: it was cut"

_HEX = re.compile(r"(?:sha256|sha1|md5)?[:-]?([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\Z", re.IGNORECASE)
_SRI = re.compile(r"(?:sha256|sha1|md5)-([A-Za-z0-9+/]+=*)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package at the version that was resolved.

    `digests` are hex with or without their algorithm, or SRI; `also` are other spellings of the version that lists of
    packages use (`v1.2.0` for `1.2.0`); `purls` are such as the file itself gives.
    """

    type: str
    name: str
    version: str
    locator: str
    also: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    event: Mapping[str, str] = field(default_factory=dict)


Parse = Callable[[bytes, "Account"], Iterator[Package]]


class Account:
    """The account of one file while it is parsed."""

    def __init__(self, source: Opened, sieve: Sieve, ledger: Ledger, time: Instant | None) -> None:
        """Begin with nothing lost. `time` is when the file's statement was true."""
        self.source = source
        self.ledger = ledger
        self.time = time if time is not None and time >= EARLIEST_PLAUSIBLE else None
        self.covers = True
        self._sieve = sieve
        ledger.count(Telemetry.PACKAGE_LOCK, 0)

    def lose(self, reason: Reason, note: str) -> None:
        """Say what of the project's packages stays unknown, whatever its other files say."""
        self.covers = False
        self.ledger.gap(reason, note, telemetry=Telemetry.PACKAGE_LOCK, span=ALWAYS)

    def unfamiliar(self, said: str) -> None:
        """Say that this version of the format is none that the reader knows."""
        self.lose(Reason.NOT_SUPPORTED, f"{said} is not known: read as far as it looks familiar")

    def lacks(self, note: str) -> None:
        """Say why this file alone does not show all packages of the project; another may."""
        self.covers = False
        self.ledger.gap(Reason.NOT_PROVIDED, note, telemetry=Telemetry.PACKAGE_LOCK)

    def spoil(self, locator: str, what: str = "cannot be decoded") -> None:
        """Count an entry that no package could be made of."""
        self.ledger.count(Telemetry.PACKAGE_LOCK, 1)
        self.ledger.spoil(locator)
        if self.covers:
            self.lose(Reason.CORRUPT, f"{locator} {what}")

    def uncut(self, body: bytes) -> None:
        """Check that a file that tools end with a line break does end so."""
        if not body.endswith(b"\n"):
            self.lose(Reason.TRUNCATED, UNCUT)

    def records(
        self, package: Package, telemetry: Telemetry = Telemetry.PACKAGE_LOCK, software: Software | None = None
    ) -> Iterator[Record]:
        """Count a package and give its record if the sieve admits it."""
        purls = [text for purl in package.purls if (text := spelled(purl, package.version))]
        purls += [text for version in (package.version, *package.also) if (text := purl_of(package, version))]
        if package.type and not purls:
            self.spoil(package.locator, "names no package")
            return
        self.ledger.count(telemetry, 1)
        record = _record(package, tuple(dict.fromkeys(purls)), self.time, telemetry, software)
        if self.admits(record):
            yield record

    def admits(self, record: Record) -> bool:
        """Tell whether the sieve lets a record pass."""
        return self._sieve.everything or self._sieve.admits(_raw(record))

    def text(self, body: bytes) -> Iterator[Record]:
        """Give the lines of what could not be decoded, to be searched as text."""
        for number, line in enumerate(body.split(b"\n"), 1):
            if line.strip() and (self._sieve.everything or self._sieve.admits(line)):
                yield text_record(line.rstrip(b"\r"), f"line {number}")

    def close(self) -> None:
        """Report the snapshot where nothing of it was lost."""
        if self.time is None:
            note = "nothing says at what time this was so; it was searched, but covers nothing"
            self.ledger.gap(Reason.NO_TIME, note)
        elif self.covers:
            self.ledger.saw(Telemetry.PACKAGE_LOCK, self.time)


def read_packages(
    source: Opened, sieve: Sieve, ledger: Ledger, parse: Parse, project: str | None = None
) -> Iterator[Record]:
    """Decode a file whole, yield its packages that the sieve admits, and account for it.

    What `parse` raises as ReadError or ValueError is a loss; the file is then searched as text.
    """
    ledger.host = ledger.host or project or folder_of(source.path)
    account = Account(source, sieve, ledger, source.modified)
    body = whole(source, account)
    try:
        for package in parse(body, account):
            yield from account.records(package)
    except (ReadError, ValueError, RecursionError) as error:
        yield from broken(body, error, account)
    account.close()


def broken(body: bytes, error: Exception, account: Account) -> Iterator[Record]:
    """Account for a file that broke in decoding, and search it as text."""
    reason = error.reason if isinstance(error, ReadError) else Reason.CORRUPT
    account.spoil("file", f"cannot be decoded: {str(error) or type(error).__name__}; searched as text")
    account.lose(reason, f"cannot be decoded: {str(error) or type(error).__name__}; searched as text")
    yield from account.text(body)


def whole(source: Opened, account: Account) -> bytes:
    """Read a source up to the limit; what the stream raises is a loss first, and is then raised on."""
    try:
        with source.open() as stream:
            body = stream.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ReadError(Reason.LIMIT, f"more than {LARGEST // 2**20} MiB")
    except (OSError, EOFError, ReadError) as error:
        account.lose(getattr(error, "reason", Reason.CORRUPT), f"cannot be read: {error}")
        raise
    return body.removeprefix(b"\xef\xbb\xbf")


def folder_of(path: str) -> str:
    """Give the folder of a shown path with a slash at its end; the archive itself for a member at its top."""
    cut = max(path.rfind("/"), path.rfind("\\"), path.rfind("!"))
    if cut < 0:
        return "./"
    return path[:cut] + ("!/" if path[cut] == "!" else "/")


def project_around(path: str, inner: re.Pattern[str]) -> str:
    """Give the project of a file that its tool keeps in a folder inside the project, which `inner` matches."""
    project = inner.sub("", folder_of(path))
    return project + "/" if project.endswith("!") else project or "./"


def project_of(source: Opened, locks: tuple[str, ...]) -> tuple[str, bool]:
    """Give the project that a manifest belongs to, and whether one of the lock files that resolve it is there.

    Workspaces have one lock file above all their members. Only folders that the shown path names are looked into; in
    an archive nothing can be told.
    """
    folder, parts = folder_of(source.path), source.path.split("/")[:-1]
    if source.local is None:
        return folder, False
    for above, place in zip(range(len(parts), -1, -1), source.local.parents, strict=False):
        if any((place / lock).is_file() for lock in locks):
            return "/".join(parts[:above]) + "/" if above else "./", True
    return folder, False


def purl_of(package: Package, version: str) -> str:
    """Write a package URL; the last part of a name with slashes is its name, the rest its namespace. Empty if none."""
    namespace, _, name = package.name.rpartition("/")
    if not package.type or not name or not version:
        return ""
    try:
        return PackageURL(package.type, namespace or None, name, version).to_string()
    except (ValueError, TypeError):  # the latter for a name of blanks or slashes alone
        return ""


def spelled(purl: str, version: str = "") -> str:
    """Give a purl without qualifiers and subpath, which do not take part in what a package is; empty if it is none.

    `version` is what stands beside it, for one that has none itself.
    """
    try:
        found = PackageURL.from_string(purl)
        return PackageURL(found.type, found.namespace, found.name, found.version or version or None).to_string()
    except ValueError:
        return ""


def hex_of(digest: str) -> tuple[str, ...]:
    """Give the MD5, SHA-1 and SHA-256 in a digest as hex; other algorithms are in nobody's list."""
    if found := _HEX.match(digest.strip()):
        return (found[1].lower(),)
    out = []
    for encoded in _SRI.findall(digest):
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(raw) in (16, 20, 32):
            out.append(raw.hex())
    return tuple(out)


def other_tag(version: str) -> tuple[str, ...]:
    """Give a version without its `v`, or with one."""
    if version[:1] in "vV" and version[1:2].isdigit():
        return (version[1:],)
    return ("v" + version,) if version[:1].isdigit() else ()


def tables(tree: dict[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the tables of a list with their place; what is none is an empty one, which names no package."""
    nodes = tree.get(key, [])
    for number, node in enumerate(nodes if isinstance(nodes, list) else [nodes]):
        yield f"/{key}/{number}", node if isinstance(node, dict) else {}


def string(value: object) -> str:
    """Give a text as it is, anything else as empty."""
    return value if isinstance(value, str) else ""


def decoded(body: bytes) -> str:
    """Decode text with any line ends."""
    return lenient(body).replace("\r\n", "\n")


def _record(
    package: Package, purls: tuple[str, ...], time: Instant | None, telemetry: Telemetry, software: Software | None
) -> Record:
    values = [Value(Kind.PACKAGE, "purl", purl) for purl in purls]
    values += [Value(Kind.URL, "url", url) for url in package.urls if _URL.match(url)]
    values += [Value(Kind.HASH, "hash", digits) for digest in package.digests for digits in hex_of(digest)]
    values += [Value(Kind.HOST, "host", host) for host in package.hosts]
    event = {"name": package.name, "version": package.version, "purl": "\n".join(purls), **package.event}
    return Record(
        telemetry=telemetry,
        locator=package.locator,
        time=time,
        values=tuple(values),
        event={name: text for name, text in event.items() if text},
        software=software,
    )


def _raw(record: Record) -> bytes:
    """Give everything that a test could meet, as bytes for the sieve; names of packages without purl escapes too."""
    texts = [value.text for value in record.values] + list(record.event.values())
    texts += [record.software.name] if record.software else []
    return "\n".join(texts).encode("utf-8", "surrogatepass")
