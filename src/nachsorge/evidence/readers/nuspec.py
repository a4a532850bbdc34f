r"""Manifests of NuGet packages (`*.nuspec`), which update packages of Squirrel are too: the product and its version.

Every package holds its own, whatever the package's file is called. In a client's `packages` folder it is what the
updater has fetched to install; elsewhere it shows that the version could be had from there. It covers nothing. Layout:
NuGet, ".nuspec File Reference".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.seams import ReadError, Tells
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

LARGEST = 4 * 1024 * 1024
_FETCHED = re.compile(r"[/\\!]packages[/\\][^/\\!]+\.nupkg!", re.IGNORECASE)
_ROOT = re.compile(rb"\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<package[\s>]", re.DOTALL)
_SHOWN = ("id", "version", "title", "authors", "owners", "projectUrl")


class Nuspec:
    """Reader of one package's manifest."""

    name = "nuspec"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE, Telemetry.FILESYSTEM)
    tells = Tells(
        proves="that a package of this product and version lay here; in a client's `packages` folder, that its updater "
        "had fetched it",
        rules_out="nothing: old packages are removed at the next update, and programs are installed without them",
        not_told="whether and when it was installed, and whether what is in the package is what the version had",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the root and what describes the package."""
        bare = head.removeprefix(b"\xef\xbb\xbf")
        if not _ROOT.match(bare[:4096]) or b"<metadata" not in bare:
            return 0
        return 93 if name.lower().endswith(".nuspec") or b"nuspec.xsd" in bare else 70

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the package; ReadError where it is not well-formed, or describes none."""
        with source.open() as stream:
            data = read_whole(stream, LARGEST)
        try:
            root = fromstring(data)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise ReadError(Reason.CORRUPT, f"not a well-formed package manifest: {error}") from error
        described = next((each for each in root if _bare(each) == "metadata"), None)
        if described is None:
            raise ReadError(Reason.CORRUPT, "a package manifest that describes no package")
        telemetry = Telemetry.INSTALLED_SOFTWARE if _FETCHED.search(source.path) else Telemetry.FILESYSTEM
        ledger.count(telemetry, 1, source.host)
        yield _record(root, described, telemetry, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a package whose project is at the planted name."""
        return (
            '<?xml version="1.0"?><package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd"><metadata>'
            f"<id>control</id><version>1.0</version><projectUrl>https://{plant.host}/</projectUrl></metadata></package>"
        ).encode()


def _bare(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _record(root: Element, described: Element, telemetry: Telemetry, source: Opened) -> Record:
    told = {_bare(each): (each.text or "").strip() for each in described}
    values = [Value(Kind.PATH, "path", source.path)]
    for element in root.iter():
        texts = ((element.text or "").strip(), *element.attrib.values())
        values += [Value(Kind.URL if "://" in text else Kind.TEXT, _bare(element), text) for text in texts if text]
    name, title = told.get("id", ""), told.get("title", "")
    software = Software(
        name=name or title,
        version=told.get("version", ""),
        platform=Platform.WINDOWS,
        publisher=told.get("authors", ""),
        aliases=(title,) if name and title and title != name else (),
    )
    return Record(
        telemetry=telemetry,
        locator="metadata",
        time=source.modified,
        values=tuple(values),
        event={"path": source.path} | {key: told[key] for key in _SHOWN if told.get(key)},
        host=source.host,
        software=software if software.name else None,
        product="windows",
    )
