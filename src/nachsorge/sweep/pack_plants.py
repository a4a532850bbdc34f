"""Made evidence in which the values of a pack stand, each in a field of its kind: JSON, a bill of materials."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from nachsorge.model.assessment import Asset
from nachsorge.model.words import IndicatorType
from nachsorge.sweep.digests import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.model.pack import Indicator, Pack

_I = IndicatorType
_FIELDS = {
    _I.DOMAIN: "query",
    _I.IP: "dest_ip",
    _I.CIDR: "dest_ip",
    _I.URL: "url",
    _I.URL_PATTERN: "url",
    _I.SHA256: "sha256",
    _I.SHA1: "sha1",
    _I.MD5: "md5",
    _I.PATH: "filepath",
    _I.FILE_NAME: "filename",
    _I.REGISTRY: "TargetObject",
    _I.USER_AGENT: "user_agent",
    _I.EMAIL: "mailfrom",
    _I.CERTIFICATE: "certificate.serial",
    _I.NAMED_OBJECT: "mutex",
    _I.STRING: "message",
}
_FOLDERS = {
    "appdata": "C:/Users/somebody/AppData/Roaming",
    "localappdata": "C:/Users/somebody/AppData/Local",
    "userprofile": "C:/Users/somebody",
    "temp": "C:/Users/somebody/AppData/Local/Temp",
    "tmp": "C:/Users/somebody/AppData/Local/Temp",
    "programdata": "C:/ProgramData",
    "allusersprofile": "C:/ProgramData",
    "programfiles": "C:/Program Files",
    "programfiles(x86)": "C:/Program Files (x86)",
    "windir": "C:/Windows",
    "systemroot": "C:/Windows",
    "systemdrive": "C:",
    "public": "C:/Users/Public",
}


def planted(rows: Iterable[Indicator]) -> dict[str, bytes]:
    """Give files by name: one JSON record a value, and a CycloneDX document with the packages."""
    records = {_line(row): None for row in rows if row.type in _FIELDS}
    packages = {row.value: None for row in rows if row.type is _I.PACKAGE}
    out = {"planted.json": "".join(records).encode()} if records else {}
    if packages:
        document = {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [_component(purl) for purl in packages],
        }
        out["planted.cdx.json"] = json.dumps(document).encode()
    return out


def stand_ins(pack: Pack, rows: Sequence[Indicator]) -> list[tuple[Indicator, Indicator, Asset]]:
    """Give each row of a trace with `digest_of`, the same with the hash of a made attribute, and whose that is."""
    out = []
    for number, row in enumerate(rows, 1):
        of = pack.traces_by_id[row.trace].digest_of
        if of is not None:
            # Six bytes of which the first says that nobody made this card (IEEE 802, locally administered).
            text = ":".join(f"{byte:02x}" for byte in (2 << 40 | number).to_bytes(6, "big"))
            content = spelled(text, of.spelling) or b""
            digest = hashlib.new(row.type.value, content, usedforsecurity=False).hexdigest()
            asset = Asset(id=f"made-{number}", names=(f"made-{number}",), attributes={of.attribute: text})
            out.append((row, replace(row, value=digest), asset))
    return out


def _line(row: Indicator) -> str:
    # No time: a hint out of its stage's time is no sighting, and what is tried here is the value.
    return json.dumps({_FIELDS[row.type]: _instance(row)}) + "\n"


def _instance(row: Indicator) -> str:
    """Give a text that the value stands for: wildcards filled, a network's first address."""
    match row.type:
        case _I.CIDR:
            return str(ip_network(row.value).network_address)
        case _I.URL_PATTERN:
            filled = _filled(row.value)
            return filled if "://" in filled else f"http://{'www' if filled[:1] in './' else ''}{filled}"
        case _I.PATH:
            home = re.sub(r"^~(?=/)", "/Users/somebody", row.value)
            home = re.sub(r"%([^%\\/]+)%", lambda found: _FOLDERS.get(found[1].lower(), "C:/somewhere"), home)
            return _filled(re.sub(r"<[^<>]*>", "somebody", home).replace("?:", "C:"))
        case _I.DOMAIN | _I.IP | _I.URL | _I.SHA256 | _I.SHA1 | _I.MD5 | _I.EMAIL:
            return row.value
        case _:
            return _filled(row.value)


def _filled(text: str) -> str:
    return text.replace("**", "*").replace("*", "xx").replace("?", "x")


def _component(purl: str) -> dict[str, str]:
    name, _, version = purl.rpartition("@")
    return {"type": "library", "name": name.rpartition("/")[2], "version": re.split(r"[?#]", version)[0], "purl": purl}
