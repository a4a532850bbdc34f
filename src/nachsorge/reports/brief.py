"""What management has to know, arranged for one page: was it us, how far, what is not known, what it takes, what next.

Every line follows from the assessment by rule; no line says more than the standings do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nachsorge.locale import _, ngettext
from nachsorge.model.words import Standing, Status, Verdict
from nachsorge.reports import view, wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.model.assessment import Assessment, Judged
    from nachsorge.reports.beside import Effort
    from nachsorge.reports.texts import Texts

NAMES, STAGES, NEEDS, CLAIMS = 5, 8, 3, 2
"""How many of each there is room for on one page."""
LETTERS = 95
"""Letters of a pack's own sentence that there is room for."""
NAME, TITLE = 18, 46
"""Letters of an asset's name, and of a stage's title."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One stage, and how many assets stand where."""

    column: view.Column
    counts: Mapping[Standing, int]


@dataclass(frozen=True, slots=True)
class Who:
    """Where some assets stand, and which they are."""

    standing: Standing
    word: str
    assets: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The page, part by part."""

    who: tuple[Who, ...]
    reach: tuple[Reach, ...]
    stages_left: int
    said: tuple[str, ...]
    unknown: tuple[str, ...]
    takes: tuple[str, ...]
    decide: tuple[str, ...]


def brief(assessment: Assessment, texts: Texts, effort: Effort | None) -> Brief:
    """Arrange the page, in the language that is spoken."""
    reach = _reach(assessment, texts)
    needs = view.open_needs(assessment, texts.lang)
    return Brief(
        who=tuple(_who(assessment, texts)),
        reach=reach[:STAGES],
        stages_left=len(reach[STAGES:]),
        said=tuple(_claims(assessment, texts)),
        unknown=tuple(_unknown(assessment, needs, texts)),
        takes=tuple(_takes(needs, effort)) or (texts.nothing_open if assessment.assets else texts.settle_unknown,),
        decide=tuple(_decide(assessment, texts)),
    )


def short(text: str, letters: int = LETTERS) -> str:
    """Cut a text that is too long for the page, at a word, and show that it was cut."""
    if len(text) <= letters:
        return text
    return text[:letters].rsplit(" ", 1)[0].rstrip(" ,;:.") + " [...]"


def names(assets: Sequence[str], texts: Texts, most: int = NAMES) -> str:
    """Name the first few, and count the others."""
    first = ", ".join(short(name, NAME) for name in assets[:most])
    return texts.first_names.format(names=first, count=len(assets) - most) if len(assets) > most else first


def _of(assessment: Assessment, verdict: Verdict) -> list[str]:
    return [judged.asset.id for judged in view.ordered(assessment) if judged.verdict is verdict]


def _who(assessment: Assessment, texts: Texts) -> Iterator[Who]:
    for verdict in Verdict:
        if found := _of(assessment, verdict):
            word = texts.legend[Standing.RULED_OUT] if verdict is Verdict.RULED_OUT else texts.verdicts[verdict]
            yield Who(wording.AS_STANDING[verdict], word, f"{texts.assets(len(found))}: {names(found, texts)}")


def _reach(assessment: Assessment, texts: Texts) -> tuple[Reach, ...]:
    counts: dict[tuple[str, str], Counter[Standing]] = {}
    for judged in assessment.assets:
        for cell in judged.cells:
            counts.setdefault((cell.pack, cell.stage), Counter())[cell.standing] += 1
    stages = view.columns(assessment, texts.lang)
    return tuple(Reach(stages[key], counts[key]) for key in stages if key in counts)


def _claims(assessment: Assessment, texts: Texts) -> Iterator[str]:
    # Only what is refuted: a claim that holds, holds within what was covered, and one line cannot say how far that is.
    for claim in [claim for claim in assessment.claims if claim.answer == "refuted"][:CLAIMS]:
        yield f"{texts.answers[claim.answer]}: {short(claim.says)}"


def _unknown(assessment: Assessment, needs: Sequence[view.OpenNeed], texts: Texts) -> Iterator[str]:
    cells = Counter(cell.standing for judged in assessment.assets for cell in judged.cells)
    if cells[Standing.OPEN]:
        yield _("{open} of {cells} questions (assets x stages) have no answer, on {assets}.").format(
            open=cells[Standing.OPEN],
            cells=cells.total(),
            assets=texts.of_assets(sum(map(_is_open, assessment.assets))),
        )
    for need in needs[:NEEDS]:
        yield f"{texts.assets(need.assets)}: {_lacking(need, texts)}"
    if len(needs) > NEEDS:
        yield _("{count} further reasons stand in the full report.").format(count=len(needs) - NEEDS)
    unread = [s.reading.status for s in assessment.sources if s.reading.status not in (Status.READ, Status.SKIPPED)]
    if unread:
        yield _("Not everything that was handed in could be read: {parts}.").format(
            parts=wording.status_words(unread, texts)
        )
    if failed := sum(not control.seen for control in assessment.controls):
        yield _("{sources} failed the positive control and count as not looked at.").format(
            sources=texts.sources(failed)
        )
    if assessment.summary.interrupted:
        yield texts.interrupted
    if not assessment.assets:
        yield texts.no_asset


def _is_open(judged: Judged) -> bool:
    return any(cell.standing is Standing.OPEN for cell in judged.cells)


def _lacking(open_need: view.OpenNeed, texts: Texts) -> str:
    unmet = open_need.need.unmet
    if unmet is None or unmet.telemetry is None:
        why = short("; ".join(open_need.need.why))
        return why or texts.open_unexplained
    span = wording.days(unmet.span, texts)
    return short(f"{texts.telemetry[unmet.telemetry]}{', ' if span else ''}{span}: {texts.reasons[unmet.reason]}")


def _takes(needs: Sequence[view.OpenNeed], effort: Effort | None) -> Iterator[str]:
    if effort and effort.errands:
        yield ngettext(
            "{count} errand of {low} to {high} minutes in all answers {settled} of the open questions.",
            "{count} errands of {low} to {high} minutes in all answer {settled} of the open questions.",
            effort.errands,
        ).format(count=effort.errands, low=effort.low, high=effort.high, settled=effort.settled)
    if effort and effort.never:
        yield ngettext(
            "{count} open question can be answered by no evidence that could still be got.",
            "{count} open questions can be answered by no evidence that could still be got.",
            effort.never,
        ).format(count=effort.never)
    if effort and effort.late and effort.late.known:
        yield _(
            "If it is found late: {low} to {high} minutes of the packs' own steps, for none to all open assets."
        ).format(low=effort.late.low, high=effort.late.high)
    settle: dict[str, int] = {}
    for need in needs:
        if need.need.unmet and need.need.unmet.settle:
            settle[need.need.unmet.settle] = settle.get(need.need.unmet.settle, 0) + need.assets
    widest = sorted(settle.items(), key=lambda item: -item[1])
    for text, _assets in widest[:NEEDS]:
        yield short(text)
    if len(widest) > NEEDS:
        yield _("{count} more stand in the full report.").format(count=len(widest) - NEEDS)


def _decide(assessment: Assessment, texts: Texts) -> Iterator[str]:
    hit, hints = _of(assessment, Verdict.COMPROMISED), _of(assessment, Verdict.SUSPECTED)
    if hit:
        yield _(
            "Who isolates and restores what is compromised ({assets}), by when? Secure the evidence first: what is"
            " wiped can never be read."
        ).format(assets=texts.assets(len(hit)))
    if hit or hints:
        yield _(
            "Must the incident be reported? Where NIS 2 applies, the early warning is due within 24 hours after"
            " becoming aware, the notification within 72 hours (Art. 23)."
        )
    if hints:
        yield _("Who judges the hints on {assets}? A hint is no proof, and no proof of the contrary.").format(
            assets=texts.of_assets(len(hints))
        )
    if any(map(_is_open, assessment.assets)) or not assessment.assets:
        yield _(
            "Get the missing evidence, or live with the open questions, by name and with a reason? Logs are deleted"
            " after their time: waiting decides as well."
        )
    if hit:
        yield _("Who confirms afterwards, from evidence of the time after the restoration, that nothing goes on?")
    if not hit and not hints and assessment.summary.verdict is Verdict.RULED_OUT:
        yield _("Nothing is open now. Keep the evidence: a new version of the pack can put new questions to it.")
