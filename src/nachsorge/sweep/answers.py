"""Answers of a CERT that a case took in: laid over every edition of their pack, or a later `--pack` would drop them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yara_x

from nachsorge.matching.sigma import NotSupported, compile_rule
from nachsorge.packs.values import checked
from nachsorge.sharing.answer import Answer, decode
from nachsorge.sharing.overlay import Laid, lay, source_of

if TYPE_CHECKING:
    from nachsorge.cases.store import Case
    from nachsorge.model.pack import Pack, Rule

KIND: Final = "answer"
"""The kind of a case's entry."""


def laid_over(pack: Pack, answer: Answer) -> Laid:
    """Lay one answer over a pack, its values and rules held to what this program can look for."""
    return lay(pack, answer, why_not, checked)


def with_answers(case: Case, pack: Pack) -> Pack:
    """Give the pack with all answers over it that the case has for it, in the order in which they came."""
    there = {source.id for source in pack.sources}
    for entry in case.entries():
        if entry.kind == KIND and entry.body["pack"] == pack.id:
            answer = decode(case.blob(entry.body["blob"]), f"entry {entry.seq}")
            if source_of(answer) not in there:
                pack = laid_over(pack, answer).pack
    return pack


def why_not(rule: Rule) -> str:
    """Say why a rule cannot be looked for; empty where it can."""
    if rule.engine == "sigma":
        try:
            compile_rule(rule.text)
        except NotSupported as error:
            return str(error)
        return ""
    try:
        yara_x.compile(rule.text)
    except yara_x.CompileError as error:
        return str(error).splitlines()[0]
    return ""
