"""Tags of MISP: labels (TLP, PAP), and the words that an export of this program leaves in them."""

from __future__ import annotations

import re
from typing import Any

from nachsorge.model.labels import Pap
from nachsorge.model.words import Tlp
from nachsorge.packs.importers.json_text import text

_OWN = re.compile(r'nachsorge:([a-z-]+)="([^"]*)"\Z')
_TLPS = {
    "clear": Tlp.CLEAR,
    "white": Tlp.CLEAR,
    "green": Tlp.GREEN,
    "amber": Tlp.AMBER,
    "amber+strict": Tlp.AMBER_STRICT,
    "red": Tlp.RED,
    "ex:chr": Tlp.RED,
}
_PAPS = {"CLEAR": Pap.CLEAR, "WHITE": Pap.CLEAR, "GREEN": Pap.GREEN, "AMBER": Pap.AMBER, "RED": Pap.RED}


def tags_in(value: Any) -> list[str]:
    """Give the names of an attribute's or event's tags."""
    return [text(tag.get("name")) for tag in value if isinstance(tag, dict)] if isinstance(value, list) else []


def said_in(tags: Any) -> dict[str, Any]:
    """Give the words that an export of this program leaves in the tags of an attribute."""
    found = [(match[1].replace("-", "_"), match[2]) for name in tags_in(tags) if (match := _OWN.match(name))]
    said: dict[str, Any] = dict(found)
    said["sources"] = [value for name, value in found if name == "source"]
    said["memory_only"] = said.get("memory_only") == "true"
    size = text(said.get("size"))
    said["size"] = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None
    return said


def tlp_of(tags: Any) -> Tlp | None:
    """Give the strictest TLP among tags, None without one."""
    names = (name.lower().partition("tlp:")[2] for name in tags_in(tags) if name.lower().startswith("tlp:"))
    # What is no label (`tlp:unclear` stands in MISP's own taxonomy) is not less than the strictest.
    return max((_TLPS.get(name.strip(), Tlp.RED) for name in names), key=list(Tlp).index, default=None)


def pap_of(tags: Any) -> Pap | None:
    """Give the strictest PAP among tags, None without one."""
    names = (name.upper().removeprefix("PAP:").strip() for name in tags_in(tags) if name.upper().startswith("PAP:"))
    return max((_PAPS.get(name, Pap.RED) for name in names), key=list(Pap).index, default=None)


def labels_of(value: dict[str, Any]) -> dict[str, Any]:
    """Give the labels that an attribute has of its own."""
    labels = {"tlp": tlp_of(value.get("Tag")), "pap": pap_of(value.get("Tag"))}
    return {name: label for name, label in labels.items() if label}
