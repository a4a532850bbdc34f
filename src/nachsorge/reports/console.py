"""The assessment on a terminal: where each asset stands, what was found, what is open, what was read, what it means.

Everything passes `_text`, which takes no markup and makes control characters visible: evidence is written by attackers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table

from nachsorge.locale import speaking
from nachsorge.model.words import Standing
from nachsorge.reports import account, kinds, notes, view, wording
from nachsorge.reports.languages import CATALOGUES
from nachsorge.reports.localise import localised
from nachsorge.reports.page import LISTED, NAMES, NEEDS, PLACES, ROWS, STYLES, Page, text
from nachsorge.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from nachsorge.locale import Lang
    from nachsorge.model.assessment import Assessment, Cell, Judged, Sighting, Source, Unmet
    from nachsorge.reports.texts import Texts


def render(assessment: Assessment, console: Console, lang: Lang = "en", verbose: bool = False) -> None:
    """Print the whole report. `verbose` cuts no list."""
    with speaking(lang):
        _render(Page(localised(assessment, lang), console, CATALOGUES[lang], verbose))


def _render(page: Page) -> None:
    assessment = page.assessment
    page.line((f"nachsorge: {wording.headline(assessment, page.texts)}", "bold"))
    if assessment.summary.interrupted:
        page.line((page.texts.interrupted, "bold red"))
    for part in (
        _matrices,
        _findings,
        _open,
        account.claims,
        account.sources,
        account.idle_rules,
        account.controls,
        account.remarks,
        account.closing,
    ):
        part(page)


# --- the matrix -----------------------------------------------------------------------------------------------------


def _matrices(page: Page) -> None:
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


def _matrix(page: Page, matrix: view.Matrix) -> None:
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


def _readable(page: Page, matrix: view.Matrix) -> bool:
    # Asset and verdict beside words for each standing; headings may wrap, names and words may not.
    words = max(cell_len(word) for word in page.texts.standings.values()) + 4
    head = max(max(cell_len(word) for word in column.title.split() or [""]) for column in matrix.columns) + 4
    names = max((cell_len(visible(row.judged.asset.id)) for row in matrix.rows), default=0)
    verdicts = max(cell_len(word) for word in page.texts.verdicts.values()) + 6
    return names + verdicts + len(matrix.columns) * max(words, head) <= page.console.width


def _table(page: Page, matrix: view.Matrix, *, wide: bool) -> Table:
    texts = page.texts
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(text(texts.asset), overflow="fold")
    table.add_column(text(texts.verdict), no_wrap=True)
    for column in matrix.columns:
        heading = f"{column.number} {column.title}" if wide else str(column.number)
        table.add_column(text(heading), overflow="fold", no_wrap=not wide)
    for row in matrix.rows[: page.shown(ROWS)]:
        cells = [_cell(cell, texts, wide=wide) for cell in row.cells]
        table.add_row(text(row.judged.asset.id), text(_verdict(row.judged, texts)), *cells)
    return table


def _cell(cell: Cell | None, texts: Texts, *, wide: bool) -> Text:
    if cell is None:
        return text((f"- {texts.not_judged}" if wide else "-", "dim"))
    words = texts.standings if wide else texts.letters
    return text((f"{wording.GLYPHS[cell.standing]} {words[cell.standing]}", STYLES[cell.standing]))


def _verdict(judged: Judged, texts: Texts) -> tuple[str, str]:
    standing = wording.AS_STANDING[judged.verdict]
    return f"{wording.GLYPHS[standing]} {texts.verdicts[judged.verdict]}", STYLES[standing]


def _legend(page: Page, matrix: view.Matrix) -> None:
    texts = page.texts
    parts = [f"{wording.GLYPHS[s]} {texts.letters[s]} {texts.legend[s]}" for s in Standing]
    if any(cell is None for row in matrix.rows for cell in row.cells):
        parts.append(f"- {texts.not_judged_legend}")
    page.line((f"{texts.legend_label}: " + "   ".join(parts), "dim"))


# --- what was found -------------------------------------------------------------------------------------------------


def _findings(page: Page) -> None:
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


def _finding(page: Page, finding: view.Finding, sources: dict[str, Source]) -> None:
    standing = finding.cell.standing if finding.cell else None
    word = (f"{wording.GLYPHS[standing]} {page.texts.standings[standing]}", STYLES[standing]) if standing else "-"
    page.line(word, f"  {finding.column.number} {finding.column.title}", indent=2)
    for group in finding.groups:
        _group(page, group, sources)
    for why in page.given(finding.because[: page.shown(LISTED)]):
        page.line((f"{page.texts.because}: {why}", "dim"), indent=6)
    page.more(len(finding.because) - len(finding.because[: page.shown(LISTED)]), indent=6)


def _group(page: Page, group: view.Group, sources: dict[str, Source]) -> None:
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
    text = f"{sighting.id}  {wording.moment(sighting.time, texts)}  {path}, {kinds.place(sighting.locator)}  [{kind}]"
    return f"{text}  {notes.say(sighting.note, texts.lang)}" if sighting.note else text


# --- what is open ---------------------------------------------------------------------------------------------------


def _open(page: Page) -> None:
    page.heading(page.texts.open_needs)
    needs = view.open_needs(page.assessment, page.texts.lang)
    if not needs:
        page.line(page.texts.nothing_open if page.assessment.assets else page.texts.no_asset)
    for need in needs[: page.shown(NEEDS)]:
        _need(page, need)
    page.more(len(needs) - len(needs[: page.shown(NEEDS)]))


def _need(page: Page, open_need: view.OpenNeed) -> None:
    texts, unmet = page.texts, open_need.need.unmet
    page.line((f"{wording.GLYPHS[Standing.OPEN]} ", STYLES[Standing.OPEN]), *_need_words(page, open_need.need))
    for part in open_need.parts:
        stages = ", ".join(f"{column.number} {column.title}" for column in part.columns)
        page.line(f"{texts.assets(len(part.assets))}: {_names(page, part.assets)}", indent=4)
        page.line(f"{texts.stage} {stages}", indent=6)
    if unmet:
        page.line(f"{texts.settle}: {notes.say(unmet.settle, texts.lang) or texts.settle_unknown}", indent=4)


def _names(page: Page, assets: Sequence[str]) -> str:
    names = assets[: page.shown(NAMES)]
    listed = ", ".join(names)
    left = len(assets) - len(names)
    return page.texts.first_names.format(names=listed, count=left) if left else listed


def _need_words(page: Page, need: view.Need) -> Iterator[str | tuple[str, str]]:
    texts = page.texts
    if need.unmet is None or need.unmet.telemetry is None:
        yield texts.open_because.format(why="; ".join(page.given(need.why))) if need.why else texts.open_unexplained
    else:
        yield (texts.telemetry[need.unmet.telemetry], "bold")
        yield f" | {wording.stretch(need.unmet.span, texts, texts.no_window)} | {_why(need.unmet, texts)}"


def _why(unmet: Unmet, texts: Texts) -> str:
    return (
        f"{texts.reasons[unmet.reason]} ({notes.say(unmet.note, texts.lang)})"
        if unmet.note
        else texts.reasons[unmet.reason]
    )
