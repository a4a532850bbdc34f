"""What every verb of a case needs: who and when, opening it, putting evidence into it, looking at it."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.cases.document import assessment_of
from nachsorge.cases.state import State, state_of
from nachsorge.cases.store import NAME as CASE_FILE
from nachsorge.cases.store import Case, new_case
from nachsorge.cli import pages
from nachsorge.cli.progress import progress
from nachsorge.cli.say import STDERR, write
from nachsorge.errors import UsageError
from nachsorge.locale import _, language
from nachsorge.model.assessment import Assessment
from nachsorge.model.labels import UNLABELLED, Label
from nachsorge.model.pack import Pack
from nachsorge.model.times import Instant
from nachsorge.packs.own_claims import load_claims
from nachsorge.reports import given
from nachsorge.reports.languages import CATALOGUES
from nachsorge.sharing.labels import most_restrictive
from nachsorge.verdicts.closing import Missing

if TYPE_CHECKING:
    from nachsorge.sweep.casebook import Assessed
    from nachsorge.sweep.executors import Executor

NAMED = 12


def now() -> Instant:
    """Tell the time."""
    return time.time_ns() // 1000


def who(by: str | None) -> str:
    """Name the person; UsageError where nobody can be named: a decision without a name is none."""
    try:
        name = (by or getpass.getuser()).strip()
    except (KeyError, OSError):
        name = ""
    if not name:
        raise UsageError(_("say who decides: --by NAME"))
    return name


@contextmanager
def opened(folder: Path) -> Iterator[Case]:
    """Open a case, and let go of it."""
    case = Case(folder)
    try:
        yield case
    finally:
        case.close()


def into(
    folder: Path,
    evidence: Sequence[str],
    *,
    packs: Sequence[Pack] = (),
    claims: Path | None = None,
    inventory: list[Path] | None = None,
    inventory_map: Path | None = None,
    assets: dict[str, str] | None = None,
    window: tuple[Instant | None, Instant | None] = (None, None),
    jobs: int = 0,
    sieve: bool = True,
    again: bool = False,
    by: str = "",
    quiet: bool = False,
    executor: Executor | None = None,
) -> Assessed:
    """Put evidence into a case, judge it, and write its reports."""
    from nachsorge.cli import check
    from nachsorge.cli.cache import store
    from nachsorge.sweep.casebook import assess
    from nachsorge.sweep.casesettings import Settings, settle
    from nachsorge.sweep.casework import Reading
    from nachsorge.sweep.casework import add as read_into

    settings = Settings(
        packs=packs,
        claims={packs[0].id: load_claims(claims, packs[0])} if claims is not None else {},
        claims_path=str(claims or ""),
        inventory=check.declared(inventory, inventory_map) if inventory else None,
        inventory_paths=[str(path) for path in inventory or ()],
        assets=assets or {},
        start=window[0],
        end=window[1],
    )
    with opened(folder) as case, progress(quiet) as bar:
        settle(case, settings, now(), by)
        options = Reading(
            by=by,
            now=now(),
            assets=assets or {},
            jobs=jobs,
            sieve=sieve,
            again=again,
            progress=bar,
            store=store(),
            executor=executor,
        )
        added = read_into(case, evidence, options)
        found = assess(case, now(), by)
    report(folder, found)
    if not quiet:
        tell(_("read now"), added.read)
        tell(_("cannot be read any more; the case keeps what it has of it"), added.gone)
        print(_("{count} known and unchanged").format(count=len(added.known)))
    tell(_("not reached before the interrupt"), added.not_reached)
    return found


def taken(
    folder: Path,
    evidence: Sequence[str],
    *,
    packs: Sequence[Pack],
    inventory: list[Path] | None,
    inventory_map: Path | None,
    assets: dict[str, str],
    window: tuple[Instant | None, Instant | None],
    jobs: int,
    sieve: bool,
    quiet: bool,
    executor: Executor | None,
) -> Assessed:
    """Do what `check --case` asks for: make the case where there is none, and give what it comes down to."""
    name = who(None)
    if not (folder / CASE_FILE).is_file():
        new_case(folder, folder.name, now(), name)
    found = into(
        folder,
        evidence,
        packs=packs,
        inventory=inventory,
        inventory_map=inventory_map,
        assets=assets,
        window=window,
        jobs=jobs,
        sieve=sieve,
        by=name,
        quiet=True,
        executor=executor,
    )
    if not quiet:
        tell_changes(found, STDERR.print)
    return found


def report(folder: Path, found: Assessed) -> None:
    """Write the case's reports, each whole or not at all."""
    write(str(folder / "reports" / "assessment.json"), found.document)
    assessment, packs = found.judgement.assessment, [bounded.pack for bounded in found.judgement.packs]
    more = pages.beside(assessment, packs, found.state.decisions, found.ranking, found.state.effort)
    write(str(folder / "reports" / "report.html"), pages.html_page(assessment, "full", more))
    write(str(folder / "reports" / "summary.html"), pages.html_page(assessment, "short", more))


def tell_changes(found: Assessed, say: Callable[[str], None] = print) -> None:
    """Say what is another than the last time, and whether the case is open again."""
    reason = spoken(found.judgement.assessment)
    for change in found.changed[:NAMED]:
        say(change.told(reason))
    if len(found.changed) > NAMED:
        say(_("and {count} more changes: nachsorge case diff").format(count=len(found.changed) - NAMED))
    if found.reopened:
        say(_("THE CASE IS OPEN AGAIN: it was closed, and this contradicts it"))


def spoken(found: Assessment, more: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """Give what says a text of an assessment: in the pack's own words where they are, else as reports say it.

    `more` are German words of packs that the assessment does not have: its JSON document has none.
    """
    lang = language()
    if lang == "en":
        return str
    german = {text: said for pack in found.packs for text, said in pack.german.items()} | dict(more or {})
    return lambda text: german.get(text) or given.say(text, CATALOGUES[lang], {})


def tell(what: str, listed: Sequence[str]) -> None:
    """Name the first few of them."""
    for one in listed[:5]:
        print(f"{what}: {one}")
    if len(listed) > 5:
        print(_("{what}: {count} more").format(what=what, count=len(listed) - 5))


def kept_label(case: Case) -> Label:
    """Give the label of what is in a case: of its last assessment, and of what people labelled."""
    state = state_of(case.entries())
    last = [assessment_of(case.blob(state.assessed[-1].document), "the last assessment")] if state.assessed else []
    return most_restrictive([UNLABELLED, *(found.label for found in last), *state.labels.values()])


def looked_at(folder: Path) -> tuple[State, Assessment, tuple[Missing, ...]]:
    """Judge what is in a case, without writing anything."""
    from nachsorge.sweep.casebook import lacks
    from nachsorge.sweep.caselaw import judged

    with opened(folder) as case:
        state = state_of(case.entries())
        judgement = judged(case, state)
    return state, judgement.assessment, lacks(state, judgement)
