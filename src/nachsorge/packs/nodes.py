"""YAML text -> checked sections. Scalars keep their spelling, so `18.10` is a version and never the number 18.1."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, assert_never

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from nachsorge.model.times import parse_duration, parse_end, parse_instant
from nachsorge.packs.findings import Findings, Place, nearest
from nachsorge.packs.shapes import (
    Count,
    Duration,
    Flag,
    Ident,
    Kind,
    Localised,
    Many,
    Moment,
    Prose,
    Ref,
    Section,
    Shape,
    Text,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT = object()
"""What a value becomes that is wrong; the problem has been noted."""

_IDENT = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*\Z")
_NULL = "tag:yaml.org,2002:null"


def is_ident(text: str) -> bool:
    """Tell whether a text can be the id of something in a pack."""
    return _IDENT.match(text) is not None


def parse(text: str, path: str, findings: Findings) -> Node | None:
    """Parse YAML into nodes that know their place; None, with the problem noted, where it is no YAML."""
    place = Place(path, 1, 1)
    try:
        with warnings.catch_warnings():
            # An anchor that is set twice is legal YAML; aliases, the only use of anchors, are refused below.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except RecursionError:
        findings.problem(place, "nested too deeply to be a pack", "a pack needs six levels")
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            place = Place(path, mark.line + 1, mark.column + 1)
        findings.problem(place, f"not YAML: {error.problem or error.context}", "check indentation, colons and quotes")
        return None
    except YAMLError as error:
        findings.problem(place, f"not YAML: {str(error).splitlines()[0]}", "save the file as plain UTF-8 text")
        return None
    if node is None:
        findings.problem(place, "the file is empty", "nachsorge can write a skeleton of a pack")
    elif (shared := _shared(node)) is not None:
        findings.problem(_place(shared, path), "YAML aliases are not used in packs", "write the value out")
        return None
    return node


def _shared(root: Node) -> Node | None:
    # A node that hangs in two places came from an alias; such a file can be a bomb or a ring.
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            return node
        seen.add(id(node))
        waiting.extend(_children(node))
    return None


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
    elif isinstance(node, MappingNode):
        for pair in node.value:
            yield from pair


def _place(node: Node, path: str) -> Place:
    return Place(path, node.start_mark.line + 1, node.start_mark.column + 1)


def _empty(node: Node) -> bool:
    if not isinstance(node, ScalarNode):
        return False
    return not node.value.strip() or (node.tag == _NULL and node.style is None)


class Checker:
    """Compares the nodes of one file with a shape and notes everything that does not fit."""

    def __init__(self, path: str, findings: Findings) -> None:
        """Check for a file of this name; problems and names go to the findings."""
        self._path = path
        self._findings = findings

    def section(self, node: Node, shape: Shape) -> Section:
        """Give the mapping with all values that are right."""
        section = Section(_place(node, self._path))
        if not isinstance(node, MappingNode):
            self._wrong(node, f"a {shape.name} is a mapping of keys to values", "write `key: value` lines")
            return section
        for key_node, value_node in node.value:
            self._entry(section, shape, key_node, value_node)
        for field in shape.fields:
            if field.required and field.key not in section.places:
                self._findings.problem(section.place, f"{shape.name} lacks the key {field.key!r}", field.doc)
        if shape.check is not None:
            shape.check(section, self._findings)
        return section

    def _entry(self, section: Section, shape: Shape, key_node: Node, value_node: Node) -> None:
        key = key_node.value if isinstance(key_node, ScalarNode) else ""
        if key not in shape.by_key:
            self._wrong(key_node, f"unknown key {key!r} in {shape.name}", nearest(key, shape.by_key))
        elif key in section.places:
            self._wrong(key_node, f"key {key!r} stands twice", f"first in line {section.places[key].line}")
        else:
            section.places[key] = _place(key_node, self._path)
            # An empty value has no place of its own; its key has.
            value = (
                self.value(value_node, shape.by_key[key].kind) if not _empty(value_node) else self._nothing(key_node)
            )
            if value is not ABSENT:
                section[key] = value

    def value(self, node: Node, kind: Kind) -> Any:
        """Give the value of a node as its kind wants it, or ABSENT."""
        match kind:
            case Shape():
                return self.section(node, kind)
            case Many():
                return self._many(node, kind)
            case Localised() if isinstance(node, MappingNode):
                return self._localised(node)
            case Prose():
                return self.section(node, kind.of) if isinstance(node, MappingNode) else self._prose(node, kind)
            case _:
                return self._scalar(node, kind)

    def _many(self, node: Node, kind: Many) -> list[Any]:
        if not isinstance(node, SequenceNode):
            self._wrong(node, "a list is expected here", "write [one, two] or one line `- ...` an entry")
            return []
        if len(node.value) < kind.least:
            self._wrong(node, f"at least {kind.least} entries are expected here", "leave the key out if there are none")
        values = (self.value(each, kind.of) for each in node.value)
        return [value for value in values if value is not ABSENT]

    def _localised(self, node: MappingNode) -> tuple[str, str]:
        texts: dict[str, str] = {}
        for key_node, value_node in node.value:
            language = key_node.value if isinstance(key_node, ScalarNode) else ""
            text = self._scalar(value_node, Text())
            if language not in ("en", "de"):
                self._wrong(key_node, f"unknown language {language!r}", "en or de")
            elif text is not ABSENT:
                texts[language] = text
        if "en" not in texts:
            self._wrong(node, "the English text is missing", "add en: ...")
        return texts.get("en", ""), texts.get("de", "")

    def _prose(self, node: Node, kind: Prose) -> Any:
        text = self._scalar(node, Localised())
        if text is ABSENT:
            return ABSENT
        section = Section(_place(node, self._path))
        section[kind.key] = text
        return section

    def _nothing(self, node: Node) -> Any:
        self._wrong(node, "the value is empty", "give a value, or leave the key out")
        return ABSENT

    def _scalar(self, node: Node, kind: Kind) -> Any:
        if not isinstance(node, ScalarNode):
            self._wrong(node, "a single value is expected here", "not a list or mapping")
            return ABSENT
        if _empty(node):
            return self._nothing(node)
        try:
            return self._plain(node, node.value.strip(), kind)
        except (ValueError, OverflowError) as error:
            self._wrong(node, str(error))
            return ABSENT

    def _plain(self, node: Node, text: str, kind: Kind) -> Any:
        match kind:
            case Text():
                return text
            case Localised():
                return text, ""
            case Ident():
                return self._ident(node, text, kind)
            case Ref():
                self._findings.refer(kind.kinds, text, _place(node, self._path))
                return text
            case Word():
                return self._word(node, text, kind)
            case Moment():
                return parse_end(text) if kind.end else parse_instant(text)
            case Duration():
                return parse_duration(text)
            case Count():
                return self._count(node, text)
            case Flag():
                return self._word(node, text, Word(("true", "false"), "true".__eq__))
            case Many() | Prose() | Shape():
                return ABSENT  # `value` never sends these here
            case _:
                assert_never(kind)

    def _ident(self, node: Node, text: str, kind: Ident) -> Any:
        if not _IDENT.match(text):
            self._wrong(node, f"not an id: {text!r}", "lower-case letters, digits, `-` and `.`")
        self._findings.define(kind.kind, text, _place(node, self._path))
        return text

    def _word(self, node: Node, text: str, kind: Word) -> Any:
        if text in kind.words:
            return kind.make(text)
        self._wrong(node, f"unknown word {text!r}", f"one of: {', '.join(kind.words)}")
        return ABSENT

    def _count(self, node: Node, text: str) -> Any:
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        self._wrong(node, f"not a whole number: {text!r}", "digits only")
        return ABSENT

    def _wrong(self, node: Node, message: str, remedy: str = "") -> None:
        self._findings.problem(_place(node, self._path), message, remedy)
