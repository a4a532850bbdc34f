"""TLP 2.0 and PAP in STIX 2.1: the marking objects with their fixed ids; no other instances may be made.

OASIS cti-stix-common-objects: `tlp-marking-definition-60a` (2022-10) and `pap-marking-definition-f8d` (2022-11).
"""

from __future__ import annotations

from typing import Any, Final

from nachsorge.model.labels import Pap
from nachsorge.model.words import Tlp

_TLP: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_PAP: Final = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
_TLP_IDS: Final = {
    Tlp.CLEAR: "94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_PAP_IDS: Final = {
    Pap.CLEAR: ("ad15a0cd-55b6-4588-a14c-a66105329b92", "2022-10-01"),
    Pap.GREEN: ("c43594d1-4b11-4c59-93ab-1c9b14d53ce9", "2022-10-09"),
    Pap.AMBER: ("60f8932b-e51e-4458-b265-a2e8be9a80ab", "2022-10-02"),
    Pap.RED: ("740d36e5-7714-4c30-961a-3ae632ceee0e", "2022-10-06"),
}


def marking_ref(label: Tlp) -> str:
    """Give the id that `object_marking_refs` names."""
    return f"marking-definition--{_TLP_IDS[label]}"


def marking(label: Tlp) -> dict[str, Any]:
    """Give the marking object as the extension defines it."""
    values = {"extension_type": "property-extension", "tlp_2_0": label.lower()}
    return _object(_TLP_IDS[label], "2022-10-01", f"TLP:{label}", {_TLP: values})


def pap_ref(pap: Pap) -> str:
    """Give the id that `object_marking_refs` names."""
    return f"marking-definition--{_PAP_IDS[pap][0]}"


def pap_marking(pap: Pap) -> dict[str, Any]:
    """Give the marking object as the extension defines it."""
    uuid, day = _PAP_IDS[pap]
    return _object(uuid, day, f"PAP:{pap}", {_PAP: {"extension_type": "property-extension", "pap": pap.lower()}})


def _object(uuid: str, day: str, name: str, extensions: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid}",
        "created": f"{day}T00:00:00.000Z",
        "name": name,
        "extensions": extensions,
    }
