"""What hints are made of: a hint tells whether a file shows what a reader's files all show."""

from __future__ import annotations

from typing import TYPE_CHECKING, AnyStr, TypeAlias

from nachsorge.evidence.hints.marks import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nachsorge.evidence.looks import Look

Hint: TypeAlias = "Callable[[Look], bool]"


def begun_by(marks: bytes) -> Callable[[Hint], Hint]:
    """Say of a hint that it is met only where one of these is the first byte that is no blank (`firsts`)."""

    def said(hint: Hint) -> Hint:
        _FIRSTS[hint] = marks
        return hint

    return said


_FIRSTS: dict[Hint, bytes] = {}


def firsts(hint: Hint) -> bytes | None:
    """Give the first bytes that a hint needs, so that it is not asked about other files; None where any will do."""
    return _FIRSTS.get(hint)


def first(marks: bytes) -> Hint:
    """Tell whether one of these is the first byte that is no blank."""
    return begun_by(marks)(lambda look: look.first in marks)


def anywhere(*words: bytes) -> Callable[[Look], bool]:
    """Tell whether one of the words may stand in the head, by the search for all words; the answer no is sure."""
    marks = frozenset(map(word, words))
    return lambda look: look.may_hold(marks)


def holds(*words: bytes, within: int | None = None) -> Hint:
    """Tell whether one of the words stands in the head, or in so many bytes of it."""
    perhaps = anywhere(*words)
    return lambda look: perhaps(look) and _any_in(words, look.head[:within])


def top(*words: bytes) -> Hint:
    """Tell whether one of the words stands in the first 200 lines."""
    perhaps = anywhere(*words)
    return lambda look: perhaps(look) and _any_in(words, look.top)


def called(*parts: str) -> Hint:
    """Tell whether one of these stands in the name or the path, in small letters."""
    if len(parts) == 1:
        (alone,) = parts
        return lambda look: alone in look.lower
    return lambda look: _any_in(parts, look.lower)


def _any_in(words: Iterable[AnyStr], text: AnyStr) -> bool:
    # No generator: every file is asked some fifty times, and making one costs more than looking.
    for each in words:  # noqa: SIM110
        if each in text:
            return True
    return False


def either(one: Hint, other: Hint) -> Hint:
    """Tell whether one of two hints is met."""
    marks, more = firsts(one), firsts(other)
    hint: Hint = lambda look: one(look) or other(look)  # noqa: E731
    return hint if marks is None or more is None else begun_by(marks + more)(hint)


def both(one: Hint, other: Hint) -> Hint:
    """Tell whether two hints are met."""
    marks = firsts(one) or firsts(other)
    hint: Hint = lambda look: one(look) and other(look)  # noqa: E731
    return hint if marks is None else begun_by(marks)(hint)


OBJECT = first(b"{")
VALUE = first(b"{[")


def keyed(*words: bytes) -> Hint:
    """Tell whether this is JSON in which one of the words stands."""
    return both(VALUE, holds(*words))


def anything(_: Look) -> bool:
    """Ask in any case."""
    return True
