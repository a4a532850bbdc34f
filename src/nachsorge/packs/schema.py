"""The published forms of the pack layout: a JSON Schema for editors, and the key tables of the reference page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_never

from nachsorge.packs.layout import PACK
from nachsorge.packs.shapes import (
    Count,
    Duration,
    Field,
    Flag,
    Ident,
    Kind,
    Localised,
    Many,
    Moment,
    Prose,
    Ref,
    Shape,
    Text,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID_PATTERN = r"^[a-z0-9]+([.-][a-z0-9]+)*$"
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def pack_schema() -> dict[str, Any]:
    """Give the JSON Schema of pack.yaml. It knows the form; references are checked by loading."""
    return {
        "$schema": _DIALECT,
        "title": "nachsorge pack.yaml",
        **_mapping(PACK),
        "$defs": {shape.name: _mapping(shape) for shape in shapes(PACK) if shape is not PACK},
    }


def schema_text() -> str:
    """Give the schema as it is published: indented, with a newline at its end."""
    return json.dumps(pack_schema(), indent=2, ensure_ascii=False) + "\n"


def shapes(shape: Shape) -> Iterator[Shape]:
    """Give a shape and all shapes within it, each once, in order of appearance."""
    seen: dict[str, Shape] = {}
    waiting = [shape]
    while waiting:
        each = waiting.pop(0)
        if each.name not in seen:
            seen[each.name] = each
            waiting.extend(inner for field in each.fields if isinstance(inner := _inner(field.kind), Shape))
    yield from seen.values()


def key_tables() -> str:
    """Give the keys of every mapping as Markdown tables, for the reference page."""
    return "\n".join(_table(shape) for shape in shapes(PACK))


def _inner(kind: Kind) -> Kind:
    return _inner(kind.of) if isinstance(kind, Many | Prose) else kind


def _mapping(shape: Shape) -> dict[str, Any]:
    return {
        "description": shape.doc,
        "type": "object",
        "additionalProperties": False,
        "required": [field.key for field in shape.fields if field.required],
        "properties": {field.key: {"description": field.doc, **_of(field.kind)} for field in shape.fields},
    }


def _of(kind: Kind) -> dict[str, Any]:
    match kind:
        case Shape():
            return {"$ref": f"#/$defs/{kind.name}"}
        case Prose():
            return {"anyOf": [_TEXT, _of(kind.of)]}
        case Many():
            return {"type": "array", "minItems": kind.least, "items": _of(kind.of)}
        case Localised():
            both = {
                "type": "object",
                "additionalProperties": False,
                "required": ["en"],
                "properties": {"en": _TEXT, "de": _TEXT},
            }
            return {"anyOf": [_TEXT, both]}
        case Text() | Ref():
            return _TEXT
        case Ident():
            return {"type": "string", "pattern": _ID_PATTERN}
        case Word():
            return {"enum": list(kind.words)}
        case Moment():
            return {"type": "string", "pattern": r"^\d{4}-\d\d"}
        case Duration():
            return {"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhdw]$"}
        case Count():
            return {"type": "integer", "minimum": 0}
        case Flag():
            return {"type": "boolean"}
        case _:
            assert_never(kind)


def _table(shape: Shape) -> str:
    rows = "\n".join(_row(field) for field in shape.fields)
    return f"### {shape.name}\n\n{shape.doc}\n\n| key | is | meaning |\n|---|---|---|\n{rows}\n"


def _row(field: Field) -> str:
    name = f"**`{field.key}`**" if field.required else f"`{field.key}`"
    return f"| {name} | {_said(field.kind)} | {field.doc} |"


def _said(kind: Kind) -> str:
    match kind:
        case Many():
            return f"list: {_said(kind.of)}"
        case Prose():
            return f"text, or {_said(kind.of)}"
        case Shape():
            return f"[{kind.name}](#{kind.name})"
        case Word():
            return ", ".join(f"`{word}`" for word in kind.words)
        case Ref():
            return f"id of a {' or '.join(kind.kinds)}"
        case Localised():
            return "text, or `en` and `de`"
        case Moment():
            return "time"
        case Text() | Ident() | Duration() | Count() | Flag():
            return {"Text": "text", "Ident": "id", "Duration": "duration", "Count": "number", "Flag": "true or false"}[
                type(kind).__name__
            ]
        case _:
            assert_never(kind)
