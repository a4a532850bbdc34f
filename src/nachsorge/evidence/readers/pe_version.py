"""Windows programs and libraries (PE files): the version they state is evidence that this version was on the machine.

An inventory shows what is registered now; a program that lies on the disk shows its version even where it was unpacked,
copied, or left behind by an updater. It covers nothing: one file says nothing of others, and names and versions can be
written at will, signed or not. In a host's tree only programs whose path names a product of the packs are opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.names import last_part
from nachsorge.evidence.seams import Tells
from nachsorge.evidence.windows.authenticode import LARGEST
from nachsorge.evidence.windows.pe_made import program
from nachsorge.evidence.windows.pe_version import Stated, header_at, version_of
from nachsorge.model.evidence import Record, Software, Value
from nachsorge.model.times import render
from nachsorge.model.words import Kind, Platform, Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened, Plant, Sieve

_SHOWN = ("ProductName", "ProductVersion", "FileVersion", "CompanyName", "OriginalFilename", "InternalName")
_NAMES = ("ProductName", "OriginalFilename", "InternalName", "FileDescription")
_TRAILING = re.compile(r"(?:\.0)+\Z")
_FILES = ("OriginalFilename", "InternalName")


class PeVersion:
    """Reader of one program's own statements."""

    name = "pe_version"
    telemetry: tuple[Telemetry, ...] = (Telemetry.INSTALLED_SOFTWARE,)
    tells = Tells(
        proves="that this program, at the version it states, lay on the machine",
        rules_out="nothing: other copies may have lain elsewhere, and updates replace the file",
        not_told="whether it ran, since when it lay there, whether what it states is true: signatures are not verified",
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise both signatures."""
        return 95 if header_at(head) is not None else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield the program, once for each version it states; ReadError where its tables cannot be followed."""
        with source.open() as stream:
            found = version_of(stream)
        if not found.whole:
            ledger.gap(
                Reason.TRUNCATED,
                f"its signature is cut off, or larger than {LARGEST} bytes: not read",
                host=source.host,
            )
        versions = _versions(found)
        if not versions:
            ledger.notes.append(f"{source.name} states no version")
        for number, version in enumerate(versions or [""]):
            ledger.count(Telemetry.INSTALLED_SOFTWARE, 1, source.host)
            yield _record(found, version, number, source)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a program without code, whose version resource names the planted path as its file's name."""
        return program({"ProductName": "control", "ProductVersion": "1.0", "OriginalFilename": plant.path})


def _versions(found: Stated) -> list[str]:
    """Give the versions stated, the product's first. Strings go before numbers, which builds often leave at 1.0.0.0."""
    stated = (found.strings.get("ProductVersion"), found.strings.get("FileVersion"))
    versions: dict[str, str] = {}
    for text in stated if any(stated) else (found.product_version, found.file_version):
        # Older tools write `1, 2, 3, 4`; some put words behind.
        plain = (text or "").replace(", ", ".").replace(",", ".").partition(" ")[0]
        if plain:
            versions.setdefault(_TRAILING.sub("", plain), plain)
    return list(versions.values())


def _record(found: Stated, version: str, number: int, source: Opened) -> Record:
    file = last_part(source.path.replace("\\", "/"))
    names = list(dict.fromkeys([found.strings[name] for name in _NAMES if found.strings.get(name)] + [file]))
    event = {"path": source.path, "version": version, "machine": found.machine}
    event |= {name: found.strings[name] for name in _SHOWN if found.strings.get(name)}
    event |= {"FileVersionNumber": found.file_version} if found.file_version else {}
    if found.made is not None:
        event["linked"] = render(found.made)
    values = [Value(Kind.PATH, "path", source.path)]
    for name, text in found.strings.items():
        values.append(Value(Kind.PATH if name in _FILES else Kind.TEXT, name, text))
    for certificate in found.signature.certificates:
        values += [Value(Kind.CERTIFICATE, "certificate.serial", certificate.serial)]
        values += [Value(Kind.CERTIFICATE, "certificate.subject", certificate.subject)]
        values += [Value(Kind.HASH, "certificate.sha1", certificate.sha1)]
    if (signer := found.signature.signer) is not None:
        event |= {"signer": signer.common_name or signer.subject, "signer.serial": signer.serial}
    return Record(
        telemetry=Telemetry.INSTALLED_SOFTWARE,
        locator="version resource" if not number else f"version resource, version {number + 1}",
        time=source.modified,
        values=tuple(values),
        event={name: text for name, text in event.items() if text},
        host=source.host,
        software=Software(
            name=names[0],
            version=version,
            platform=Platform.WINDOWS,
            publisher=found.strings.get("CompanyName", ""),
            aliases=tuple(names[1:]),
        ),
        product="windows",
    )
