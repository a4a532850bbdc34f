"""A Velociraptor client artifact: values as CSV parameters, one source a question (Velociraptor manual, Artifacts)."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from nachsorge.exports.packs.naming import file_name, heading, word
from nachsorge.exports.packs.parts import parts_lost, rules_lost
from nachsorge.exports.packs.seams import File, Loss, Says, Written, distinct
from nachsorge.model.words import IndicatorType

if TYPE_CHECKING:
    from nachsorge.exports.packs.seams import Row, Selection

_I = IndicatorType
_HASHES = (_I.SHA256, _I.SHA1, _I.MD5)
_TAKEN = (*_HASHES, _I.PATH, _I.IP, _I.CIDR, _I.FILE_NAME, _I.REGISTRY)
_VARIABLE = re.compile(r"%[^%\\/]+%|<[^<>\\/]+>")
_QUERIES = {
    "files": (
        "paths",
        "SELECT OSPath, Size, Mtime, hash(path=OSPath) AS Hash\nFROM glob(globs=paths.Glob)\nWHERE NOT IsDir\n",
    ),
    "registry": (
        "keys",
        'SELECT OSPath, Data, Mtime\nFROM glob(globs=keys.Glob, accessor="registry")\n',
    ),
    "processes": (
        "names",
        "SELECT Pid, Ppid, Name, Exe, CommandLine, CreateTime\nFROM pslist()\n"
        "WHERE lowcase(string=Name) IN names.Name\n",
    ),
    "process_hashes": (
        "hashes",
        "SELECT * FROM foreach(\n"
        "  row={ SELECT Pid, Name, Exe FROM pslist() WHERE Exe },\n"
        "  query={ SELECT Pid, Name, Exe, hash(path=Exe) AS Hash FROM scope() })\n"
        "WHERE Hash.SHA256 IN hashes.Hash OR Hash.SHA1 IN hashes.Hash OR Hash.MD5 IN hashes.Hash\n",
    ),
    "connections": (
        "networks",
        "SELECT Pid, Laddr, Raddr, Status, Timestamp\nFROM netstat()\n"
        "WHERE cidr_contains(ip=Raddr.IP, ranges=networks.Network)\n",
    ),
}
_COLUMNS = {"paths": "Glob", "keys": "Glob", "names": "Name", "hashes": "Hash", "networks": "Network"}


class VelociraptorExporter:
    """For a hunt: import the file as a custom artifact."""

    name = "velociraptor"
    blocks = False
    says = Says(
        expresses="files by path (globs), running processes by name and by hash, registry values, open connections to "
        "addresses and networks",
        drops="host names, URLs, user agents, packages, certificates, strings, rules; everything that is past",
        checked="YAML and the keys of the artifact format only (Velociraptor cannot be installed here: import it into "
        "a test server first)",
    )

    def write(self, selection: Selection) -> Written:
        """Write the artifact; a source without values is left out."""
        values = _values(selection)
        pack = selection.pack
        artifact = {
            "name": f"Custom.Nachsorge.{word(pack.id.title(), '')}",
            "description": LiteralScalarString("\n".join(heading(pack, selection.release.label, "Artifact")) + "\n"),
            "type": "CLIENT",
            "parameters": [
                {"name": name, "type": "csv", "default": LiteralScalarString(_table(_COLUMNS[name], listed))}
                for name, listed in values.items()
            ],
            "sources": [
                {"name": name, "query": LiteralScalarString(query)}
                for name, (needs, query) in _QUERIES.items()
                if needs in values
            ],
        }
        stream = io.StringIO()
        YAML().dump(artifact, stream)
        lost = [Loss(row.named, "no source of this artifact looks for it") for row in selection.rows if not _looks(row)]
        losses = [*selection.held, *lost, *rules_lost(pack, "rules are files of their own"), *parts_lost(pack)]
        return Written((File(file_name(pack, ".velociraptor.yaml"), stream.getvalue().encode()),), tuple(losses))


def _looks(row: Row) -> bool:
    return row.of.type in _TAKEN and not (row.of.type is _I.FILE_NAME and re.search(r"[*?]", row.of.value))


def _values(selection: Selection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        "paths": [_glob(row.of.value) for row in distinct(selection.rows, _I.PATH)],
        "keys": [_key(row.of.value) for row in distinct(selection.rows, _I.REGISTRY)],
        "names": [row.of.value.lower() for row in distinct(selection.rows, _I.FILE_NAME) if _looks(row)],
        "hashes": [row.of.value for row in distinct(selection.rows, *_HASHES)],
        "networks": [_network(row.of.value) for row in distinct(selection.rows, _I.IP, _I.CIDR)],
    }
    return {name: listed for name, listed in found.items() if listed}


def _glob(value: str) -> str:
    return re.sub(r"^~(?=/)", "/{Users,home}/*", _VARIABLE.sub("*", value))


def _key(value: str) -> str:
    hives = {"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_USERS\\*", "HKU": "HKEY_USERS", "HKCR": "HKEY_CLASSES_ROOT"}
    hive, slash, rest = value.partition("\\")
    return f"{hives.get(hive.upper(), hive)}{slash}{rest}"


def _network(value: str) -> str:
    return value if "/" in value else f"{value}/{128 if ':' in value else 32}"


def _table(column: str, values: list[str]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([column])
    writer.writerows([value] for value in values)
    return stream.getvalue()
