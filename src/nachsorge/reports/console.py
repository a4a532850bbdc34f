"""The assessment on a terminal: where each asset stands, what was found, what is open, what was read, what it means.

Everything passes `_text`, which takes no markup and makes control characters visible: evidence is written by attackers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nachsorge.model.assessment import Assessment
from nachsorge.model.words import Standing, Status
from nachsorge.reports import given, view, wording
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.texts import Texts
from nachsorge.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.model.assessment import Cell, Judged, Sighting, Source, Unmet
    from nachsorge.reports.texts import Lang

STYLES = {
    Standing.SHOWN: "bold red",
    Standing.SUSPECTED: "bold yellow",
    Standing.OPEN: "cyan",
    Standing.RULED_OUT: "green",
}
ROWS = 60
"""Assets in the matrix, the worst first, unless verbose."""
PLACES = 3
"""Places named per indicator, asset and stage."""
NAMES = 3
"""Assets named where many share one open need."""
NEEDS = 40
TABLE_WIDTH = 118
"""Columns below which sources are listed, not tabled."""
LISTED = 20
"""Sources, rules and notes named one by one."""


@dataclass(frozen=True, slots=True)
class _Page:
    """What every part of the report needs to know."""

    assessment: Assessment
    console: Console
    texts: Texts
    verbose: bool

    def given(self, reasons: Sequence[str]) -> list[str]:
        titles = {column.stage: column.title for column in view.columns(self.assessment, self.texts.lang).values()}
        return [given.say(reason, self.texts, titles) for reason in reasons]

    def shown(self, limit: int) -> int | None:
        """Give how many entries of a list are printed; None for all."""
        return None if self.verbose else limit

    def line(self, *parts: str | tuple[str, str] | Text, indent: int = 0) -> None:
        self.console.print(Padding(_text(*parts), (0, 0, 0, indent), expand=False), overflow="fold", highlight=False)

    def heading(self, words: str) -> None:
        self.console.print()
        self.line((words, "bold underline"))

    def more(self, count: int, indent: int = 0) -> None:
        if count > 0:
            self.line((self.texts.more.format(count=count), "dim"), indent=indent)


def _text(*parts: str | tuple[str, str] | Text) -> Text:
    out = Text()
    for part in parts:
        match part:
            case Text():
                out.append_text(part)
            case str():
                out.append(visible(part))
            case (words, style):
                out.append(visible(words), style)
    return out


def render(assessment: Assessment, console: Console, lang: Lang = "en", verbose: bool = False) -> None:
    """Print the whole report. `verbose` cuts no list."""
    page = _Page(localised(assessment, lang), console, CATALOGUES[lang], verbose)
    page.line((f"nachsorge: {wording.headline(assessment, page.texts)}", "bold"))
    if assessment.summary.interrupted:
        page.line((page.texts.interrupted, "bold red"))
    for part in (_matrices, _findings, _open, _claims, _sources, _idle_rules, _controls, _remarks, _closing):
        part(page)


def one_line(assessment: Assessment, lang: Lang = "en") -> str:
    """Give the summary that is printed even with -q: verdict, assets, sources, what is open."""
    texts = CATALOGUES[lang]
    cells = Counter(cell.standing for judged in assessment.assets for cell in judged.cells)
    text = texts.one_line.format(
        verdict=texts.verdicts[assessment.summary.verdict],
        assets=texts.assets(len(assessment.assets)),
        verdicts=wording.verdict_words(wording.verdict_counts(assessment.assets), texts) or "-",
        sources=texts.sources(len(assessment.sources)),
        statuses=wording.status_words((source.reading.status for source in assessment.sources), texts) or "-",
        sightings=texts.sightings(len(assessment.sightings)),
        open=cells[Standing.OPEN],
        cells=cells.total(),
        exit=assessment.summary.exit,
    )
    return f"{text} | {texts.interrupted}" if assessment.summary.interrupted else text


# --- the matrix -----------------------------------------------------------------------------------------------------


def _matrices(page: _Page) -> None:
    page.heading(page.texts.matrix)
    matrices = view.matrices(page.assessment, page.texts.lang)
    if not matrices:
        page.line(page.texts.no_stage)
        for judged in view.ordered(page.assessment):
            page.line(judged.asset.id, "  ", _verdict(judged, page.texts), indent=2)
        return
    for matrix in matrices:
        if len(matrices) > 1:
            page.line((matrix.pack, "bold"))
        _matrix(page, matrix)


def _matrix(page: _Page, matrix: view.Matrix) -> None:
    wide = _table(page, matrix, wide=True)
    fits = page.console.measure(wide).minimum <= page.console.width and _readable(page, matrix)
    page.console.print(wide if fits else _table(page, matrix, wide=False), highlight=False)
    rest = matrix.rows[page.shown(ROWS) or len(matrix.rows) :]
    if rest:
        parts = wording.verdict_words(wording.verdict_counts([row.judged for row in rest]), page.texts)
        page.line((page.texts.more_rows.format(count=len(rest), parts=parts), "dim"))
    if not fits:
        for column in matrix.columns:
            page.line(f"{column.number} = {column.title}", indent=2)
    _legend(page, matrix)


def _readable(page: _Page, matrix: view.Matrix) -> bool:
    # Asset and verdict beside words for each standing; headings may wrap, names and words may not.
    words = max(cell_len(word) for word in page.texts.standings.values()) + 4
    head = max(max(cell_len(word) for word in column.title.split() or [""]) for column in matrix.columns) + 4
    names = max((cell_len(visible(row.judged.asset.id)) for row in matrix.rows), default=0)
    verdicts = max(cell_len(word) for word in page.texts.verdicts.values()) + 6
    return names + verdicts + len(matrix.columns) * max(words, head) <= page.console.width


def _table(page: _Page, matrix: view.Matrix, *, wide: bool) -> Table:
    texts = page.texts
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(_text(texts.asset), overflow="fold")
    table.add_column(_text(texts.verdict), no_wrap=True)
    for column in matrix.columns:
        heading = f"{column.number} {column.title}" if wide else str(column.number)
        table.add_column(_text(heading), overflow="fold", no_wrap=not wide)
    for row in matrix.rows[: page.shown(ROWS)]:
        cells = [_cell(cell, texts, wide=wide) for cell in row.cells]
        table.add_row(_text(row.judged.asset.id), _text(_verdict(row.judged, texts)), *cells)
    return table


def _cell(cell: Cell | None, texts: Texts, *, wide: bool) -> Text:
    if cell is None:
        return _text((f"- {texts.not_judged}" if wide else "-", "dim"))
    words = texts.standings if wide else texts.letters
    return _text((f"{wording.GLYPHS[cell.standing]} {words[cell.standing]}", STYLES[cell.standing]))


def _verdict(judged: Judged, texts: Texts) -> tuple[str, str]:
    standing = wording.AS_STANDING[judged.verdict]
    return f"{wording.GLYPHS[standing]} {texts.verdicts[judged.verdict]}", STYLES[standing]


def _legend(page: _Page, matrix: view.Matrix) -> None:
    texts = page.texts
    parts = [f"{wording.GLYPHS[s]} {texts.letters[s]} {texts.legend[s]}" for s in Standing]
    if any(cell is None for row in matrix.rows for cell in row.cells):
        parts.append(f"- {texts.not_judged_legend}")
    page.line((f"{texts.legend_label}: " + "   ".join(parts), "dim"))


# --- what was found -------------------------------------------------------------------------------------------------


def _findings(page: _Page) -> None:
    page.heading(page.texts.findings)
    found = view.findings(page.assessment, page.texts.lang)
    verdicts = {judged.asset.id: judged for judged in page.assessment.assets}
    sources = {source.id: source for source in page.assessment.sources}
    if not found:
        page.line(page.texts.nothing_found)
    names = list(found)[: page.shown(ROWS)]
    for name in names:
        judged = verdicts.get(name)
        whose = f"  {page.texts.unattributed}" if name == view.UNATTRIBUTED else ""
        page.line((name, "bold"), "  ", _verdict(judged, page.texts) if judged else page.texts.not_judged, whose)
        for finding in found[name]:
            _finding(page, finding, sources)
    page.more(len(found) - len(names))


def _finding(page: _Page, finding: view.Finding, sources: dict[str, Source]) -> None:
    standing = finding.cell.standing if finding.cell else None
    word = (f"{wording.GLYPHS[standing]} {page.texts.standings[standing]}", STYLES[standing]) if standing else "-"
    page.line(word, f"  {finding.column.number} {finding.column.title}", indent=2)
    for group in finding.groups:
        _group(page, group, sources)
    for why in page.given(finding.because[: page.shown(LISTED)]):
        page.line((f"{page.texts.because}: {why}", "dim"), indent=6)
    page.more(len(finding.because) - len(finding.because[: page.shown(LISTED)]), indent=6)


def _group(page: _Page, group: view.Group, sources: dict[str, Source]) -> None:
    texts, first = page.texts, group.first
    marks = [texts.weights[first.weight]]
    marks += [texts.refutes] if first.refutes else []
    marks += [texts.by_author.format(author=first.author)] if first.author else []
    name, aside = view.named(first)
    page.line((name, "bold"), f"  {aside}  ({'; '.join(marks)})", indent=6)
    for sighting in group.sightings[: page.shown(PLACES)]:
        page.line(_place(sighting, sources, texts), indent=8)
    page.more(len(group.sightings) - len(group.sightings[: page.shown(PLACES)]), indent=8)


def _place(sighting: Sighting, sources: dict[str, Source], texts: Texts) -> str:
    source = sources.get(sighting.source)
    path = source.reading.path if source else sighting.source
    kind = texts.telemetry[sighting.telemetry]
    text = f"{sighting.id}  {wording.moment(sighting.time, texts)}  {path}, {sighting.locator}  [{kind}]"
    return f"{text}  {sighting.note}" if sighting.note else text


# --- what is open ---------------------------------------------------------------------------------------------------


def _open(page: _Page) -> None:
    page.heading(page.texts.open_needs)
    needs = view.open_needs(page.assessment, page.texts.lang)
    if not needs:
        page.line(page.texts.nothing_open if page.assessment.assets else page.texts.no_asset)
    for need in needs[: page.shown(NEEDS)]:
        _need(page, need)
    page.more(len(needs) - len(needs[: page.shown(NEEDS)]))


def _need(page: _Page, open_need: view.OpenNeed) -> None:
    texts, unmet = page.texts, open_need.need.unmet
    page.line((f"{wording.GLYPHS[Standing.OPEN]} ", STYLES[Standing.OPEN]), *_need_words(page, open_need.need))
    for part in open_need.parts:
        stages = ", ".join(f"{column.number} {column.title}" for column in part.columns)
        page.line(f"{texts.assets(len(part.assets))}: {_names(page, part.assets)}", indent=4)
        page.line(f"{texts.stage} {stages}", indent=6)
    if unmet:
        page.line(f"{texts.settle}: {unmet.settle or texts.settle_unknown}", indent=4)


def _names(page: _Page, assets: Sequence[str]) -> str:
    names = assets[: page.shown(NAMES)]
    listed = ", ".join(names)
    left = len(assets) - len(names)
    return page.texts.first_names.format(names=listed, count=left) if left else listed


def _need_words(page: _Page, need: view.Need) -> Iterator[str | tuple[str, str]]:
    texts = page.texts
    if need.unmet is None or need.unmet.telemetry is None:
        yield texts.open_because.format(why="; ".join(page.given(need.why))) if need.why else texts.open_unexplained
    else:
        yield (texts.telemetry[need.unmet.telemetry], "bold")
        yield f" | {wording.stretch(need.unmet.span, texts, texts.no_window)} | {_why(need.unmet, texts)}"


def _why(unmet: Unmet, texts: Texts) -> str:
    return f"{texts.reasons[unmet.reason]} ({unmet.note})" if unmet.note else texts.reasons[unmet.reason]


# --- claims, sources, rules, controls -------------------------------------------------------------------------------


def _claims(page: _Page) -> None:
    if not page.assessment.claims:
        return
    page.heading(page.texts.claims)
    for claim in page.assessment.claims:
        answer = page.texts.answers.get(claim.answer, claim.answer)
        page.line((answer, "bold"), f": {claim.says} ({claim.by})")
        for why in page.given(claim.because):
            page.line(f"{page.texts.because}: {why}", indent=4)


def _sources(page: _Page) -> None:
    texts, found = page.texts, view.sources(page.assessment)
    page.heading(texts.read)
    if not found:
        page.line(texts.no_sources)
        return
    listed = found[: page.shown(LISTED)]
    _source_table(page, listed) if page.console.width >= TABLE_WIDTH else _source_list(page, listed)
    rest = found[len(listed) :]
    if rest:
        parts = wording.status_words((source.reading.status for source in rest), texts)
        page.line((texts.more_rows.format(count=len(rest), parts=parts), "dim"))


def _source_table(page: _Page, listed: Sequence[Source]) -> None:
    texts = page.texts
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=True)
    table.add_column(_text(texts.status), no_wrap=True)
    table.add_column(_text(texts.source), overflow="fold", ratio=1)
    table.add_column(_text(texts.reader), overflow="fold")
    table.add_column(_text(texts.records_label), justify="right")
    table.add_column(_text(texts.unreadable), justify="right")
    table.add_column(_text(texts.span), overflow="fold", width=14)
    table.add_column(_text(texts.reason), overflow="fold", ratio=1)
    for source in listed:
        reading = source.reading
        counts = (str(reading.records), str(reading.unreadable))
        table.add_row(
            _status(reading.status, texts),
            *map(_text, (reading.path, reading.reader, *counts, _days(source, texts))),
            _text("; ".join(wording.troubles(reading, texts))),
        )
    page.console.print(table, highlight=False)


def _source_list(page: _Page, listed: Sequence[Source]) -> None:
    texts = page.texts
    for source in listed:
        reading = source.reading
        page.line(_status(reading.status, texts), f"  {reading.path}")
        counts = f"{texts.records(reading.records)}, {texts.unreadable}: {reading.unreadable}"
        page.line(f"{reading.reader or '-'} | {counts} | {_days(source, texts)}", indent=4)
        for trouble in wording.troubles(reading, texts):
            page.line(trouble, indent=4)


def _status(status: Status, texts: Texts) -> Text:
    return _text((texts.statuses[status], "" if status is Status.READ else STYLES[Standing.SUSPECTED]))


def _days(source: Source, texts: Texts) -> str:
    first, last = source.reading.first, source.reading.last
    if first is None or last is None:
        return texts.no_time
    days = dict.fromkeys(wording.moment(instant, texts)[:10] for instant in (first, last))
    return f" {texts.to} ".join(days)


def _idle_rules(page: _Page) -> None:
    idle = view.idle(page.assessment)
    if not idle:
        return
    page.heading(page.texts.rule_accounts)
    page.line(page.texts.rules_idle.format(count=len(idle), total=len(page.assessment.rules)))
    for rule in idle[: page.shown(LISTED)]:
        page.line(f"{rule.id}  {rule.note}".rstrip(), indent=4)
    page.more(len(idle) - len(idle[: page.shown(LISTED)]), indent=4)


def _controls(page: _Page) -> None:
    texts, controls = page.texts, page.assessment.controls
    failed = [control for control in controls if not control.seen]
    if not page.assessment.sources or (controls and not failed):
        return
    page.heading(texts.controls)
    page.line((texts.control_failed if failed else texts.controls_none, STYLES[Standing.SUSPECTED]))
    paths = {source.id: source.reading.path for source in page.assessment.sources}
    for control in failed[: page.shown(LISTED)]:
        page.line(f"{paths.get(control.source, control.source)}  {control.reader}  {control.note}".rstrip(), indent=4)
    page.more(len(failed) - len(failed[: page.shown(LISTED)]), indent=4)


def _remarks(page: _Page) -> None:
    for pack in page.assessment.packs:
        _list(page, f"{page.texts.not_understood} {pack.id}", pack.not_understood)
    _list(page, page.texts.notes, page.assessment.summary.notes)


def _list(page: _Page, heading: str, entries: Sequence[str]) -> None:
    if not entries:
        return
    page.heading(heading)
    for entry in entries[: page.shown(LISTED)]:
        page.line(entry, indent=2)
    page.more(len(entries) - len(entries[: page.shown(LISTED)]), indent=2)


def _closing(page: _Page) -> None:
    texts, summary = page.texts, page.assessment.summary
    page.console.print()
    meaning = wording.exit_meaning(summary.exit, texts)
    text = texts.closing.format(verdict=texts.verdicts[summary.verdict], exit=summary.exit, meaning=meaning)
    page.line((text, f"bold {STYLES[wording.AS_STANDING[summary.verdict]]}"))
