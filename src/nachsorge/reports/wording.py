"""Sentences and values put into words: the headline, times, windows, counts. The same for every kind of report."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from nachsorge.model.labels import UNLABELLED, Label, Pap
from nachsorge.model.times import DAY, SECOND, render
from nachsorge.model.words import Reason, Standing, Status, Tlp, Verdict
from nachsorge.reports import kinds, notes
from nachsorge.reports.view import number_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nachsorge.model.assessment import Assessment, Hole, Judged
    from nachsorge.model.evidence import Reading
    from nachsorge.model.times import Instant, Span
    from nachsorge.reports.texts import Texts

W = TypeVar("W", bound=StrEnum)

GLYPHS: Mapping[Standing, str] = {
    Standing.SHOWN: "●",
    Standing.SUSPECTED: "◐",
    Standing.OPEN: "○",
    Standing.RULED_OUT: "✓",
}
AS_STANDING: Mapping[Verdict, Standing] = {
    Verdict.COMPROMISED: Standing.SHOWN,
    Verdict.SUSPECTED: Standing.SUSPECTED,
    Verdict.OPEN: Standing.OPEN,
    Verdict.RULED_OUT: Standing.RULED_OUT,
}


def moment(instant: Instant | None, texts: Texts) -> str:
    """Give `2023-03-29 01:19:00`, UTC, to the second: the locator is what finds the record again."""
    if instant is None:
        return texts.no_time
    return render(instant - instant % SECOND).replace("T", " ").removesuffix("Z")


def stretch(span: Span | None, texts: Texts, empty: str) -> str:
    """Give a span in words; whole days without their times. The ISO form, so that it can be compared with logs."""
    if span is None:
        return empty
    start, end = moment(span.start, texts), moment(span.end, texts)
    if span.start % DAY == 0 and span.end % DAY >= DAY - SECOND:
        start, end = start[:10], end[:10]
    return start if start == end else f"{start} {texts.to} {end}"


def days(span: Span | None, texts: Texts) -> str:
    """Give the days that a span touches: for people who do not compare it with logs."""
    if span is None:
        return ""
    start, end = day(span.start), day(span.end)
    return start if start == end else f"{start} {texts.to} {end}"


def extent(first: Instant | None, last: Instant | None, texts: Texts) -> str:
    """Give first and last time of a source, or that there is none."""
    if first is None or last is None:
        return texts.no_time
    start, end = moment(first, texts), moment(last, texts)
    return start if start == end else f"{start} {texts.to} {end}"


def verdict_counts(assets: Sequence[Judged]) -> dict[Verdict, int]:
    """Count the assets per verdict, the worst first."""
    return {verdict: sum(judged.verdict is verdict for judged in assets) for verdict in Verdict}


def verdict_words(counts: Mapping[Verdict, int], texts: Texts) -> str:
    """Give `1 compromised, 2 open, 3 ruled out within what was covered`."""
    words = dict(texts.verdicts) | {Verdict.RULED_OUT: texts.legend[Standing.RULED_OUT]}
    return number_words((counts[verdict], words[verdict]) for verdict in Verdict if verdict in counts)


def status_words(statuses: Iterable[Status], texts: Texts) -> str:
    """Give `2 not read, 10 read`, what was not read first."""
    found = list(statuses)
    order = (Status.UNREAD, Status.UNKNOWN_FORMAT, Status.PARTLY, Status.SKIPPED, Status.READ)
    return number_words((found.count(status), texts.statuses[status]) for status in order)


def headline(assessment: Assessment, texts: Texts) -> str:
    """Give the verdict as one sentence or two: what holds for how many, and where the others stand."""
    if not assessment.assets:
        return texts.no_asset
    counts = verdict_counts(assessment.assets)
    worst = assessment.summary.verdict
    total = len(assessment.assets)
    if worst is Verdict.OPEN and not counts[Verdict.OPEN]:
        return f"{texts.headline_unread} {verdict_words(counts, texts)}."
    of = texts.assets if worst is Verdict.RULED_OUT else texts.of_assets
    text = texts.headlines[worst].format(total=of(total), **{v.name.lower(): n for v, n in counts.items()})
    rest = verdict_words({verdict: n for verdict, n in counts.items() if verdict is not worst}, texts)
    return f"{text} {texts.sentence_rest.format(parts=rest)}" if rest else text


def exit_meaning(code: int, texts: Texts) -> str:
    """Say what an exit code of `check` means (design, section 4)."""
    return texts.exits.get(code, texts.exit_unknown)


def label(assessment: Assessment) -> Label:
    """Give a report's label: that of the assessment, and never less than its packs'; RED where one is unknown."""
    tlps, paps = list(Tlp), list(Pap)
    packs = [Label(_word(Tlp, pack.tlp), _word(Pap, pack.pap)) for pack in assessment.packs]
    found = [UNLABELLED, assessment.label, *packs]
    tlp = max((each.tlp for each in found), key=tlps.index)
    return Label(tlp, max((each.pap for each in found), key=paps.index))


def _word(kind: type[W], text: str) -> W:
    """Read a label's word; one that nobody knows is kept closest."""
    return kind(text) if text in list(kind) else kind["RED"]


def troubles(reading: Reading, texts: Texts) -> Iterator[str]:
    """Give why a source was not read, its note, the first unreadable records and its gaps, each in words."""
    if reading.reason:
        yield texts.reasons[reading.reason]
    if reading.note:
        yield _noted(reading.note, reading.reason, texts)
    if reading.unreadable_at:
        yield texts.unreadable_at.format(places=", ".join(map(kinds.place, reading.unreadable_at)))
    for gap in dict.fromkeys(reading.gaps):
        if gap.span is None and (gap.reason is reading.reason or gap.note in reading.note):
            continue  # said already
        span = f" {stretch(gap.span, texts, '')}" if gap.span else ""
        yield f"{texts.reasons[gap.reason]}{span}" + (
            f" ({_noted(gap.note, gap.reason, texts)})" if gap.note and gap.note not in reading.note else ""
        )


def day(instant: Instant) -> str:
    """Give `2023-03-29`, UTC."""
    return render(instant)[:10]


def gap_words(hole: Hole, texts: Texts) -> str:
    """Give a gap with its time, reason and note."""
    text = texts.gap_title.format(span=stretch(hole.span, texts, ""), reason=texts.reasons[hole.reason])
    return f"{text} ({_noted(hole.note, hole.reason, texts)})" if hole.note else text


_DECODERS = frozenset({Reason.CORRUPT, Reason.TRUNCATED, Reason.FAILED})
"""Reasons whose note may be what a decoder said, word for word."""


def _noted(note: str, reason: Reason | None, texts: Texts) -> str:
    return notes.of_error(note, texts.lang) if reason in _DECODERS else notes.say(note, texts.lang)
