"""YARA: the pack's own rules as they are, and rules made of its hashes and strings, one a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.exports.packs.naming import file_name, heading, plain, word
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.words import IndicatorType, Telemetry, Weight

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection
    from nachsorge.model.pack import Rule

_I = IndicatorType
_HASHES = (_I.SHA256, _I.SHA1, _I.MD5)
_IN_FILES = frozenset({Telemetry.FILESYSTEM, Telemetry.FILE_EVENT, Telemetry.IMAGE_LOAD, Telemetry.TEXT})
_SCORES = {Weight.PROOF: 100, Weight.STRONG: 75, Weight.HINT: 40}


class YaraExporter:
    """For file scanners: yara-x, YARA with the `hash` module, THOR, Loki."""

    name = "yara"
    blocks = False
    says = Says(
        expresses="the pack's YARA rules unchanged; hashes of whole files and byte strings as one rule a trace",
        drops="names, addresses, URLs, paths, file names, registry, packages, Sigma rules; strings that the pack "
        "expects in logs and not in files",
        checked="compiled by yara-x; made files with every string and hash must be met",
    )

    def write(self, selection: Selection) -> Written:
        """Write one file of rules."""
        own = [rule for rule in selection.rules if rule.engine == "yara"]
        made = [*_hash_rules(selection), *_string_rules(selection)]
        imports = ['import "hash"'] if any("hash." in text for text in made) else []
        head = [f"// {text}" for text in heading(selection.pack, selection.release.label, "YARA rules")]
        # An import has to stand before the rules; those of the pack may bring their own.
        own_imports = sorted({line.strip() for rule in own for line in rule.text.splitlines() if _imports(line)})
        body = [*dict.fromkeys([*imports, *own_imports]), *(_without_imports(rule) for rule in own), *made]
        content = "\n".join([*head, *body, ""]).encode()
        return Written((File(file_name(selection.pack, ".yar"), content),), _losses(selection))


def _imports(line: str) -> bool:
    return line.strip().startswith("import ")


def _without_imports(rule: Rule) -> str:
    return "\n".join(line for line in rule.text.strip().splitlines() if not _imports(line))


def _losses(selection: Selection) -> tuple[Loss, ...]:
    lost = []
    for row in selection.rows:
        if row.of.type is _I.STRING and not _in_files(row):
            lost.append(Loss(row.named, "the pack expects it in logs, not in files"))
        elif row.of.type not in (*_HASHES, _I.STRING):
            lost.append(Loss(row.named, "nothing that the content of a file shows"))
    rules = rules_lost(selection.pack, "no rule about files: --to sigma", "sigma")
    return (*selection.held, *lost, *rules, *parts_lost(selection.pack))


def _in_files(row: Row) -> bool:
    return not row.trace.telemetry or bool(_IN_FILES & set(row.trace.telemetry))


def _hash_rules(selection: Selection) -> list[str]:
    out = []
    for trace, rows in _by_trace(distinct(selection.rows, *_HASHES)).items():
        tests = [f'hash.{row.of.type}(0, filesize) == "{row.of.value}"' for row in rows]
        sizes = [row.of.size for row in rows if row.of.size is not None]
        # Hashing every file is what costs; where the pack knows all sizes, the others need not be hashed.
        guard = " or ".join(f"filesize == {size}" for size in sorted(set(sizes))) if len(sizes) == len(rows) else ""
        condition = " or\n        ".join(tests)
        out.append(
            _rule(selection, f"{trace}_hash", rows, [], f"({guard}) and\n        ({condition})" if guard else condition)
        )
    return out


def _string_rules(selection: Selection) -> list[str]:
    strings = [row for row in distinct(selection.rows, _I.STRING) if _in_files(row)]
    out = []
    for trace, rows in _by_trace(strings).items():
        lines = [f"$s{number} = {_quoted(row.of.value)} ascii wide" for number, row in enumerate(rows)]
        out.append(_rule(selection, f"{trace}_string", rows, lines, "any of them"))
    return out


def _by_trace(rows: list[Row]) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = {}
    for row in rows:
        out.setdefault(row.trace.id, []).append(row)
    return out


def _rule(selection: Selection, name: str, rows: list[Row], strings: list[str], condition: str) -> str:
    pack, row = selection.pack, rows[0]
    meta = {
        "description": row.trace.title or row.stage.title or row.trace.id,
        "author": f"made by nachsorge from the pack {pack.id}",
        "pack": f"{pack.id} {pack.version}",
        "stage": row.stage.id,
        "tlp": f"TLP:{selection.label}",
    }
    lines = [f"        {key} = {_quoted(plain(value))}" for key, value in meta.items()]
    lines.append(f"        score = {_SCORES[row.trace.weight]}")
    listed = ["    strings:", *(f"        {line}" for line in strings)] if strings else []
    head = f"rule NACHSORGE_{word(pack.id)}_{word(name)}"
    return "\n".join([head, "{", "    meta:", *lines, *listed, "    condition:", f"        {condition}", "}"])


def _quoted(text: str) -> str:
    raw = text.encode()
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\x{b:02x}" for b in raw) + '"'
