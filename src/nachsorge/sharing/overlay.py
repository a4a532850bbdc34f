"""An answer laid over a pack: what is new becomes part of a pack that judges in its place; nothing is taken away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nachsorge.model.labels import Label
from nachsorge.model.pack import Indicator, Knowledge, Pack, Rule, Stage, Step, Trace
from nachsorge.model.times import parse_instant
from nachsorge.model.words import IndicatorType, Rung, Verification
from nachsorge.sharing.answer import Answer, AnswerIndicator, AnswerRule, encode
from nachsorge.sharing.labels import most_restrictive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nachsorge.model.words import Weight

CheckRule = Callable[[Rule], str]
Normal = Callable[[IndicatorType, str], str]


@dataclass(frozen=True, slots=True)
class Laid:
    """The pack with the answer over it; what is new in words, how much was known, what was not understood and why."""

    pack: Pack
    added: tuple[str, ...]
    known: int
    lost: tuple[str, ...]


def lay(pack: Pack, answer: Answer, check_rule: CheckRule, normal: Normal) -> Laid:
    """Lay an answer over a pack.

    Args:
        pack: what judged until now.
        answer: of the pack's own id.
        check_rule: says why a rule cannot be looked for; empty where it can.
        normal: gives a value in its type's normal spelling; ValueError where it is none of that type.

    A stage for which something cannot be looked for is kept open: nobody looked for all that is known of it.
    """
    work = _Work(pack, answer)
    for each in answer.indicators:
        work.indicator(each, normal)
    for rule in answer.rules:
        work.rule(rule, check_rule)
    work.steps()
    return work.done()


def source_of(answer: Answer) -> str:
    """Give the id that an answer has among the sources of a pack."""
    return f"answer {answer.id[:8]}"


class _Work:
    """Collects what is new."""

    def __init__(self, pack: Pack, answer: Answer) -> None:
        self.pack = pack
        self.answer = answer
        self.source = source_of(answer)
        self.traces = dict(pack.traces_by_id)
        self.stages = dict(pack.stages_by_id)
        self.indicators: list[Indicator] = []
        self.rules: list[Rule] = []
        self.new_steps: list[Step] = []
        self.known = 0
        self.lost: list[str] = []
        self.keys = {(each.type, each.value, each.trace, each.platform) for each in pack.indicators}
        self.rule_ids = {(each.engine, each.id) for each in pack.rules}

    def indicator(self, each: AnswerIndicator, normal: Normal) -> None:
        trace = self._trace(each.trace, each.stage, each.rung, each.weight)
        try:
            value = normal(each.type, each.value)
        except ValueError as error:
            if each.role.matches:
                self._lose(trace, f"{each.type} {each.value}", str(error))
            return
        made = Indicator(
            type=each.type,
            value=value,
            trace=trace.id,
            role=each.role,
            platform=each.platform,
            first_source=self.source,
            sources=tuple(filter(None, (each.source,))),
            verification=Verification.VERBATIM_PUBLISHER,
            valid_from=parse_instant(each.valid_from) if each.valid_from else None,
            valid_until=parse_instant(each.valid_until) if each.valid_until else None,
            tlp=each.tlp,
            pap=each.pap,
            note=each.note,
        )
        key = (made.type, made.value, trace.id, made.platform)
        if key in self.keys:
            self.known += 1
        else:
            self.keys.add(key)
            self.traces.setdefault(trace.id, trace)
            self.indicators.append(made)

    def rule(self, each: AnswerRule, check: CheckRule) -> None:
        trace = self._trace(each.trace, each.stage, each.rung, each.weight)
        made = Rule(
            id=each.id,
            engine=each.engine,
            text=each.text,
            trace=trace.id,
            title=each.title,
            author=each.author,
            licence=each.licence,
            reference=each.reference,
            place=f"{self.source}: {each.engine} {each.id}",
        )
        if (each.engine, each.id) in self.rule_ids:
            self.known += 1
        elif why := check(made):
            self._lose(trace, f"{each.engine} rule {each.id}", why)
        else:
            self.rule_ids.add((each.engine, each.id))
            self.traces.setdefault(trace.id, trace)
            self.rules.append(made)

    def _lose(self, trace: Trace, what: str, why: str) -> None:
        self.lost.append(f"{what}: {why}")
        told = "something of the CERT's answer was not understood, so nobody looked for it"
        stage = self.stages[trace.stage]
        self.stages[stage.id] = replace(stage, never=stage.never or told)

    def steps(self) -> None:
        there = {(each.title, each.stage) for each in self.pack.steps}
        for each in self.answer.next_steps:
            stage = each.stage if each.stage in self.pack.stages_by_id else ""
            if (each.title, stage) in there:
                self.known += 1
            else:
                self.new_steps.append(Step(title=each.title, minutes=each.minutes, danger=each.danger, stage=stage))

    def _trace(self, name: str, stage: str, rung: str, weight: Weight) -> Trace:
        """Find the trace that something tests, or make one of its weight on its stage."""
        found = self.pack.traces_by_id.get(name)
        if found is not None and stage in ("", found.stage):
            return found
        on = self._stage(stage, rung)
        id = f"answer-{on.id}-{weight.value}"
        return self.traces.get(id) or Trace(id=id, stage=on.id, weight=weight, title=f"told by {self._who()}")

    def _stage(self, stage: str, rung: str) -> Stage:
        """Find the stage, or one of the same rung; else make one that only a finding decides: no needs are known."""
        if stage in self.stages:
            return self.stages[stage]
        wanted = Rung[rung.upper().replace("-", "_")]
        same = next((one for one in self.stages.values() if one.rung is wanted), None)
        if same is not None:
            return same
        made = Stage(
            id=f"answer-{rung}",
            rung=wanted,
            title=f"{rung}: told by {self._who()}",
            windows=next((one.windows for one in reversed(self.pack.stages)), ()),
            never="the CERT's answer does not say what evidence would rule it out",
        )
        self.stages[made.id] = made
        return made

    def _who(self) -> str:
        return self.answer.by or "the CERT"

    def done(self) -> Laid:
        if not (self.indicators or self.rules or self.new_steps or self.lost):
            return Laid(self.pack, (), self.known, ())
        label = self.answer.label
        whole = most_restrictive([Label(self.pack.tlp, self.pack.pap), Label(label.tlp, label.pap)])
        body = encode(self.answer)
        pack = replace(
            self.pack,
            version=f"{self.pack.version}+answer.{self.answer.id[:8]}",
            digest=hashlib.sha256(f"{self.pack.digest}\0".encode() + body).hexdigest(),
            # The whole is as restricted as what was laid over it: the answer's label is kept.
            tlp=whole.tlp,
            pap=whole.pap,
            stages=tuple(self.stages.values()),
            traces=tuple(self.traces.values()),
            indicators=(*self.pack.indicators, *self.indicators),
            rules=(*self.pack.rules, *self.rules),
            steps=(*self.pack.steps, *self.new_steps),
            sources=(*self.pack.sources, self._knowledge()),
            not_understood=(*self.pack.not_understood, *(f"{self.source}: {one}" for one in self.lost)),
        )
        return Laid(pack, tuple(self._told()), self.known, tuple(self.lost))

    def _knowledge(self) -> Knowledge:
        label = Label(self.answer.label.tlp, self.answer.label.pap)
        title = f"answer to notification {self.answer.notification}, TLP:{label.tlp} PAP:{label.pap}"
        return Knowledge(id=self.source, publisher=self._who(), title=title, date=self.answer.made[:10])

    def _told(self) -> Iterator[str]:
        for each in self.indicators:
            looked = "" if each.role.matches else f", {each.role}: not looked for"
            yield f"{each.type} {each.value} ({self.traces[each.trace].stage}{looked})"
        yield from (f"{each.engine} rule {each.id} ({self.traces[each.trace].stage})" for each in self.rules)
        yield from (f"step: {each.title}" for each in self.new_steps)
