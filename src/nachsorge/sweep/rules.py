"""What a pack's rules cannot do here is said before anything is judged: a rule that does not run looks for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.matching import sigma

if TYPE_CHECKING:
    from nachsorge.model.pack import Pack


def with_idle_rules_told(pack: Pack) -> Pack:
    """Give the pack with every stage that has a rule which is not supported kept open, unless it is so already."""
    idle: dict[str, str] = {}
    for rule in pack.rules:
        if rule.engine == "sigma" and (why := _why_not(rule.text)):
            stage = pack.traces_by_id[rule.trace].stage
            idle.setdefault(stage, f"the rule {rule.title!r} is not supported, so nobody looked for it: {why}")
    if not idle:
        return pack
    stages = (replace(s, never=s.never or idle[s.id]) if s.id in idle else s for s in pack.stages)
    return replace(pack, stages=tuple(stages))


def _why_not(text: str) -> str:
    try:
        sigma.compile_rule(text)
    except sigma.NotSupported as why:
        return str(why) or "no reason given"
    return ""
