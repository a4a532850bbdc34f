"""The second half of the console report: claims, what was read, rules, controls, remarks, and the closing line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from nachsorge.model.words import Standing, Status
from nachsorge.reports import notes, view, wording
from nachsorge.reports.lots import Lot, lots_of
from nachsorge.reports.page import LISTED, STYLES, TABLE_WIDTH, Page, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from nachsorge.model.assessment import Source
    from nachsorge.reports.texts import Texts


def claims(page: Page) -> None:
    """Print each claim with its answer and why."""
    if not page.assessment.claims:
        return
    page.heading(page.texts.claims)
    for claim in page.assessment.claims:
        answer = page.texts.answers.get(claim.answer, claim.answer)
        page.line((answer, "bold"), f": {claim.says} ({claim.by})")
        for why in page.given(claim.because):
            page.line(f"{page.texts.because}: {why}", indent=4)


def sources(page: Page) -> None:
    """Print what was read, what could not be read first."""
    texts, found = page.texts, _lots(page)
    page.heading(texts.read)
    if not found:
        page.line(texts.no_sources)
        return
    listed = found[: page.shown(LISTED)]
    _source_table(page, listed) if page.console.width >= TABLE_WIDTH else _source_list(page, listed)
    rest = found[len(listed) :]
    if rest:
        left = [source.reading.status for lot in rest for source in lot.sources]
        page.line((texts.more_rows.format(count=len(left), parts=wording.status_words(left, texts)), "dim"))


def _lots(page: Page) -> Sequence[Lot]:
    if page.verbose:
        return [Lot((source,)) for source in view.sources(page.assessment)]
    return lots_of(page.assessment)


def _path(lot: Lot, texts: Texts) -> str:
    count = len(lot.sources)
    path = lot.whole.reading.path
    return path if count == 1 else f"{path} ({texts.sources(count)}, {', '.join(lot.whole.assets)})"


def _source_table(page: Page, listed: Sequence[Lot]) -> None:
    texts = page.texts
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=True)
    table.add_column(text(texts.status), no_wrap=True)
    table.add_column(text(texts.source), overflow="fold", ratio=1)
    table.add_column(text(texts.reader), overflow="fold")
    table.add_column(text(texts.records_label), justify="right")
    table.add_column(text(texts.unreadable), justify="right")
    table.add_column(text(texts.span), overflow="fold", width=14)
    table.add_column(text(texts.reason), overflow="fold", ratio=1)
    for lot in listed:
        source, reading = lot.whole, lot.whole.reading
        counts = (str(reading.records), str(reading.unreadable))
        table.add_row(
            _status(reading.status, texts),
            *map(text, (_path(lot, texts), reading.reader, *counts, _days(source, texts))),
            text("; ".join(wording.troubles(reading, texts))),
        )
    page.console.print(table, highlight=False)


def _source_list(page: Page, listed: Sequence[Lot]) -> None:
    texts = page.texts
    for lot in listed:
        source, reading = lot.whole, lot.whole.reading
        page.line(_status(reading.status, texts), f"  {_path(lot, texts)}")
        counts = f"{texts.records(reading.records)}, {texts.unreadable}: {reading.unreadable}"
        page.line(f"{reading.reader or '-'} | {counts} | {_days(source, texts)}", indent=4)
        for trouble in wording.troubles(reading, texts):
            page.line(trouble, indent=4)


def _status(status: Status, texts: Texts) -> Text:
    return text((texts.statuses[status], "" if status is Status.READ else STYLES[Standing.SUSPECTED]))


def _days(source: Source, texts: Texts) -> str:
    first, last = source.reading.first, source.reading.last
    if first is None or last is None:
        return texts.no_time
    days = dict.fromkeys(wording.moment(instant, texts)[:10] for instant in (first, last))
    return f" {texts.to} ".join(days)


def idle_rules(page: Page) -> None:
    """Print the rules that had nothing to look at."""
    idle = view.idle(page.assessment)
    if not idle:
        return
    page.heading(page.texts.rule_accounts)
    page.line(page.texts.rules_idle.format(count=len(idle), total=len(page.assessment.rules)))
    for rule in idle[: page.shown(LISTED)]:
        page.line(f"{rule.id}  {notes.say(rule.note, page.texts.lang)}".rstrip(), indent=4)
    page.more(len(idle) - len(idle[: page.shown(LISTED)]), indent=4)


def controls(page: Page) -> None:
    """Print failed positive controls, or that there were none."""
    texts, controls = page.texts, page.assessment.controls
    failed = [control for control in controls if not control.seen]
    if not page.assessment.sources or (controls and not failed):
        return
    page.heading(texts.controls)
    page.line((texts.control_failed if failed else texts.controls_none, STYLES[Standing.SUSPECTED]))
    paths = {source.id: source.reading.path for source in page.assessment.sources}
    for control in failed[: page.shown(LISTED)]:
        why = notes.say(control.note, texts.lang)
        page.line(f"{paths.get(control.source, control.source)}  {control.reader}  {why}".rstrip(), indent=4)
    page.more(len(failed) - len(failed[: page.shown(LISTED)]), indent=4)


def remarks(page: Page) -> None:
    """Print what packs and run want said."""
    for pack in page.assessment.packs:
        _list(page, f"{page.texts.not_understood} {pack.id}", pack.not_understood)
    _list(page, page.texts.notes, [notes.say(note, page.texts.lang) for note in page.assessment.summary.notes])


def _list(page: Page, heading: str, entries: Sequence[str]) -> None:
    if not entries:
        return
    page.heading(heading)
    for entry in entries[: page.shown(LISTED)]:
        page.line(entry, indent=2)
    page.more(len(entries) - len(entries[: page.shown(LISTED)]), indent=2)


def closing(page: Page) -> None:
    """Print verdict, exit code and the label of all of it."""
    texts, summary = page.texts, page.assessment.summary
    page.console.print()
    meaning = wording.exit_meaning(summary.exit, texts)
    text = texts.closing.format(verdict=texts.verdicts[summary.verdict], exit=summary.exit, meaning=meaning)
    page.line((text, f"bold {STYLES[wording.AS_STANDING[summary.verdict]]}"))
    page.line(str(wording.label(page.assessment)))
