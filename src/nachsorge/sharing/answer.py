"""`nachsorge.answer/1`: what a CERT gives back, signed; it lies over the pack like a newer edition of it."""

# No `from __future__ import annotations`: the annotations are read at run time.
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from nachsorge.locale import _
from nachsorge.model.labels import Pap
from nachsorge.model.words import IndicatorType, Platform, Role, Tlp, Weight
from nachsorge.sharing.canonical import canonical
from nachsorge.sharing.labels import at_most
from nachsorge.sharing.notification import (
    Digest,
    Id,
    Line,
    NotificationError,
    RungWord,
    Text,
    Time,
    Value,
)
from nachsorge.sharing.shape import Shape, parsed

SCHEMA: Final = "nachsorge.answer/1"
LARGEST: Final = 16 << 20
Word = Annotated[str, Meta(max_length=100, pattern=r"^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$(?!\n)")]


class AnswerLabel(Shape, frozen=True):
    """The label of the whole, as restrictive as that of every part."""

    tlp: Tlp
    pap: Pap


class AnswerPack(Shape, frozen=True):
    """The pack that it lies over. `sha256` is the edition that the CERT had, or empty."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    version: Word
    sha256: Digest


class AnswerIndicator(Shape, frozen=True):
    """An indicator with the trace and stage that it belongs to; `trace` may be empty, then stage and weight say it."""

    type: IndicatorType
    value: Value
    role: Role
    stage: Word
    rung: RungWord
    trace: Word
    weight: Weight
    platform: Platform | None
    tlp: Tlp
    pap: Pap
    valid_from: Time | None
    valid_until: Time | None
    source: Word
    note: Line


class AnswerRule(Shape, frozen=True):
    """A Sigma or YARA rule; its author is printed with every match."""

    id: Annotated[str, Meta(min_length=1, max_length=100)]
    engine: Literal["sigma", "yara"]
    text: Annotated[str, Meta(min_length=1, max_length=100_000)]
    title: Line
    author: Line
    licence: Line
    reference: Line
    stage: Word
    rung: RungWord
    trace: Word
    weight: Weight
    tlp: Tlp


class NextStep(Shape, frozen=True):
    """Something to do next, with its effort in minutes and its dangers."""

    title: Line
    minutes: Annotated[int, Meta(ge=0, le=100_000)]
    danger: Line
    stage: Word


class Answer(Shape, frozen=True):
    """What comes back. `notification` is the id of what it answers."""

    schema: Literal["nachsorge.answer/1"]
    id: Id
    notification: Id
    made: Time
    by: Line
    label: AnswerLabel
    pack: AnswerPack
    indicators: Annotated[tuple[AnswerIndicator, ...], Meta(max_length=20_000)]
    rules: Annotated[tuple[AnswerRule, ...], Meta(max_length=500)]
    next_steps: Annotated[tuple[NextStep, ...], Meta(max_length=200)]
    text: Text


class AnswerError(NotificationError):
    """Bytes are no answer; `problems` has everything that is wrong with them."""


def encode(answer: Answer) -> bytes:
    """Give the canonical bytes (RFC 8785), which are what is signed."""
    return canonical(msgspec.to_builtins(answer))


def decode(body: bytes, path: str = "answer") -> Answer:
    """Read one, strictly.

    Raises:
        AnswerError: it is none; with all problems at once.
    """
    found, problems = parsed(body, Answer, path, LARGEST, _contradictions)
    if found is None:
        raise AnswerError(problems)
    return found


def _contradictions(found: Answer) -> list[tuple[str, str]]:
    labels = [(f"indicators[{index}].tlp", each.tlp) for index, each in enumerate(found.indicators)]
    labels += [(f"rules[{index}].tlp", each.tlp) for index, each in enumerate(found.rules)]
    whole, stricter = found.label.tlp, _("TLP:{label} is more restrictive than the whole, TLP:{whole}")
    return [(place, stricter.format(label=tlp, whole=whole)) for place, tlp in labels if not at_most(tlp, whole)]


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12)."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA}
    return head | msgspec.json.schema(Answer)
