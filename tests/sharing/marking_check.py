"""A checker of our own for markings in STIX: the reference tools accept `purple` and do not miss what is not marked.

The ids are typed from the OASIS extension definitions, not taken from the program.
"""

from __future__ import annotations

from typing import Any

TLP = {
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
PAP = {
    "ad15a0cd-55b6-4588-a14c-a66105329b92": "clear",
    "c43594d1-4b11-4c59-93ab-1c9b14d53ce9": "green",
    "60f8932b-e51e-4458-b265-a2e8be9a80ab": "amber",
    "740d36e5-7714-4c30-961a-3ae632ceee0e": "red",
}
TLP_1 = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "f88d31f6-486f-44da-b317-01333bde0b82",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_PAP_EXTENSION = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"


def wrong(bundle: dict[str, Any]) -> list[str]:
    """List everything that is wrong with the markings of a bundle."""
    there = {one["id"]: one for one in bundle["objects"] if one["type"] == "marking-definition"}
    found = [text for one in there.values() for text in _definition(one)]
    for one in bundle["objects"]:
        if one["type"] != "marking-definition":
            found += _marked(one, there)
    return found


def _definition(one: dict[str, Any]) -> list[str]:
    uuid = one["id"].partition("--")[2]
    if uuid in TLP_1 or "definition" in one:
        return [f"{one['id']}: TLP 1"]
    if uuid in TLP:
        wanted, name = {_TLP_EXTENSION: {"tlp_2_0": TLP[uuid]}}, f"TLP:{TLP[uuid].upper()}"
    elif uuid in PAP:
        wanted, name = {_PAP_EXTENSION: {"pap": PAP[uuid]}}, f"PAP:{PAP[uuid].upper()}"
    else:
        return [f"{one['id']}: no marking of TLP 2.0 or PAP"]
    for extension in wanted.values():
        extension["extension_type"] = "property-extension"
    return [] if (one.get("extensions"), one.get("name")) == (wanted, name) else [f"{one['id']}: not as it is defined"]


def _marked(one: dict[str, Any], there: dict[str, Any]) -> list[str]:
    refs = [ref.partition("--")[2] for ref in one.get("object_marking_refs", [])]
    found = [
        f"{one['id']}: refers to a marking that is not in the bundle"
        for ref in refs
        if f"marking-definition--{ref}" not in there
    ]
    if [ref in TLP for ref in refs].count(True) != 1:
        found.append(f"{one['id']}: not one TLP 2.0 marking")
    if [ref in PAP for ref in refs].count(True) != 1:
        found.append(f"{one['id']}: not one PAP marking")
    return found


def tlp_of(one: dict[str, Any]) -> str:
    """Give the TLP of an object."""
    [found] = [TLP[ref.partition("--")[2]] for ref in one["object_marking_refs"] if ref.partition("--")[2] in TLP]
    return found
