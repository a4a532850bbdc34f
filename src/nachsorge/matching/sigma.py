"""Sigma rules: parsed by pySigma, evaluated by `ruleset` over flat records.

Supported: and/or/not, 1/all of, string modifiers, cased, wildcards, re, cidr, numbers, comparison, null, exists,
fieldref, neq, windash, base64offset (pySigma expands these). Not supported, and reported with the rule: expand
placeholders, parts of times (`hour`), query expressions, correlation rules, rules over several documents.
A rule is asked only about records of its own log source; see `logsources`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nachsorge.matching import detection as d
from nachsorge.matching import logsources
from nachsorge.matching.literals import Literals, rarest, rarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nachsorge.model.evidence import Record
    from nachsorge.model.pack import Rule


class NotSupported(Exception):
    """A rule uses what this program cannot evaluate; the message names it."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule ready to be asked. `category` may be empty: then `product` and `service` alone choose the records."""

    plan: d.Plan
    literals: Literals | None

    @property
    def id(self) -> str:
        """Give the rule's id."""
        return self.plan.id

    @property
    def category(self) -> str:
        """Give the category of its log source."""
        return self.plan.category

    @property
    def predicate(self) -> Callable[[Mapping[str, str]], bool]:
        """Give the rule alone as a question about an event."""
        from nachsorge.matching.ruleset import alone

        return alone(self.plan)

    def concerns(self, record: Record) -> bool:
        """Tell whether the record belongs to the rule's log source."""
        return logsources.concerns(self.plan, logsources.origin_of(record))


def compiled(rule: Rule) -> CompiledRule:
    """Give a pack's rule compiled: from its plan, where a process made one already, else from its text.

    Raises:
        NotSupported: as `compile_rule`.
    """
    return _of_plan(rule.plan) if rule.plan else compile_rule(rule.text)


@lru_cache(maxsize=8192)
def _of_plan(body: bytes) -> CompiledRule:
    plan = d.unpacked(body)
    return CompiledRule(plan, literals_in(plan.condition))


@lru_cache(maxsize=4096)
def compile_rule(text: str) -> CompiledRule:
    """Parse and compile one rule.

    Raises:
        NotSupported: the rule is no valid Sigma, or uses what is not supported.
    """
    from nachsorge.matching.sigma_text import plan_of  # brings pySigma, a tenth of the program's start

    plan = plan_of(text)
    return CompiledRule(plan, literals_in(plan.condition))


def literals_in(node: d.Node) -> Literals | None:
    """Give literals of which every record that meets the node holds one; None where there is no such set."""
    match node:
        case d.All(parts):
            named = [found for part in parts if (found := literals_in(part)) is not None]
            return max(named, key=lambda found: min((rarity(one) for one in found), default=0), default=None)
        case d.Either(parts):
            return _join(literals_in(part) for part in parts)
        case d.Text(_, pieces, _, number):
            return None if number else rarest(piece for piece in pieces if isinstance(piece, str))
    return None


def _join(parts: Iterable[Literals | None]) -> Literals | None:
    joined: set[str] = set()
    for part in parts:
        if part is None:
            return None
        joined |= part
    return frozenset(joined)
