"""One Suricata rule from its parts (Suricata 7 rule format): escaping, buffers, options that every rule has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import plain, word
from nachsorge.model.words import Role, Weight

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row

_PRIORITY = {Weight.PROOF: 1, Weight.STRONG: 2, Weight.HINT: 3}


@dataclass(frozen=True, slots=True)
class Part:
    """A rule without its number: protocol, destination, and the options that match."""

    protocol: str
    options: str
    to: str = "any"


def content(text: str) -> str:
    """Write a content match; what the grammar or a log could trip over goes as hexadecimal."""
    raw = text.encode()
    out = "".join(chr(byte) if re.match(rb"[A-Za-z0-9._/=&%+~-]", bytes([byte])) else f"|{byte:02X}|" for byte in raw)
    return f'content:"{out.replace("||", " ")}";'


def host(buffer: str, name: str) -> str:
    """Match a host name and all below it, on a label boundary; `http.host` is lower case already."""
    nocase = "" if buffer == "http.host" else " nocase;"
    return f"{buffer}; dotprefix; {content('.' + name.lower())}{nocase} endswith;"


def pieces(buffer: str, text: str, *, whole: bool) -> str:
    """Match a text with `*` in it: its pieces in order; `whole` ties the first and the last to the ends."""
    parts = [part for part in text.split("*") if part]
    out = [f"{buffer};"]
    for index, part in enumerate(parts):
        out.append(content(part))
        if index:
            out.append("distance:0;")
        elif whole and not text.startswith("*"):
            out.append("startswith;")
        if whole and index == len(parts) - 1 and not text.endswith("*"):
            out.append("endswith;")
    return " ".join(out)


def rule(part: Part, row: Row, *, pack: str, digest: str, sid: int, rev: int, what: str) -> str:
    """Write the rule: its message names pack, stage and value; its metadata the label and the weight."""
    role = "" if row.of.role is Role.MALICIOUS else f" ({row.of.role})"
    words = plain(f"nachsorge {pack} {row.stage.id}{role} {what}")
    message = re.sub(r'[;"\\:()|\s]+', " ", words)[:240].strip()
    metadata = f"pack {word(pack, '-')}, stage {word(row.stage.id, '-')}, weight {row.trace.weight}"
    metadata += f", tlp {word(row.of.tlp, '-')}, pack_sha256 {digest[:16]}"
    return (
        f'alert {part.protocol} any any -> {part.to} any (msg:"{message}"; {part.options} '
        f"priority:{_PRIORITY[row.trace.weight]}; metadata:{metadata}; sid:{sid}; rev:{rev};)"
    )
