"""What a line of a text begins with; worked out once for all hints that ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nachsorge.evidence.hints.marks import shape

if TYPE_CHECKING:
    from nachsorge.evidence.hints.asking import Hint
    from nachsorge.evidence.looks import Look

_BEGINNINGS = {
    "go": rb"go \d",
    "jobs": rb"jobs:",
    "lockfileVersion": rb"lockfileVersion:",
    "module": rb"module",
    "package": rb"\[\[package",
    "require": rb"require ",
    "runs": rb"runs:",
    "section": rb">>>  ",
    "specs": rb"  specs:",
    "spdx": rb"[Ss][Pp][Dd][Xx]Version:",
    "unit": rb"\[(?:Unit|Service|Timer|Socket|Path|Mount|Automount|Swap|Slice|Scope|Target|Install)\]",
}
_BEGINS_SHAPE = frozenset({shape(rb"\n(?:" + b"|".join(_BEGINNINGS.values()) + rb")")})
_BEGINS = re.compile(rb"\n(?:" + b"|".join(b"(?P<%s>%s)" % (n.encode(), p) for n, p in _BEGINNINGS.items()) + rb")")


def begins(name: str) -> Hint:
    """Tell whether a line begins with what goes by this name; all are looked for at one go."""
    return lambda look: name in begun(look)


def begun(look: Look) -> frozenset[str]:
    """Give the names of all beginnings that some line has."""
    if look.begun is None:
        some = _BEGINS.finditer(b"\n" + look.head) if look.may_hold(_BEGINS_SHAPE) else ()
        look.begun = frozenset(found.lastgroup or "" for found in some)
    return look.begun


_DATED = re.compile(rb"\n\s?(?:\xef\xbb\xbf)?[\[<]?(?:\d|[A-Z][a-z]{2} [ \d])")
_DATED_SHAPE = frozenset({shape(_DATED.pattern)})


def dated(look: Look) -> bool:
    """Tell whether a line begins with a number, or a month and a day, in brackets or not."""
    if look.dated is None:
        look.dated = look.may_hold(_DATED_SHAPE) and _DATED.search(b"\n" + look.head) is not None
    return look.dated


_TIMED = re.compile(rb"\n(?:\xef\xbb\xbf)?(?:\[?\d{4}-\d\d-\d\d|\[\d\d/\d\d/|[A-Z][a-z]{2} [ \d]\d )")
_TIMED_SHAPE = frozenset({shape(_TIMED.pattern)})


def timed(look: Look) -> bool:
    """Tell whether a line begins with a whole date, in brackets or not."""
    if look.timed is None:
        look.timed = dated(look) and look.may_hold(_TIMED_SHAPE) and _TIMED.search(b"\n" + look.head) is not None
    return look.timed
