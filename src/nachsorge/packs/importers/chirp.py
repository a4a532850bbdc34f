"""CHIRP indicator files (CISA, 2021): YAML documents with one `ioc_type` each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Weight
from nachsorge.packs.importers.carried import carry
from nachsorge.packs.importers.collect import Collector, shorten
from nachsorge.packs.importers.encoding import Text, decode
from nachsorge.packs.importers.seams import BreaksOff, Subject
from nachsorge.packs.row_problem import RowProblem
from nachsorge.packs.values import guess, refang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.packs.importers.seams import Found

_MARK = re.compile(r"^ioc_type:", re.MULTILINE)
_LARGEST = 4 * 1024 * 1024
"""Characters; YAML is read by pure Python, and the largest known file has a hundredth of that."""
_HINT_BELOW = 6
"""CHIRP's confidence runs from 0 to 10; what its authors doubt is a hint."""


class ChirpImporter:
    """Network addresses and registry values become indicators; events and rules in YAML are named."""

    name = "chirp"

    def accepts(self, head: bytes, name: str) -> int:
        """Sure where a YAML file says `ioc_type`."""
        text = decode(head)
        return 92 if _MARK.search(text) and name.lower().endswith((".yaml", ".yml")) else 0

    def read(self, source: BinaryIO) -> Iterator[Found]:
        """Give document by document."""
        text, into = Text(source), Collector()
        broken: BreaksOff | None = None
        try:
            for node in YAML(typ="safe", pure=True).compose_all(_Bounded(text)):
                _document(node, into)
                yield from into.drain()
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            message = f"not YAML at line {line}, column {column}: {error.problem or error.context}"
            broken = BreaksOff(message, "check indentation and quotes", line=line)
        except (YAMLError, RecursionError) as error:
            message = "nested too deeply" if isinstance(error, RecursionError) else str(error).splitlines()[0]
            broken = BreaksOff(f"not YAML: {message}", "save the file as plain UTF-8 text", line=1)
        yield from into.close(text.note())
        if broken is not None:
            raise broken


class _Bounded:
    """Hands text to the YAML library, but not more of it than any such file has."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._given = 0

    def read(self, size: int) -> str:
        piece = self._text.read(size)
        self._given += len(piece)
        if self._given > _LARGEST:
            raise RowProblem(f"larger than {_LARGEST >> 20} MiB", "split the file")
        return piece


def _document(node: Node | None, into: Collector) -> None:
    if node is None:
        return
    place = f"line {node.start_mark.line + 1}"
    parts = _mapping(node)
    indicator = _mapping(parts.get("indicator"))
    kind, note = _text(parts.get("ioc_type")), _text(parts.get("name"))
    confidence = _text(parts.get("confidence"))
    weight = Weight.HINT if confidence.isdigit() and int(confidence[:3]) < _HINT_BELOW else Weight.STRONG
    into.state(Subject.TITLE, note, place)
    if kind == "network" and "ips" in indicator:
        _network(indicator["ips"], note, weight, into)
    elif kind == "registry" and "registry_key" in indicator:
        _registry(indicator, place, note, weight, into)
    elif kind == "yara":
        carry("yara", _text(indicator.get("rule")), place, into)
    else:
        into.lose(place, f"{shorten(kind, 40) or 'no ioc_type'!r} ({shorten(note, 60)}): a condition on event fields")


def _network(node: Node, note: str, weight: Weight, into: Collector) -> None:
    first = node.start_mark.line + (2 if getattr(node, "style", None) in ("|", ">") else 1)
    for number, line in enumerate(_text(node).splitlines(), first):
        value = refang(line)
        kind = guess(value) if value else None
        if kind is not None:
            into.take(f"line {number}", kind, value, weight=weight, note=note)
        elif value:
            into.lose(f"line {number}", f"{shorten(value, 80)!r} does not show its type")


def _registry(indicator: dict[str, Node], place: str, note: str, weight: Weight, into: Collector) -> None:
    key = _text(indicator["registry_key"]).replace(":\\", "\\", 1)
    value = _text(indicator.get("value"))
    if value:
        # The key alone is on every host; the value is what would tell.
        into.lose(place, f"a condition on the value of {shorten(key, 80)}: {shorten(value, 80)}")
        return
    into.take(place, T.REGISTRY, key, weight=weight, note=note)


def _mapping(node: Node | None) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def _text(node: Node | None) -> str:
    return str(node.value).strip().strip('"') if isinstance(node, ScalarNode) else ""
