"""Rows and rules that this program exported itself, read back by the words it left in them.

STIX carries them as properties `x_nachsorge_NAME`, MISP as tags `nachsorge:NAME="value"` (docs/reference/exports.md).
What such a word says wins over what the other format made of the row; a word that is none of ours makes the row a
foreign one again, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from nachsorge.model.pack import Rule
from nachsorge.model.words import IndicatorType, Platform, Role, Rung, Verification, Weight
from nachsorge.packs.generic_sigma import LARGEST, documents
from nachsorge.packs.generic_yara import compiled
from nachsorge.packs.importers.seams import Item
from nachsorge.packs.values import ValueProblem, checked

if TYPE_CHECKING:
    from enum import StrEnum

E = TypeVar("E", bound="StrEnum")
Said = Mapping[str, Any]
"""The words of one row by name, with `_` for `-`; `sources` is a list of texts, `size` a number, flags are bool."""

RUNGS = {rung.word: rung for rung in Rung}
ENGINES = ("sigma", "yara")
_IDS = 200
"""Characters of an id; longer ones are none of ours."""


class NotOurs(ValueError):
    """The words do not make a row of ours; the message says which one."""


def is_own(said: Said) -> bool:
    """Tell whether these words are of a row: which kind, on which trace of which stage."""
    return all(isinstance(said.get(name), str) and said[name] for name in ("type", "stage", "trace"))


def own_item(said: Said, value: str, place: str, **more: Any) -> Item:
    """Give the row as the pack had it; `more` are fields that the format itself holds (label, validity, note).

    Raises:
        NotOurs: a word is not one of the closed lists, or the value not of its type.
    """
    kind = _word(IndicatorType, said, "type")
    try:
        usual = checked(kind, value)
    except ValueProblem as error:
        raise NotOurs(str(error)) from error
    fields = {
        "role": _word(Role, said, "role", Role.MALICIOUS),
        "platform": _word(Platform, said, "platform") if said.get("platform") else None,
        "verification": _word(Verification, said, "verification", Verification.VERBATIM_PUBLISHER),
        "first_source": _text(said, "first_source"),
        "sources": tuple(each for each in said.get("sources") or () if isinstance(each, str)),
        "memory_only": said.get("memory_only") is True,
        "size": _size(said),
        **more,
    }
    return Item(
        place=place,
        type=kind,
        value=usual,
        stage=_id(said, "stage"),
        rung=_rung(said),
        trace=_id(said, "trace"),
        weight=_word(Weight, said, "weight", Weight.STRONG),
        fields=fields,
    )


def own_rule(said: Said, text: str) -> tuple[Item, Rule]:
    """Give a rule of ours, and an item without value that names its stage and trace.

    Raises:
        NotOurs: a word is not ours, or the text is not one rule of its engine.
    """
    engine = _text(said, "type")
    if engine not in ENGINES:
        raise NotOurs(f"no engine of this program: {engine[:40]!r}")
    if fault := _fault(engine, text):
        raise NotOurs(fault)
    rule = Rule(
        id=_id(said, "id"),
        engine=engine,
        text=text,
        trace=_id(said, "trace"),
        title=_text(said, "title"),
        author=_text(said, "author"),
        licence=_text(said, "licence"),
        reference=_text(said, "reference"),
    )
    where = Item(
        place="",
        type=IndicatorType.STRING,
        value="",
        stage=_id(said, "stage"),
        rung=_rung(said),
        trace=rule.trace,
        weight=_word(Weight, said, "weight", Weight.STRONG),
    )
    return where, rule


def _fault(engine: str, text: str) -> str:
    """Say why a text is not one rule that can be evaluated; a pack's own rules are held to the same."""
    if len(text) > LARGEST:
        return f"a rule of {len(text):,} characters"
    if engine == "sigma":
        found = list(documents(text))
        faults = [each.fault for each in found if each.fault]
        return faults[0] if faults else ("" if len(found) == 1 else f"{len(found)} Sigma documents in one rule")
    rules, broken = compiled(text, text)
    if broken:
        return f"YARA: {broken[0][1]}"
    return "" if len(rules) == 1 else f"{len(rules)} YARA rules in one"


def _word(enum: type[E], said: Said, name: str, default: E | None = None) -> E:
    text = said.get(name)
    if text in (None, "") and default is not None:
        return default
    try:
        return enum(str(text))
    except ValueError as error:
        raise NotOurs(f"{name} is {str(text)[:40]!r}") from error


def _rung(said: Said) -> Rung | None:
    text = said.get("rung")
    if text in (None, ""):
        return None
    if text not in RUNGS:
        raise NotOurs(f"rung is {str(text)[:40]!r}")
    return RUNGS[text]


def _id(said: Said, name: str) -> str:
    text = said.get(name)
    if not isinstance(text, str) or not text or len(text) > _IDS or not text.isprintable():
        raise NotOurs(f"{name} is {str(text)[:40]!r}")
    return text


def _text(said: Said, name: str) -> str:
    text = said.get(name, "")
    return text if isinstance(text, str) else ""


def _size(said: Said) -> int | None:
    size = said.get("size")
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 1 << 63 else None
