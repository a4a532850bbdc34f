"""CycloneDX bills of materials, JSON and XML, all versions: components at any depth, services and vulnerabilities.

Source of the format: ECMA-424. A composition whose `aggregate` is `incomplete...` or `unknown` is a gap.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nachsorge.evidence.components import Bill, Component, time_of, unwrapped
from nachsorge.evidence.fields import event_of
from nachsorge.evidence.packages import Account, broken, string, whole
from nachsorge.evidence.seams import Opened, Plant, ReadError, Sieve, Tells
from nachsorge.model.words import Reason, Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.model.evidence import Record

_XML = re.compile(rb"<(?:\w+:)?bom\b[^>]*cyclonedx\.org/schema/bom/")
_LISTS = {
    "components": "component",
    "services": "service",
    "vulnerabilities": "vulnerability",
    "compositions": "composition",
    "hashes": "hash",
    "externalReferences": "reference",
}
_KNOWN = re.compile(r"1\.[0-7]\Z")
_VERSION = re.compile(rb"cyclonedx\.org/schema/bom/([\w.]+)")
_COMPLETE = ("complete", "not_specified")
_REST = ("services", "vulnerabilities", "annotations", "formulation", "properties", "externalReferences")


class CycloneDx:
    """Reader of CycloneDX."""

    name = "cyclonedx"
    text = True
    telemetry: tuple[Telemetry, ...] = (Telemetry.PACKAGE_LOCK, Telemetry.INSTALLED_SOFTWARE, Telemetry.TEXT)
    tells = Tells(
        proves="that what the bill describes contains this component at this version",
        rules_out="a package of what the bill describes, at the time that it states, where every component has a "
        "package URL and it does not call itself incomplete",
        not_told="components that the tool that wrote it did not see, programs of the machine, builds before and "
        "after, whether and where it was installed",
        covers=(Telemetry.PACKAGE_LOCK,),
    )

    def accepts(self, head: bytes, name: str) -> int:
        """Recognise the format's own name in JSON, or its namespace in XML."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"{"):
            return 90 if re.search(rb'"bomFormat"\s*:\s*"CycloneDX"', head) else 0
        return 90 if start.startswith(b"<") and _XML.search(head) else 0

    def read(self, source: Opened, sieve: Sieve, ledger: Ledger) -> Iterator[Record]:
        """Yield one record a component."""
        ledger.host = ledger.host or source.path
        account = Account(source, sieve, ledger, None)
        body = whole(source, account)
        try:
            tree = _tree(body)
            metadata = tree.get("metadata") if isinstance(tree.get("metadata"), dict) else {}
            account.time = time_of((metadata or {}).get("timestamp"))
            if not _KNOWN.match(said := _version(tree, body)):
                account.unfamiliar(f"version {said!r}")
            bill = Bill(account)
            yield from _all(tree, metadata or {}, bill)
            _incomplete(tree.get("compositions"), account)
            bill.close()
        except (ReadError, ValueError, LookupError, ParseError, DefusedXmlException, RecursionError) as error:
            yield from broken(body, error, account)

    def plant(self, head: bytes, plant: Plant) -> bytes | None:
        """Make a bill of the same form with one library of the planted hash."""
        if _XML.search(head):
            return (
                '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1"><metadata>'
                "<timestamp>2023-04-01T00:00:00Z</timestamp></metadata><components>"
                '<component type="library"><name>control</name><version>1</version><hashes>'
                f'<hash alg="SHA-256">{plant.sha256}</hash></hashes><purl>pkg:npm/control@1</purl></component>'
                "</components></bom>\n"
            ).encode()
        hashes = [{"alg": "SHA-256", "content": plant.sha256}]
        library = {"type": "library", "name": "control", "purl": "pkg:npm/control@1", "hashes": hashes}
        metadata = {"timestamp": "2023-04-01T00:00:00Z"}
        return orjson.dumps(
            {"bomFormat": "CycloneDX", "specVersion": "1.4", "metadata": metadata, "components": [library]}
        )


