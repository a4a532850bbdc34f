"""Hostile JSON into typed values: bounded, strict, and with every problem at once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import msgspec
from msgspec.structs import fields

from nachsorge.errors import Problem
from nachsorge.locale import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 50
"""So many problems are told; hostile input may have any number."""
_DEEPEST = 8


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what is sent and received: every key is required, unknown ones are refused."""


S = TypeVar("S", bound=Shape)


def parsed(
    body: bytes, kind: type[S], path: str, largest: int, check: Callable[[S], list[tuple[str, str]]]
) -> tuple[S | None, list[Problem]]:
    """Give the value; or None and what is wrong, each with its place (`assets.rungs[2].shown`).

    `check` finds contradictions between the parts of a value that is well-formed.
    """
    if len(body) > largest:
        return None, [
            Problem(
                path=path, message=_("{count} bytes; at most {most} are read").format(count=len(body), most=largest)
            )
        ]
    try:
        found = _json(body)
    except (ValueError, RecursionError) as error:
        return None, [Problem(path=path, message=_("no JSON that is accepted: {why}").format(why=_short(error)))]
    wrong = _wrong(found, kind, "")
    if not wrong:
        try:
            value = msgspec.convert(found, kind)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            wrong = [("", _short(error))]
        else:
            wrong = check(value)
            if not wrong:
                return value, []
    return None, [_problem(path, place, message) for place, message in wrong[:MOST]]


def _problem(path: str, place: str, message: str) -> Problem:
    return Problem(path=path, message=f"{place}: {message}" if place else message)


def _json(body: bytes) -> object:
    """Read JSON (RFC 8259) without what readers disagree on: doubled keys, NaN, lone surrogates, depth."""
    found: object = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    _walk(found, 0)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Told(_("a key stands twice in one object"))
    return found


def _refuse(word: str) -> NoReturn:
    raise _Told(_("{word} is no number of JSON").format(word=word))


def _walk(value: object, depth: int) -> None:
    if depth > _DEEPEST:
        raise _Told(_("nested deeper than {most}").format(most=_DEEPEST))
    match value:
        case str():
            value.encode()  # UnicodeEncodeError is a ValueError: half a pair of surrogates is no text
        case dict():
            for key, item in value.items():
                key.encode()
                _walk(item, depth + 1)
        case list():
            for item in value:
                _walk(item, depth + 1)


def _wrong(value: object, kind: Any, place: str) -> list[tuple[str, str]]:
    """List what is wrong with a value, going into objects and lists of them: msgspec stops at the first."""
    if len(place) > 200:
        return []
    inner = _struct(kind)
    if inner is not None and isinstance(value, dict):
        return _object(value, inner, place)
    listed = _listed(kind)
    if listed is not None and isinstance(value, list) and len(value) <= 10_000:
        found = [one for index, item in enumerate(value) for one in _wrong(item, listed, f"{place}[{index}]")][:MOST]
        return found or _itself(value, kind, place)
    return _itself(value, kind, place)


def _itself(value: object, kind: Any, place: str) -> list[tuple[str, str]]:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return [(place, _short(error))]
    return []


def _object(value: dict[str, Any], kind: type[Shape], place: str) -> list[tuple[str, str]]:
    known = {field.encode_name: field.type for field in fields(kind)}
    found = [(_at(place, key), _("unknown key")) for key in value if key not in known]
    for name, wanted in known.items():
        if name in value:
            found += _wrong(value[name], wanted, _at(place, name))
        else:
            found.append((_at(place, name), _("missing")))
    return found


def _at(place: str, key: str) -> str:
    shown = key if key.isidentifier() and len(key) <= 40 else ascii(key[:40])
    return f"{place}.{shown}" if place else shown


def _struct(kind: Any) -> type[Shape] | None:
    """Give the object that a type is, or that it is beside null."""
    of = _bare(kind)
    candidates = [of, *getattr(of, "__args__", ())] if not _listed(kind) else []
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, Shape)), None)


def _listed(kind: Any) -> Any | None:
    """Give what a list of objects is of."""
    of = _bare(kind)
    if getattr(of, "__origin__", None) is tuple and of.__args__[1:] == (Ellipsis,):
        item = of.__args__[0]
        return item if isinstance(item, type) and issubclass(item, Shape) else None
    return None


def _bare(kind: Any) -> Any:
    return getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind


class _Told(ValueError):
    """Says in our own words, and in the language that is spoken, what is wrong."""


_SAID: Final = (
    (r"Expected `(\w+)(?: \| null)?`, got `(\w+)`", N_("a value of type {0} belongs here, not {1}")),
    (r"Invalid enum value", N_("none of the words that are allowed here")),
    (r"Expected `(?:str|array)` of length <= (\d+)", N_("longer than {0}")),
    (r"Expected `(?:str|array)` of length >= 1\b", N_("it is empty")),
    (r"Expected `int` >= (\d+)", N_("less than {0}")),
    (r"Expected `int` <= (\d+)", N_("more than {0}")),
    (r"matching regex", N_("not of the form that is asked for, or with characters that are not allowed")),
    (r"line (\d+) column (\d+)", N_("broken at line {0}, column {1}")),
)
"""What msgspec and the standard library's reader say, and how it is said here; the first that fits."""


def _short(error: Exception) -> str:
    """Say it without repeating much of what was sent."""
    match error:
        case _Told():
            return str(error)
        case UnicodeError():
            return _("it is not UTF-8 throughout")
        case RecursionError():
            return _("nested too deeply")
    text = str(error)
    for form, told in _SAID:
        if fits := re.search(form, text):
            return _(told).format(*fits.groups())
    return text.encode("ascii", "backslashreplace").decode()[:300].replace("\n", " ")
