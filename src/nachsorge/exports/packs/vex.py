"""A CycloneDX 1.6 document about affected products: what a VEX says of a flaw, said of a compromised release.

VEX has no word for "this release is malware"; `exploitable` with a detail in words is the nearest.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nachsorge.exports.packs.naming import file_name, heading, uuid_of
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.times import SECOND, render
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Selection
    from nachsorge.model.pack import Exposure

_DETAIL = (
    "A release with this version is itself malicious: having run it is a compromise, and updating does not undo it."
)


class VexExporter:
    """For tools that match bills of materials against statements."""

    name = "vex"
    blocks = False
    says = Says(
        expresses="packages at their exact version, products with affected and clean versions, as one CycloneDX "
        "`vulnerabilities` entry",
        drops="everything that is no product or package; platform (a property); VEX means flaws, not malware",
        checked="the CycloneDX 1.6 schema (`cyclonedx-python-lib`)",
    )

    def write(self, selection: Selection) -> Written:
        """Write one document."""
        pack = selection.pack
        packages = [_package(row.of.value) for row in distinct(selection.rows, IndicatorType.PACKAGE)]
        products = [_product(exposure) for exposure in pack.exposures]
        body: dict[str, Any] = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:{uuid_of('vex', pack.id, pack.digest)}",
            "version": 1,
            "metadata": {
                "timestamp": render(selection.at // SECOND * SECOND),
                "properties": [
                    {"name": "nachsorge:note", "value": text}
                    for text in heading(pack, selection.release.label, "VEX-like note")
                ],
            },
            "components": [component for component, _ in [*packages, *products]],
            "vulnerabilities": [_statement(selection, [affects for _, affects in [*packages, *products]])],
        }
        content = json.dumps(body, indent=1, ensure_ascii=False).encode()
        lost = [Loss(row.named, "no product") for row in selection.rows if row.of.type is not IndicatorType.PACKAGE]
        losses = [*selection.held, *lost, *rules_lost(pack, "no product")]
        losses += parts_lost(pack, frozenset({"exposures", "aliases"}))
        return Written((File(file_name(pack, ".cdx.json"), content),), tuple(losses))


def _package(purl: str) -> tuple[dict[str, Any], dict[str, Any]]:
    bare, _, rest = purl.partition("@") if purl.count("@") == 1 else purl.rpartition("@")
    version = re.split(r"[?#]", rest)[0]
    component = {"type": "library", "bom-ref": purl, "name": bare.partition("/")[2], "version": version, "purl": purl}
    return component, {"ref": purl, "versions": [{"version": version, "status": "affected"}]}


def _product(exposure: Exposure) -> tuple[dict[str, Any], dict[str, Any]]:
    ref = f"product-{exposure.id}"
    properties = [{"name": "nachsorge:platform", "value": exposure.platform.value}] if exposure.platform else []
    properties += [{"name": "nachsorge:also-called", "value": name} for name in exposure.names[1:]]
    component = {"type": "application", "bom-ref": ref, "name": exposure.names[0]}
    if properties:
        component["properties"] = properties  # type: ignore[assignment]
    versions = [{"version": version, "status": "affected"} for version in dict.fromkeys(exposure.affected)]
    versions += [{"version": version, "status": "unaffected"} for version in dict.fromkeys(exposure.clean)]
    if exposure.any_version:
        versions = [{"range": "vers:generic/*", "status": "affected"}]
    return component, {"ref": ref, "versions": versions} if versions else {"ref": ref}


def _statement(selection: Selection, affects: list[dict[str, Any]]) -> dict[str, Any]:
    pack = selection.pack
    statement: dict[str, Any] = {
        "bom-ref": f"incident-{pack.id}",
        "id": pack.id,
        "description": pack.summary or pack.title,
        "detail": _DETAIL,
        "analysis": {"state": "exploitable", "detail": _DETAIL},
        "affects": affects,
    }
    if pack.aliases:
        statement["properties"] = [{"name": "nachsorge:alias", "value": alias} for alias in pack.aliases]
    advisories = [source.where for source in pack.sources if re.match(r"https?://[^\s]+\Z", source.where)]
    if advisories:
        statement["advisories"] = [{"url": url} for url in dict.fromkeys(advisories)]
    return statement