def _tree(body: bytes) -> dict[str, Any]:
    tree = _of_xml(fromstring(body)) if body.lstrip().startswith(b"<") else orjson.loads(body)
    if not isinstance(tree, dict):
        raise ReadError(Reason.CORRUPT, "no bill of materials")
    return unwrapped(tree)


def _version(tree: dict[str, Any], body: bytes) -> str:
    """Give the specification's version: its own field in JSON, the last part of the namespace in XML."""
    in_xml = _VERSION.search(body) if body.lstrip().startswith(b"<") else None
    return in_xml[1].decode() if in_xml else string(tree.get("specVersion"))


def _of_xml(node: Element) -> Any:
    """Bring XML to the shape of the JSON form, as far as it is read here; depth is bounded by the recursion limit."""
    children = list(node)
    if not children and not node.attrib:
        return (node.text or "").strip()
    out: dict[str, Any] = {_local(key): text for key, text in node.attrib.items()}
    for child in children:
        tag = _local(child.tag)
        if tag in _LISTS:
            out[tag] = [_of_xml(item) for item in child if _local(item.tag) == _LISTS[tag]]
        elif tag in out:
            out[tag] = [*(out[tag] if isinstance(out[tag], list) else [out[tag]]), _of_xml(child)]
        else:
            out[tag] = _of_xml(child)
    if (text := (node.text or "").strip()) and not children:
        out["content"] = text
    return out


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _all(tree: dict[str, Any], metadata: dict[str, Any], bill: Bill) -> Iterator[Record]:
    nodes = deque([("/metadata/component", metadata["component"])] if "component" in metadata else [])
    nodes += _listed("/components", tree.get("components"))
    while nodes:
        locator, node = nodes.popleft()
        if not isinstance(node, dict):
            bill.account.spoil(locator)
            continue
        yield from bill.records(_component(node, locator))
        nodes.extendleft(reversed(_listed(f"{locator}/components", node.get("components"))))
    for key in _REST:
        for place, node in _listed(f"/{key}", tree.get(key)):
            yield from bill.text(event_of(node), place)


def _listed(locator: str, nodes: Any) -> list[tuple[str, Any]]:
    if nodes in (None, ""):
        return []
    return [(f"{locator}/{n}", node) for n, node in enumerate(nodes if isinstance(nodes, list) else [nodes])]


def _component(node: dict[str, Any], locator: str) -> Component:
    group, name, kind = (string(node.get(key)) for key in ("group", "name", "type"))
    hashes = [string(h.get("content")) for _, h in _listed("", node.get("hashes")) if isinstance(h, dict)]
    references = [string(r.get("url")) for _, r in _listed("", node.get("externalReferences")) if isinstance(r, dict)]
    supplier = node.get("supplier")
    publisher = string(node.get("publisher")) or (string(supplier.get("name")) if isinstance(supplier, dict) else "")
    rest = {k: v for k, v in node.items() if k not in ("components", "name", "version", "type", "purl", "publisher")}
    purl = string(node.get("purl"))
    return Component(
        name=f"{group}/{name}" if group and kind.lower() not in ("application", "operating-system") else name,
        locator=locator,
        version=string(node.get("version")),
        kind=kind.lower(),
        publisher=publisher,
        purls=(purl,) if purl else (),
        digests=tuple(text for text in hashes if text),
        urls=tuple(text for text in references if text),
        is_file=kind.lower() == "file",
        described=locator == "/metadata/component",
        event=event_of(rest),
    )


def _incomplete(compositions: Any, account: Account) -> None:
    aggregates = [_aggregate(node) for _, node in _listed("", compositions)]
    for aggregate in dict.fromkeys(aggregates):
        if aggregate not in _COMPLETE:
            account.lose(Reason.NOT_PROVIDED, f"says of itself that its composition is {aggregate}")


def _aggregate(node: Any) -> str:
    """Give what a composition says of its completeness; one that cannot be read leaves it unknown."""
    said = node.get("aggregate") if isinstance(node, dict) else None
    return said.strip().lower() if isinstance(said, str) and said.strip() else "unknown"
