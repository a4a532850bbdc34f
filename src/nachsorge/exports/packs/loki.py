"""Plain lists for Loki and THOR: hashes, file name patterns, C2 names (README of signature-base, `iocs/`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading, plain
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.words import IndicatorType, Role, Weight

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection

_I = IndicatorType
_HASHES = (_I.SHA256, _I.SHA1, _I.MD5)
_SCORES = {Weight.PROOF: 100, Weight.STRONG: 80, Weight.HINT: 50}
_VARIABLE = re.compile(r"%[^%\\/]+%|<[^<>\\/]+>|~(?=/)")


class LokiExporter:
    """For the folder `signature-base/iocs`: the word in a file's name says what Loki reads it as."""

    name = "loki"
    blocks = False
    says = Says(
        expresses="hashes with a comment, file names and paths as regular expressions with a score, host names and "
        "addresses of C2 lists; the pack's YARA rules (`--to yara`) go beside them",
        drops="networks, URLs, registry, packages, strings, Sigma rules; validity, platform",
        checked="the layout of signature-base's own lists, and every expression compiled and tried",
    )

    def write(self, selection: Selection) -> Written:
        """Write the three lists; one without rows is left out."""
        listed = {
            "hash-iocs": [f"{row.of.value};{_comment(row)}" for row in distinct(selection.rows, *_HASHES)],
            "filename-iocs": [
                f"{_regex(row)};{_score(row)}" for row in distinct(selection.rows, _I.PATH, _I.FILE_NAME)
            ],
            "c2-iocs": [f"# {_comment(row)}\n{row.of.value}" for row in distinct(selection.rows, _I.DOMAIN, _I.IP)],
        }
        head = [f"# {text}" for text in heading(selection.pack, selection.release.label, "Loki list")]
        files = [
            File(file_name(selection.pack, f"-{name}.txt"), "\n".join([*head, *lines, ""]).encode())
            for name, lines in listed.items()
            if lines
        ]
        taken = (*_HASHES, _I.PATH, _I.FILE_NAME, _I.DOMAIN, _I.IP)
        lost = [Loss(row.named, "no list of Loki's") for row in selection.rows if row.of.type not in taken]
        rules = [*rules_lost(selection.pack, "Loki reads no Sigma", "sigma")]
        rules += rules_lost(selection.pack, "a file of its own: --to yara", "yara")
        return Written(tuple(files), (*selection.held, *lost, *rules, *parts_lost(selection.pack)))


def _comment(row: Row) -> str:
    role = "" if row.of.role is Role.MALICIOUS else f" {row.of.role}"
    return plain(f"{row.stage.id}{role} TLP:{row.of.tlp} {row.of.note}").replace(";", ",")


def _score(row: Row) -> int:
    return _SCORES[row.trace.weight]


def _regex(row: Row) -> str:
    """Give the path as a regular expression without case; folders that are somebody's own become any folder."""
    value = row.of.value
    anchor = r"(^|[\\/])" if row.of.type is _I.FILE_NAME or not re.match(r"[A-Za-z]:|/", value) else "^"
    out, at = [], 0
    for found in re.finditer(rf"{_VARIABLE.pattern}|\*\*?|\?", value):
        out.append(_escaped(value[at : found.start()]))
        out.append(_wild(found[0]))
        at = found.end()
    out.append(_escaped(value[at:]))
    return f"(?i){anchor}{''.join(out)}$"


def _wild(found: str) -> str:
    if found == "?":
        return r"[^\\/]"
    if found == "**" or found[0] in "%~":
        return ".*"
    return r"[^\\/]*"


def _escaped(text: str) -> str:
    # `;` parts the columns of the list.
    return re.escape(text).replace(";", r"\x3b").replace("\\ ", " ").replace("/", r"[\\/]")
