"""Outcomes of workers as bytes and back. JSON, because names from a file system need not be valid text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from nachsorge.model.assessment import Hit
from nachsorge.model.evidence import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one source gave: its account, what met a test, its positive control."""

    reading: Reading
    hits: tuple[Hit, ...] = ()
    control: bool | None = None
    control_note: str = ""


def packed(listed: Sequence[Kept]) -> bytes:
    """Give the bytes; lone surrogates are escaped, which the standard library's JSON can and UTF-8 cannot."""
    return json.dumps(msgspec.to_builtins(listed), separators=(",", ":")).encode()


def unpacked(body: bytes) -> list[Kept]:
    """Read them back."""
    plain: Any = json.loads(body)
    return msgspec.convert(plain, type=list[Kept])
