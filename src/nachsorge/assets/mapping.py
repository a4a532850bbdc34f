"""A mapping file: which column of somebody's list is which field, and which sensors watch which networks.

    columns: {asset: Device name, addresses: [IPv4, IPv6], serial: Serial number, seen: Last check-in}
    platforms: {Win10 LTSC: windows}
    delimiter: ";"
    records: data.hosts        # where the rows stand in a JSON document
    sensors:
      - {path: site-b, telemetry: [dns_query], networks: [10.2.0.0/16]}

YAML or JSON; everything may stand below a key `mapping`. It is given with `--inventory-map`, or lies beside the list as
`hosts.csv.mapping.yaml`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from nachsorge.assets.columns import FIELDS
from nachsorge.assets.sensors import Sensor
from nachsorge.errors import InventoryError, Problem
from nachsorge.model.words import SENSOR, Platform, Telemetry

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".mapping.yaml", ".mapping.yml", ".mapping.json")
_KEYS = ("columns", "platforms", "delimiter", "records", "sensors")
_SENSOR_KEYS = ("path", "telemetry", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """What people say of a list. Without `columns` they are told by their names."""

    columns: Mapping[str, tuple[str, ...]] | None = None
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    delimiter: str = ""
    records: str = ""
    sensors: tuple[Sensor, ...] = ()


def beside(path: Path) -> Path | None:
    """Find the mapping that lies beside a list."""
    return next((place for suffix in SUFFIXES if (place := path.with_name(path.name + suffix)).is_file()), None)


def load_mapping(path: Path) -> ColumnMap:
    """Read a mapping; raises InventoryError with every problem found."""
    from ruamel.yaml import YAML  # few lists have one
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe", pure=True).load(io.StringIO(path.read_text("utf-8-sig")))
    except (OSError, UnicodeDecodeError, YAMLError, RecursionError, ValueError) as error:
        note = " ".join(str(error).split())
        raise InventoryError([Problem(path=str(path), message=f"cannot be read: {note}")]) from error
    asked = _Asked(str(path))
    tree = tree.get("mapping", tree) if isinstance(tree, dict) else tree
    found = asked.mapping(tree)
    if asked.problems:
        raise InventoryError(asked.problems)
    return found


class _Asked:
    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(path=self.path, message=message, remedy=remedy))

    def mapping(self, tree: Any) -> ColumnMap:
        if not isinstance(tree, dict) or not tree:
            self.problem("holds no mapping", f"its keys are {', '.join(_KEYS)}")
            return ColumnMap()
        self._known(tree, _KEYS, "")
        columns = {k: v for k, v in self._table(tree, "columns").items() if self._is_field(k)}
        named = {str(name): self._texts(value, f"columns.{name}") for name, value in columns.items()}
        if "columns" in tree and "asset" not in named:
            self.problem("columns: no column for `asset`", "say which column names the machine: asset: Device name")
        platforms = {
            str(text).lower(): platform
            for text, word in self._table(tree, "platforms").items()
            if (platform := self._word(word, Platform, f"platforms.{text}"))
        }
        sensors = tree.get("sensors") or []
        if not isinstance(sensors, list):
            self.problem("sensors: is no list", "begin each sensor with `- path:`")
            sensors = []
        return ColumnMap(
            columns=named if "columns" in tree else None,
            platforms=platforms,
            delimiter=str(tree.get("delimiter") or ""),
            records=str(tree.get("records") or ""),
            sensors=tuple(s for number, node in enumerate(sensors, 1) if (s := self._sensor(node, number))),
        )

    def _known(self, tree: Mapping[Any, Any], keys: tuple[str, ...], where: str) -> None:
        for key in tree:
            if key not in keys:
                close = get_close_matches(str(key), keys, 1)
                self.problem(
                    f"{where}unknown key {key!r}", f"did you mean {close[0]}?" if close else f"one of {', '.join(keys)}"
                )

    def _table(self, tree: Mapping[Any, Any], key: str) -> Mapping[Any, Any]:
        table = tree.get(key)
        if table is not None and not isinstance(table, dict):
            self.problem(f"{key}: is no table", f"write {key}: and below it one `field: column` a line")
        return table if isinstance(table, dict) else {}

    def _is_field(self, name: Any) -> bool:
        if name not in FIELDS:
            close = get_close_matches(str(name), FIELDS, 1)
            remedy = f"did you mean {close[0]}?" if close else f"one of {', '.join(FIELDS)}"
            self.problem(f"columns: unknown field {name!r}", remedy)
        return name in FIELDS

    def _texts(self, value: Any, where: str) -> tuple[str, ...]:
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(one, str | int) for one in listed):
            self.problem(f"{where}: is no column's name", "write the header's text, or several in [ ]")
            return ()
        return tuple(str(one) for one in listed)

    def _word(self, word: Any, words: type[Platform], where: str) -> Platform | None:
        try:
            return words(str(word).lower())
        except ValueError:
            self.problem(f"{where}: unknown platform {word!r}", f"one of {', '.join(words)}")
            return None

    def _sensor(self, node: Any, number: int) -> Sensor | None:
        where = f"sensors, number {number}: "
        if not isinstance(node, dict) or not isinstance(node.get("path"), str) or not node["path"].strip():
            self.problem(f"{where}no `path`", "name a part of the path of its logs, such as site-b")
            return None
        self._known(node, _SENSOR_KEYS, where)
        kinds = self._texts(node.get("telemetry") or sorted(SENSOR), f"{where}telemetry")
        networks = self._texts(node["networks"], f"{where}networks") if node.get("networks") else ()
        return sensor(node["path"].strip(), kinds, networks, lambda text, remedy: self.problem(where + text, remedy))


def sensor(part: str, kinds: tuple[str, ...], networks: tuple[str, ...], problem: Any) -> Sensor:
    """Make a sensor of words; what is wrong with them goes to `problem` with its remedy."""
    words = {t.value: t for t in SENSOR}
    for kind in kinds:
        if kind not in words:
            close = get_close_matches(kind, words, 1)
            remedy = f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(words))}"
            problem(f"{kind!r} is nothing a sensor watches", remedy)
    fine: list[str] = []
    for text in networks:
        try:
            fine.append(str(ip_network(text)))
        except ValueError as error:
            problem(f"{text!r} is no network: {error}", "write 10.2.0.0/16")
    telemetry: tuple[Telemetry, ...] = tuple(words[kind] for kind in kinds if kind in words)
    return Sensor(part=part, telemetry=telemetry, networks=tuple(fine))
