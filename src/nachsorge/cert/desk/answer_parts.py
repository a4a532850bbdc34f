"""Parts of a pack as an answer writes them, cut to the lengths that the format bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.utils.translation import get_language

from nachsorge.cert.desk.choose import label_of
from nachsorge.model.times import render
from nachsorge.sharing.answer import AnswerIndicator, AnswerRule, NextStep

if TYPE_CHECKING:
    from typing import Literal

    from nachsorge.model.pack import Indicator, Pack, Rule, Step
    from nachsorge.model.times import Instant
    from nachsorge.sharing.notification import RungWord

WORD, LINE = 100, 200


def indicator(pack: Pack, each: Indicator) -> AnswerIndicator:
    """Write an indicator with the trace and stage it belongs to."""
    trace = pack.traces_by_id[each.trace]
    return AnswerIndicator(
        type=each.type,
        value=each.value,
        role=each.role,
        stage=_cut(trace.stage, WORD),
        rung=_rung(pack, trace.stage),
        trace=_cut(trace.id, WORD),
        weight=trace.weight,
        platform=each.platform,
        tlp=each.tlp,
        pap=label_of(each).pap,
        valid_from=_time(each.valid_from),
        valid_until=_time(each.valid_until),
        source=_cut(each.first_source, WORD),
        note=_cut(each.note, LINE),
    )


def rule(pack: Pack, each: Rule) -> AnswerRule:
    """Write a rule with its author and licence, which are printed with every match."""
    trace = pack.traces_by_id[each.trace]
    return AnswerRule(
        id=_cut(each.id, WORD),
        engine=cast("Literal['sigma', 'yara']", each.engine),
        text=each.text,
        title=_cut(each.title, LINE),
        author=_cut(each.author, LINE),
        licence=_cut(each.licence, LINE),
        reference=_cut(each.reference, LINE),
        stage=_cut(trace.stage, WORD),
        rung=_rung(pack, trace.stage),
        trace=_cut(trace.id, WORD),
        weight=trace.weight,
        tlp=pack.tlp,
    )


def step(each: Step) -> NextStep:
    """Write a next step, in the language of the analyst who answers."""
    german = (get_language() or "").startswith("de")
    title = each.title_de if german and each.title_de else each.title
    danger = each.danger_de if german and each.danger_de else each.danger
    return NextStep(_cut(title, LINE), each.minutes, _cut(danger, LINE), _cut(each.stage, WORD))


def _rung(pack: Pack, stage: str) -> RungWord:
    return cast("RungWord", pack.stages_by_id[stage].rung.word)


def _time(at: Instant | None) -> str | None:
    return None if at is None else render(at)[:19] + "Z"


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
