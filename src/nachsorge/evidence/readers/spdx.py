"""SPDX documents: 2.x as JSON, tag-value, XML, RDF/XML and YAML, 3.0 as JSON-LD.

Sources of the formats: SPDX Specification 2.3 (ISO/IEC 5962 for 2.2.1) and 3.0. Files that a document lists are
compared by name and sum; what is related to `NOASSERTION` is said to be unknown, and that is a gap.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from nachsorge.evidence.components import Bill, Component, time_of, unwrapped
from nachsorge.evidence.fields import event_of
from nachsorge.evidence.ndjson import joined
from nachsorge.evidence.packages import Account, broken, decoded, string, whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.evidence.spdx_forms import of_xml, of_yaml
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_TAGGED = re.compile(rb"^SPDXVersion:\s*SPDX-\d", re.MULTILINE)
_YAML = re.compile(rb"^spdxVersion:\s*['\"]?SPDX-", re.MULTILINE)
_XML = re.compile(rb"<Document>.{0,4096}?<(?:spdxVersion>SPDX-2|SPDXID>)", re.DOTALL)
_LD = re.compile(rb'"@context"\s*:\s*"[^"]*spdx\.org/rdf/3')
_OBJECT = re.compile(rb'"spdxVersion"\s*:\s*"SPDX-\d|"SPDXID"\s*:\s*"SPDXRef-')
_VERSION = re.compile(r"SPDX-2\.[0-3]\Z")
_TAG = re.compile(r"([A-Za-z][\w-]*): *(.*)\Z")
_DEPENDS = frozenset({"DEPENDS_ON", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK", "HAS_PREREQUISITE"})
_HOLDS = frozenset(
    {"dependsOn", "contains", "hasDynamicLink", "hasStaticLink", "hasPrerequisite", "hasDependencyManifest"}
)
_NOTHING_SAID = re.compile(r"(?:^|[/:#])(?:NoAssertionElement|NoAssertion|NOASSERTION)$")
"""SPDX 3.0, Core, individual `NoAssertionElement`: nobody says what stands there."""


class Spdx:
    """Reader of SPDX."""

    name = "spdx"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK, Telemetry.INSTALLED_SOFTWARE)
    tells = Tells(
        proves="that what the document describes contains this package or file, with its hash",
        rules_out="a package of what the document describes, at the time that it states, where every package has a "
        "package URL and nothing is said to be unknown",
        not_told="components that the tool that wrote it did not see, programs of the machine, builds before and "
        "after, YAML with anchors (searched as text; a gap)",
        covers=(Telemetry.PACKAGE_LOCK,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the version's own field, or SPDX 3's context."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"{"):
            return 90 if _LD.search(head) or _OBJECT.search(head) else 0
        if start.startswith(b"<"):
            return 85 if b"spdx.org/rdf/terms" in head or _XML.search(head) else 0
        if b"SPDX" not in head:
            return 0
        return 90 if _TAGGED.search(head) else 85 if _YAML.search(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a package or file."""
        ledger.host = ledger.host or source.path
        account = Account(source, sieve, ledger, None)
        body = whole(source, account)
        start = body.lstrip()
        try:
            bill = Bill(account)
            if start.startswith(b"{"):
                tree = unwrapped(orjson.loads(body))
                components = (
                    _of_graph(tree, account) if "@graph" in tree or "@context" in tree else _of_v2(tree, account)
                )
            elif start.startswith(b"<") or not _TAGGED.search(body):
                components = _of_v2(of_xml(body) if start.startswith(b"<") else of_yaml(body), account)
            else:
                account.uncut(body)
                components = _of_tags(decoded(body), account)
            for component in components:
                yield from bill.records(component)
            bill.close()
        except (ReadError, ValueError, RecursionError) as error:
            yield from broken(body, error, account)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a document of the same form with one package of the planted sum."""
        if _TAGGED.search(head):
            return (
                "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\n"
                "Created: 2023-04-01T00:00:00Z\n\nPackageName: control\nSPDXID: SPDXRef-1\nPackageVersion: 1\n"
                f"PackageChecksum: SHA256: {plant.sha256}\n"
                "ExternalRef: PACKAGE-MANAGER purl pkg:npm/control@1\n"
            ).encode()
        if _LD.search(head):
            used = [{"type": "Hash", "algorithm": "sha256", "hashValue": plant.sha256}]
            package = {"type": "software_Package", "name": "control", "software_packageVersion": "1"}
            package |= {"software_packageUrl": "pkg:npm/control@1", "verifiedUsing": used}  # type: ignore[dict-item]
            info = {"type": "CreationInfo", "specVersion": "3.0.1", "created": "2023-04-01T00:00:00Z"}
            context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
            return orjson.dumps({"@context": context, "@graph": [info, package]}) + b"\n"
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            return (
                "<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID><spdxVersion>SPDX-2.3</spdxVersion><creationInfo>"
                "<created>2023-04-01T00:00:00Z</created></creationInfo><packages><name>control</name>"
                "<SPDXID>SPDXRef-1</SPDXID><versionInfo>1</versionInfo><checksums><algorithm>SHA256</algorithm>"
                f"<checksumValue>{plant.sha256}</checksumValue></checksums><externalRefs>"
                "<referenceType>purl</referenceType><referenceLocator>pkg:npm/control@1</referenceLocator>"
                "</externalRefs></packages></Document>\n"
            ).encode()
        package = {"name": "control", "SPDXID": "SPDXRef-1", "versionInfo": "1"}
        package["checksums"] = [{"algorithm": "SHA256", "checksumValue": plant.sha256}]  # type: ignore[assignment]
        package["externalRefs"] = [{"referenceType": "purl", "referenceLocator": "pkg:npm/control@1"}]  # type: ignore[assignment]
        info = {"created": "2023-04-01T00:00:00Z"}
        return orjson.dumps({"spdxVersion": "SPDX-2.3", "creationInfo": info, "packages": [package]}) + b"\n"


def _dicts(nodes: Any, locator: str, account: Account) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, node in enumerate(nodes if isinstance(nodes, list) else [] if nodes is None else [nodes]):
        if isinstance(node, dict):
            yield f"{locator}/{number}", node
        else:
            account.spoil(f"{locator}/{number}")


def _of_v2(tree: dict[str, Any], account: Account) -> Iterator[Component]:
    info = tree.get("creationInfo")
    account.time = time_of(info.get("created")) if isinstance(info, dict) else None
    if not _VERSION.match(string(tree.get("spdxVersion"))):
        account.unfamiliar(f"version {tree.get('spdxVersion')!r}")
    relations = list(_dicts(tree.get("relationships"), "/relationships", account))
    described = {string(r.get("relatedSpdxElement")) for _, r in relations if r.get("relationshipType") == "DESCRIBES"}
    described |= set(_texts(tree.get("documentDescribes")))
    for locator, node in _dicts(tree.get("packages"), "/packages", account):
        yield replace(_package(node, locator, account), described=string(node.get("SPDXID")) in described)
    for locator, node in _dicts(tree.get("files"), "/files", account):
        sums = [string(c.get("checksumValue")) for _, c in _dicts(node.get("checksums"), locator, account)]
        yield Component(
            name=string(node.get("fileName")), locator=locator, digests=tuple(sums), is_file=True, event=_rest(node)
        )
    for _, node in relations:
        _unknown(string(node.get("relationshipType")), string(node.get("relatedSpdxElement")), account)


def _package(node: dict[str, Any], locator: str, account: Account) -> Component:
    references = [r for _, r in _dicts(node.get("externalRefs"), f"{locator}/externalRefs", account)]
    purls = [string(r.get("referenceLocator")) for r in references if r.get("referenceType") == "purl"]
    sums = [string(c.get("checksumValue")) for _, c in _dicts(node.get("checksums"), f"{locator}/checksums", account)]
    return Component(
        name=string(node.get("name")),
        locator=locator,
        version=string(node.get("versionInfo")),
        kind=string(node.get("primaryPackagePurpose")).lower().replace("_", "-"),
        publisher=_said(string(node.get("supplier"))),
        purls=tuple(purls),
        digests=tuple(sums),
        urls=tuple(url for key in ("downloadLocation", "homepage") if (url := _said(string(node.get(key))))),
        event=_rest(node),
    )


def _of_graph(tree: dict[str, Any], account: Account) -> Iterator[Component]:
    nodes = list(_dicts(tree.get("@graph", [tree]), "/@graph", account))
    made = [time for _, node in nodes if node.get("type") == "CreationInfo" and (time := time_of(node.get("created")))]
    # Parts of one document may be made at several times; only the first is certain for all of them.
    account.time = min(made, default=None)
    if not any("spdx.org/rdf/3.0" in c for c in _texts(tree.get("@context"))):
        account.unfamiliar(f"context {tree.get('@context')!r}")
    roots = {text for _, node in nodes for text in _texts(node.get("rootElement"))}
    for locator, node in nodes:
        kind = string(node.get("type")) or string(node.get("@type"))
        match kind.rpartition("/")[2].removeprefix("software_").removeprefix("Software/"):
            case "Package" | "AIPackage" | "DatasetPackage" | "ai_AIPackage" | "dataset_DatasetPackage":
                one = _element(node, locator, account, is_file=False)
                yield replace(one, described=(string(node.get("spdxId")) or string(node.get("@id"))) in roots)
            case "File":
                yield _element(node, locator, account, is_file=True)
        if string(node.get("completeness")).rpartition("/")[2] == "incomplete":
            account.lose(Reason.NOT_PROVIDED, "says of itself that a list of what belongs to it is incomplete")
        relation = string(node.get("relationshipType")).rpartition("/")[2]
        if relation in _HOLDS and any(_NOTHING_SAID.search(text) for text in _texts(node.get("to"))):
            account.lose(Reason.NOT_PROVIDED, f"says of itself that not all it {relation} is known")


def _element(node: dict[str, Any], locator: str, account: Account, *, is_file: bool) -> Component:
    named = [i for _, i in _dicts(node.get("externalIdentifier"), f"{locator}/externalIdentifier", account)]
    purls = [string(i.get("identifier")) for i in named if string(i.get("externalIdentifierType")) in _PURL]
    sums = [string(h.get("hashValue")) for _, h in _dicts(node.get("verifiedUsing"), locator, account)]
    own = string(node.get("software_packageUrl"))
    urls = (string(node.get(key)) for key in ("software_downloadLocation", "software_homePage"))
    return Component(
        name=string(node.get("name")),
        locator=locator,
        version=string(node.get("software_packageVersion")),
        kind="" if is_file else string(node.get("software_primaryPurpose")).lower(),
        purls=tuple(dict.fromkeys(purl for purl in (own, *purls) if purl)),
        digests=tuple(text for text in sums if text),
        urls=tuple(url for url in map(_said, urls) if url),
        is_file=is_file,
        event=_rest(node),
    )


_PURL = ("packageUrl", "packageURL", "purl")


def _of_tags(text: str, account: Account) -> Iterator[Component]:
    head, *blocks = _blocks(text, account)
    first = dict(reversed(head[1]))
    account.time = time_of(first.get("Created"))
    if not _VERSION.match(first.get("SPDXVersion", "").strip()):
        account.unfamiliar(f"version {first.get('SPDXVersion')!r}")
    related = [value.split() for _, pairs in (head, *blocks) for tag, value in pairs if tag == "Relationship"]
    described = {words[2] for words in related if len(words) >= 3 and words[1] == "DESCRIBES"}
    for number, pairs in (head, *blocks):
        for tag, value in pairs:
            if tag == "Relationship" and len(words := value.split()) >= 3:
                _unknown(words[1], words[2], account)
        if pairs and pairs[0][0] in ("PackageName", "FileName"):
            one = _tagged(pairs, f"line {number}")
            yield replace(one, described=dict(reversed(pairs)).get("SPDXID", "") in described)


def _blocks(text: str, account: Account) -> list[tuple[int, list[tuple[str, str]]]]:
    blocks: list[tuple[int, list[tuple[str, str]]]] = [(1, [])]
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        found = _TAG.match(line)
        if inside:
            tag, said = blocks[-1][1][-1]
            blocks[-1][1][-1] = (tag, f"{said} {line}")
            inside = "</text>" not in line
        elif found is not None:
            if found[1] in ("PackageName", "FileName", "SnippetSPDXID", "LicenseID"):
                blocks.append((number, []))
            blocks[-1][1].append((found[1], found[2].strip()))
            inside = "<text>" in line and "</text>" not in line
        elif line.strip() and not line.lstrip().startswith("#"):
            account.spoil(f"line {number}", "is no tag and value")
    if inside:
        raise ReadError(Reason.TRUNCATED, "ends within a text")
    return blocks


def _tagged(pairs: list[tuple[str, str]], locator: str) -> Component:
    own = dict(reversed(pairs))
    prefix = pairs[0][0].removesuffix("Name")
    references = [value.split() for tag, value in pairs if tag == "ExternalRef"]
    return Component(
        name=pairs[0][1],
        locator=locator,
        version=own.get("PackageVersion", ""),
        kind=own.get("PrimaryPackagePurpose", "").lower(),
        publisher=_said(own.get("PackageSupplier", "")),
        purls=tuple(words[2] for words in references if len(words) >= 3 and words[1] == "purl"),
        digests=tuple(value.rpartition(":")[2].strip() for tag, value in pairs if tag == prefix + "Checksum"),
        urls=tuple(url for key in ("PackageDownloadLocation", "PackageHomePage") if (url := _said(own.get(key, "")))),
        is_file=prefix == "File",
        event=joined(pairs),
    )


def _unknown(relation: str, other: str, account: Account) -> None:
    if relation in _DEPENDS and other == "NOASSERTION":
        account.lose(Reason.NOT_PROVIDED, f"says of itself that not all it {relation} is known")


def _rest(node: dict[str, Any]) -> dict[str, str]:
    return event_of({key: value for key, value in node.items() if key not in ("name", "versionInfo")})


def _said(text: str) -> str:
    """Give a text that says something: neither NOASSERTION nor NONE, without the kind of who it is."""
    return "" if text in ("NOASSERTION", "NONE") else re.sub(r"^(?:Organization|Person|Tool): ", "", text)


def _texts(node: Any) -> list[str]:
    return [item for item in (node if isinstance(node, list) else [node]) if isinstance(item, str)]
