"""What a Sigma rule asks of a record, as plain data: a tree of conditions over named fields.

It is made once of the rule's text (`sigma`) and goes to every process as it is, so that none parses the rule again.
Field names are folded; an empty one means any field. Strings are lists of pieces: text, `0` for any number of
characters, `1` for exactly one.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

MANY = 0
"""Stands for `*` in a pattern."""
ONE = 1
"""Stands for `?` in a pattern."""

Pieces: TypeAlias = tuple[str | int, ...]


class All(msgspec.Struct, frozen=True, tag=True):
    """Every part holds."""

    parts: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    """At least one part holds."""

    parts: tuple[Node, ...]


class No(msgspec.Struct, frozen=True, tag=True):
    """The part does not hold."""

    part: Node


class Text(msgspec.Struct, frozen=True, tag=True):
    """The field's whole text is made of these pieces; ASCII case counts only if `cased`.

    `number` marks what the rule wrote as a number: it may be spelled in another way in the raw bytes.
    """

    field: str
    pieces: Pieces
    cased: bool = False
    number: bool = False


class Expression(msgspec.Struct, frozen=True, tag=True):
    """A regular expression is found in the field; `flags` are those of `re`."""

    field: str
    pattern: str
    flags: int = 0


class Network(msgspec.Struct, frozen=True, tag=True):
    """The field is an address of this range."""

    field: str
    cidr: str


class Compare(msgspec.Struct, frozen=True, tag=True):
    """The field is a number that compares so: `LT`, `LTE`, `GT`, `GTE`."""

    field: str
    operator: str
    number: float


class Null(msgspec.Struct, frozen=True, tag=True):
    """The field is absent or empty (Windows writes `-`)."""

    field: str


class Exists(msgspec.Struct, frozen=True, tag=True):
    """The field is there, or is not."""

    field: str
    wanted: bool


class Refers(msgspec.Struct, frozen=True, tag=True):
    """The field equals another one, or begins or ends with it."""

    field: str
    other: str
    starts: bool = False
    ends: bool = False


Value: TypeAlias = Text | Expression | Network | Compare
"""What is asked of one field's text alone, so that the answer can be remembered with the text."""

Node: TypeAlias = All | Either | No | Text | Expression | Network | Compare | Null | Exists | Refers


class Plan(msgspec.Struct, frozen=True):
    """A rule: its id, its log source as it states it, and its condition."""

    id: str
    category: str
    product: str
    service: str
    condition: Node


def packed(plan: Plan) -> bytes:
    """Write a plan down."""
    return msgspec.msgpack.encode(plan)


def unpacked(body: bytes) -> Plan:
    """Read a plan; `msgspec.MsgspecError` where it is none."""
    return _DECODER.decode(body)


FORM = 1
"""Raise it whenever a kept plan would mean something else."""

_DECODER = msgspec.msgpack.Decoder(Plan)
