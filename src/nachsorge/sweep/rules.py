"""What a run does with rules before and after: they are compiled once, and accounted for one by one.

What a rule cannot do here is said before anything is judged: a rule that does not run looks for nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import sigma as pysigma_package

from nachsorge import __version__
from nachsorge.matching import detection, sigma
from nachsorge.matching.logsources import Recorded, is_known
from nachsorge.matching.store import NOWHERE, Store, digest_of
from nachsorge.matching.tests import apart
from nachsorge.model.assessment import RuleAccount
from nachsorge.model.pack import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nachsorge.matching.tests import Test
    from nachsorge.model.assessment import Sighting
    from nachsorge.model.evidence import Reading
    from nachsorge.model.pack import Pack

_KEPT_FROM = 50
"""So many rules take longer to parse than to load as they were parsed last time."""

_Parsed = list[tuple[bytes, str]]
"""For each rule its plan, or else why there is none."""


def prepared(pack: Pack, store: Store = NOWHERE) -> Pack:
    """Give the pack with its Sigma rules parsed for all processes.

    Every stage that has a rule which is not supported is kept open, unless it is so already, and generic rules that are
    not supported are listed with their place.
    """
    asked = [number for number, rule in enumerate(pack.rules) if rule.engine == "sigma" and not rule.plan]
    if not asked:
        return pack
    parsed = _parsed([pack.rules[number].text for number in asked], store)
    rules, idle, listed = list(pack.rules), dict[str, list[str]](), list[str]()
    for number, (plan, why) in zip(asked, parsed, strict=True):
        rule = pack.rules[number]
        rules[number] = replace(rule, plan=plan)
        if why:
            note = f"the rule {rule.title!r} is not supported, so nobody looked for it: {why}"
            idle.setdefault(pack.traces_by_id[rule.trace].stage, []).append(note)
            listed += [f"{rule.place}: not supported: {why}"] if rule.place else []
    stages = tuple(replace(s, never=s.never or _told(idle[s.id])) if s.id in idle else s for s in pack.stages)
    return replace(pack, rules=tuple(rules), stages=stages, not_understood=(*pack.not_understood, *listed))


def _told(notes: Sequence[str]) -> str:
    return notes[0] if len(notes) == 1 else f"{len(notes)} rules are not supported, so nobody looked for them"


def _parsed(texts: Sequence[str], store: Store) -> _Parsed:
    if len(texts) < _KEPT_FROM:
        return [_parse(text) for text in texts]
    made_by = f"{__version__} {getattr(pysigma_package, '__version__', '')} {detection.FORM}"
    name = digest_of((made_by.encode(), *(text.encode("utf-8", "surrogatepass") for text in texts)))
    if (kept := store.get("rules", name)) is not None:
        try:
            return msgspec.msgpack.decode(kept, type=_Parsed)
        except msgspec.MsgspecError:
            pass  # damaged: parsed anew
    parsed = [_parse(text) for text in texts]
    store.put("rules", name, msgspec.msgpack.encode(parsed))
    return parsed


def _parse(text: str) -> tuple[bytes, str]:
    try:
        return detection.packed(sigma.compile_rule(text).plan), ""
    except sigma.NotSupported as why:
        return b"", str(why) or "no reason given"


def accounts(
    tests: Sequence[Test], readings: Sequence[Reading], sightings: Iterable[Sighting]
) -> tuple[RuleAccount, ...]:
    """Say of every rule how many records of its log source, or files, it had to look at, and how many matched."""
    matched = Counter((s.pack, s.type, s.indicator) for s in sightings)
    recorded = Recorded(readings)
    scanned = sum(reading.scanned for reading in readings)
    found = []
    for _, test in apart(tests):
        if not isinstance(test.origin, Rule):
            continue
        matches = matched[test.pack, test.type, test.value]
        applicable, note = (scanned, "") if test.type == "yara" else _applicable(test.origin, recorded)
        # A record of unknown origin may have been asked and have matched: then it was its log source.
        found.append(RuleAccount(id=test.value, applicable=max(applicable, matches), matches=matches, note=note))
    return tuple(found)


def _applicable(rule: Rule, recorded: Recorded) -> tuple[int, str]:
    try:
        plan = sigma.compiled(rule).plan
    except sigma.NotSupported as why:
        return 0, f"not supported: {why}" + (f" ({rule.place})" if rule.place else "")
    count = recorded.of(plan)
    if count:
        return count, ""
    named = "/".join(part for part in (plan.product, plan.category, plan.service) if part) or "any"
    return 0, f"not applicable: no record of {named}" + ("" if is_known(plan) else ", which no reader here knows")
