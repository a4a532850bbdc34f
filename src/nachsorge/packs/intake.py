"""Reports -> what they name, each value with its source and place, what they state, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem, UsageError
from nachsorge.packs.adhoc import found_in
from nachsorge.packs.feed import events_of, is_feed
from nachsorge.packs.files import files_of
from nachsorge.packs.importers import HEAD, choose
from nachsorge.packs.importers.listing import Remarks
from nachsorge.packs.importers.misp import MispImporter
from nachsorge.packs.importers.seams import Carried, Item, Remark, Statement, Subject
from nachsorge.packs.importers.spreadsheet import WORDS, SpreadsheetImporter
from nachsorge.packs.merge import Mention, mention
from nachsorge.packs.rule_files import is_rule_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nachsorge.packs.importers import Importer


_SURE = 60
"""From here on an importer does not merely guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says something: an id for the pack, and how the report calls itself."""

    id: str
    publisher: str
    title: str
    date: str = ""
    where: str = ""


@dataclass(slots=True)
class Intake:
    """What the reports hold, in the order in which they were given.

    `rules` are files of rules, each with its source and the folder that was named; `carried` stand in other files.
    """

    mentions: list[Mention] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    statements: list[tuple[str, Statement]] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    rules: list[tuple[str, Path, Path]] = field(default_factory=list)
    carried: list[tuple[str, Carried]] = field(default_factory=list)
    counts: list[tuple[str, str, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How reports are to be read: names of sources by path, columns of tables, the ecosystem of bare package names."""

    names: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    ecosystem: str = ""
    partial: bool = False

    def importer(self, path: Path) -> Importer | None:
        """Give the importer that the author's words on columns ask for."""
        wanted = (self.columns or self.ecosystem) and path.suffix.lower() in (".csv", ".tsv", ".txt")
        return SpreadsheetImporter(self.columns, self.ecosystem) if wanted else None


def take_in(paths: Sequence[Path], how: Reading) -> Intake:
    """Read reports, feeds and folders of rules.

    Raises:
        PackError: with the problems of all reports that cannot be used.
        UsageError: a column is said to be something that there is not.
    """
    if wrong := [word for word in how.columns.values() if word not in WORDS]:
        raise UsageError(f"--map: {wrong[0]!r} is no kind of column; one of: {', '.join(WORDS)}")
    into, problems = Intake(), list[Problem]()
    for path in paths:
        try:
            _take(path, how, into)
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return into


def _take(path: Path, how: Reading, into: Intake) -> None:
    named = how.names.get(str(path))
    # Two files of one publisher are one source: it does not corroborate itself.
    source = _id(named) if named else _free(_slug(path), into)
    if not source:
        raise UsageError(f"--source {path}={named}: use letters and digits")
    if path.is_dir():
        _folder(path, source, how, into)
    elif is_rule_file(path):
        into.rules.append((source, path.parent, path))
        into.sources[source] = _source(source, path, ())
    else:
        _file(path, source, how, into, how.importer(path))


def _folder(path: Path, source: str, how: Reading, into: Intake) -> None:
    if is_feed(path):
        events, missing = events_of(path)
        into.not_understood += [f"{path}: {each}" for each in missing]
        for event in events:
            _file(event, source, how, into, MispImporter())
        return
    if (path / "pack.yaml").is_file():
        remedy = "copy it and import into the copy, or export it (--to stix) and import that"
        raise PackError([Problem(path=str(path), message="is a pack, not a report", remedy=remedy)])
    files = files_of(path)
    rules = [each for each in files if is_rule_file(each)]
    lists = [each for each in files if each not in set(rules) and _is_list(each)]
    if not rules and not lists:
        message, remedy = "holds neither rules nor lists nor a MISP feed", "name the reports in it one by one"
        raise PackError([Problem(path=str(path), message=message, remedy=remedy)])
    into.sources[source] = _source(source, path, ())
    into.rules += [(source, path, each) for each in rules]
    for each in lists:
        _file(each, source, how, into, how.importer(each))
    read = {*rules, *lists}
    into.not_understood += [
        f"{each}: neither rules nor surely a list, not read; name the file itself" for each in files if each not in read
    ]


def _is_list(path: Path) -> bool:
    """Tell whether a file found in a folder is surely one of indicators; prose is read where somebody names it."""
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        return False
    importer = choose(head, path.name)
    return importer is not None and importer.name != "report" and importer.accepts(head, path.name) >= _SURE


def _file(path: Path, source: str, how: Reading, into: Intake, importer: Importer | None) -> None:
    new = source not in into.sources
    into.sources.setdefault(source, _source(source, path, ()))
    remarks, statements, items = Remarks(), list[Statement](), 0
    for found in found_in(path, importer=importer, partial=how.partial):
        match found:
            case Item():
                items += 1
                _item(found, source, into)
            case Statement():
                statements.append(found)
            case Carried():
                into.carried.append((source, found))
            case Remark():
                remarks.add(found)
    if new:
        into.sources[source] = _source(source, path, statements)
    into.statements += [(source, each) for each in statements]
    into.not_understood += [f"{path}: {each}" for each in remarks.lines()]
    into.counts.append((source, str(path), items, remarks.lost))


def _item(item: Item, source: str, into: Intake) -> None:
    into.mentions.append(mention(item, source))
    for other in _others(item.fields.get("sources"), item.fields.get("first_source")):
        named = _id(other)
        told = Source(id=named, publisher=other, title=f"as named in {source}")
        into.sources.setdefault(named, told)
        into.mentions.append(mention(item, named))


def _others(*named: object) -> list[str]:
    found = [each for one in named for each in (one if isinstance(one, tuple) else (one,)) if isinstance(each, str)]
    return [each for each in dict.fromkeys(found) if _id(each)]


def _source(source: str, path: Path, statements: Sequence[Statement]) -> Source:
    said: dict[Subject, str] = {}
    date = ""
    for each in statements:
        said.setdefault(each.subject, each.says)
        date = date or each.date
    title = said.get(Subject.TITLE, path.name)
    date = said.get(Subject.DATE, date)[:10]
    where = said.get(Subject.REFERENCE, "")
    return Source(id=source, publisher=said.get(Subject.PUBLISHER, source), title=title, date=date, where=where)


def _id(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")


def _slug(path: Path) -> str:
    """Name a report after its file, or after its folder where the file is called as all are."""
    stem = _id(path.name.split(".")[0] or path.name)
    if stem in ("iocs", "ioc", "indicators", "readme", "index", "report", "list", "events"):
        stem = f"{_id(path.resolve().parent.name)}-{stem}".strip("-")
    return stem or "report"


def _free(wanted: str, into: Intake) -> str:
    number, free = 2, wanted
    while free in into.sources:
        free, number = f"{wanted}-{number}", number + 1
    return free
