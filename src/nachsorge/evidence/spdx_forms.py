"""SPDX 2.x as XML, RDF/XML and YAML, brought to the shape that its JSON has; only what a package list needs.

Sources: SPDX Specification 2.3, clause 4.4 and annex C (the RDF vocabulary, whose terms JSON shortens), and the XML and
YAML that its tools make of the JSON schema, key by key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

LARGEST_YAML = 50_000
"""So many lines and parts within lines are read: each takes a tenth of a millisecond, and JSON has no such limit."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_SHARED = re.compile(rb"(?:^|[\s\[{,:-])[&*]\w", re.MULTILINE)
_DEEPEST = 32
_PARTS = (b"\n", b"[", b"{", b",", b"- ", b"? ", b"\r")


def of_yaml(body: bytes) -> dict[str, Any]:
    """Read a YAML document. ReadError with LIMIT, NOT_SUPPORTED (parts that are named and repeated) or CORRUPT."""
    if sum(map(body.count, _PARTS)) > LARGEST_YAML:
        raise ReadError(Reason.LIMIT, f"SPDX as YAML of more than {LARGEST_YAML} lines; give it as JSON")
    if _SHARED.search(body):
        raise ReadError(Reason.NOT_SUPPORTED, "SPDX as YAML with anchors, which can stand for any amount of text")
    try:
        tree = YAML(typ="base").load(body)  # texts only: 1.10 is no number
    except (YAMLError, ValueError, RecursionError) as error:
        raise ReadError(Reason.CORRUPT, f"no YAML: {str(error).splitlines()[0][:200]}") from error
    if not isinstance(tree, dict):
        raise ReadError(Reason.CORRUPT, "no mapping")
    return {str(key): value for key, value in tree.items()}


def of_xml(body: bytes) -> dict[str, Any]:
    """Read XML of either kind. Raises ReadError with CORRUPT."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ReadError(Reason.CORRUPT, f"no XML: {error}"[:200]) from error
    if root.tag.startswith("{") or root.tag == "RDF":
        return _of_rdf(root)
    tree = _plain(root, 0)
    return tree if isinstance(tree, dict) else {}


def _plain(node: Element, depth: int) -> Any:
    """Give an element as JSON would have it: repeated ones are a list."""
    if not len(node):
        return (node.text or "").strip()
    if depth > _DEEPEST:
        raise ReadError(Reason.LIMIT, f"nested more than {_DEEPEST} deep")
    found: dict[str, Any] = {}
    for child in node:
        value, held = _plain(child, depth + 1), found.get(child.tag)
        if held is None:
            found[child.tag] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            found[child.tag] = [held, value]
    return found


def _of_rdf(root: Element) -> dict[str, Any]:
    document = next((node for node in root.iter() if _name(node) == "SpdxDocument"), None)
    if document is None:
        raise ReadError(Reason.CORRUPT, "no SpdxDocument")
    described = {_identity(each) for holder in document for each in holder if _name(holder) == "describesPackage"}
    relations = list(_relations(root))
    described |= {one["relatedSpdxElement"] for one in relations if one["relationshipType"] == "DESCRIBES"}
    return {
        "spdxVersion": _text(document, "specVersion") or _text(root, "specVersion"),
        "creationInfo": {"created": _text(document, "created")},
        "packages": [_package(node) for node in root.iter() if _name(node) == "Package"],
        "files": [_file(node) for node in root.iter() if _name(node) == "File"],
        "documentDescribes": sorted(described - {""}),
        "relationships": relations,
    }


def _package(node: Element) -> dict[str, Any]:
    references = [
        {
            "referenceType": _resource(each, "referenceType").rpartition("/")[2],
            "referenceLocator": _text(each, "referenceLocator"),
        }
        for each in _below(node, "externalRef")
    ]
    keys = ("versionInfo", "supplier", "downloadLocation", "primaryPackagePurpose")
    more = {key: found for key in keys if (found := _text(node, key) or _resource(node, key).rpartition("purpose_")[2])}
    homepage = _text(node, "homepage") or _resource(node, "homepage")
    return {
        "name": _text(node, "name"),
        "SPDXID": _identity(node),
        **more,
        **({"homepage": homepage} if homepage else {}),
        "checksums": _sums(node),
        "externalRefs": references,
    }


def _file(node: Element) -> dict[str, Any]:
    return {"fileName": _text(node, "fileName"), "SPDXID": _identity(node), "checksums": _sums(node)}


def _sums(node: Element) -> list[dict[str, str]]:
    return [
        {
            "algorithm": _resource(each, "algorithm").rpartition("_")[2].upper(),
            "checksumValue": _text(each, "checksumValue"),
        }
        for each in _below(node, "checksum")
    ]


def _relations(root: Element) -> Iterator[dict[str, str]]:
    for node in root.iter():
        if _name(node) == "Relationship":
            kind = _resource(node, "relationshipType").rpartition("relationshipType_")[2]
            yield {"relationshipType": _constant(kind), "relatedSpdxElement": _other(node)}


def _other(node: Element) -> str:
    """Name the other end of a relationship, which may stand within it as an element of its own."""
    within = next(iter(_below(node, "relatedSpdxElement")), None)
    other = _resource(node, "relatedSpdxElement") or (_identity(within) if within is not None else "")
    return "NOASSERTION" if other.lower().endswith("noassertion") else other.rpartition("#")[2]


def _constant(name: str) -> str:
    """Spell `dependsOn` as JSON does: `DEPENDS_ON`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(node: Element, name: str) -> str:
    """Give the text of a child, or of the child's child (`creationInfo` stands around `created`)."""
    for child in node:
        if _name(child) == name and child.text and child.text.strip():
            return child.text.strip()
    for child in node:
        if _name(child) == "creationInfo":
            for inner in child.iter():
                if _name(inner) == name and inner.text:
                    return inner.text.strip()
    return ""


def _resource(node: Element, name: str) -> str:
    return next((child.get(f"{_RDF}resource", "") for child in node if _name(child) == name), "")


def _below(node: Element, name: str) -> list[Element]:
    return [each for child in node if _name(child) == name for each in child]


def _identity(node: Element) -> str:
    about = node.get(f"{_RDF}about") or node.get(f"{_RDF}resource") or node.get(f"{_RDF}ID") or ""
    return about.rpartition("#")[2]
