"""A pack's folder -> Pack. Everything that is wrong with it is told at once, each with its place and a remedy."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nachsorge.errors import PackError
from nachsorge.model.pack import Indicator, Pack, Rule
from nachsorge.model.words import Tlp
from nachsorge.packs import build
from nachsorge.packs.findings import Findings, Place, nearest
from nachsorge.packs.layout import PACK
from nachsorge.packs.nodes import Checker, parse
from nachsorge.packs.rows import COLUMNS, Row, RowProblem, Table, common, kind_and_value, place, read_table
from nachsorge.packs.rules import sigma_rule, yara_rule

if TYPE_CHECKING:
    from nachsorge.packs.shapes import Section

MAX_FILE = 64 * 1024 * 1024
"""Largest file of a pack in bytes; the largest known version table (2,236 rows) has a tenth of a megabyte."""

_IGNORED = frozenset({"__pycache__", ".DS_Store", "Thumbs.db"})
_OWN_COLUMNS = frozenset(COLUMNS) - {"stage", "weight", "source"}


def load_pack(folder: Path) -> Pack:
    """Load a pack from its folder.

    Raises:
        PackError: with every problem of every file, in order of file and line.
    """
    findings = Findings()
    root = _pack_yaml(folder, findings)
    indicators = tuple(_indicators(folder, root, findings)) if root is not None else ()
    rules = tuple(_rules(folder, findings))
    findings.close()
    if findings.problems or root is None:
        raise PackError(findings.in_order())
    return Pack(**build.parts(root), indicators=indicators, rules=rules, digest=digest(folder))


def digest(folder: Path) -> str:
    """Give the SHA-256 over relative path, length and content of all files, sorted by path: any change changes it."""
    total = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        total.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def files_of(folder: Path) -> list[Path]:
    """Give the files that belong to the pack: all but what editors and systems leave behind."""
    found = (path for path in folder.rglob("*") if path.is_file())
    kept = (path for path in found if not _IGNORED & set(path.relative_to(folder).parts))
    return sorted(kept, key=lambda path: path.relative_to(folder).as_posix())


def read_text(path: Path, findings: Findings) -> str | None:
    """Read a file as UTF-8; None, with the problem noted, where that cannot be done."""
    shown = str(path)
    try:
        if path.stat().st_size > MAX_FILE:
            findings.problem(Place(shown), f"larger than {MAX_FILE >> 20} MB", "split it")
            return None
        content = path.read_bytes()
    except OSError as error:
        findings.problem(Place(shown), f"cannot be read: {error.strerror}", "check the name and your rights")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.problem(Place(shown, line), "not UTF-8", "save the file as UTF-8")
        return None


def _pack_yaml(folder: Path, findings: Findings) -> Section | None:
    path = folder / "pack.yaml"
    text = read_text(path, findings)
    node = parse(text, str(path), findings) if text is not None else None
    if node is None:
        return None
    root = Checker(str(path), findings).section(node, PACK)
    _order(root, findings)
    return root


def _order(root: Section, findings: Findings) -> None:
    # `requires` and anchors may only look back, which also keeps them free of circles.
    stages = [stage["id"] for stage in root.get("stages", ()) if "id" in stage]
    earlier: set[str] = set()
    for stage in root.get("stages", ()):
        for name in stage.get("requires", ()):
            if name in stages and name not in earlier:
                findings.problem(stage.at("requires"), f"{name!r} is not an earlier stage", "stages stand in order")
        for window in stage.get("windows", ()):
            if window.get("anchor") in stages and window["anchor"] not in earlier:
                findings.problem(
                    window.at("anchor"), f"{window['anchor']!r} is not an earlier stage", "stages stand in order"
                )
        earlier.add(stage.get("id", ""))


def _indicators(folder: Path, root: Section, findings: Findings) -> list[Indicator]:
    found: list[Indicator] = []
    lines: dict[tuple[object, ...], Place] = {}
    for path in sorted(folder.glob("indicators*.csv")):
        text = read_text(path, findings)
        table = _table(text, str(path), findings) if text is not None else None
        for row in table.rows if table else ():
            assert table is not None
            indicator = _indicator(row, table, str(path), root.get("tlp", Tlp.AMBER_STRICT), findings)
            if indicator is None:
                continue
            found.append(indicator)
            key = (indicator.type, indicator.value, indicator.trace, indicator.platform)
            if key in lines:
                where = f"the first stands in {Path(lines[key].path).name} line {lines[key].line}"
                findings.problem(Place(str(path), row.line), f"the row for {indicator.value} stands twice", where)
            lines.setdefault(key, Place(str(path), row.line))
    return found


def _table(text: str, path: str, findings: Findings) -> Table | None:
    try:
        table = read_table(text)
    except RowProblem as error:
        findings.problem(Place(path, 1), str(error), error.remedy)
        return None
    for name in table.header:
        if name not in _OWN_COLUMNS:
            findings.problem(
                place(path, table.header_line, table, name), f"unknown column {name!r}", nearest(name, _OWN_COLUMNS)
            )
    for line, message in table.ragged:
        findings.problem(Place(path, line), message, "quote values that hold the separator")
    return table


def _indicator(row: Row, table: Table, path: str, tlp: Tlp, findings: Findings) -> Indicator | None:
    values: dict[str, Any] = {}
    wrong = False
    for part in (
        lambda: dict(zip(("type", "value"), kind_and_value(row.cells), strict=True)),
        lambda: common(row.cells, tlp),
    ):
        try:
            values.update(part())
        except RowProblem as error:
            wrong = True
            findings.problem(place(path, row.line, table, error.column), str(error), error.remedy)
    trace = row.cells.get("trace", "")
    if not trace and not (values.get("role") and not values["role"].matches):
        findings.problem(
            place(path, row.line, table, "trace"), "the row names no trace", "name the trace that it tests"
        )
    elif trace:
        findings.refer(("trace",), trace, place(path, row.line, table, "trace"))
    for column in ("first_source", "sources"):
        names = values.get(column, ())
        for name in [names] if isinstance(names, str) else names:
            if name:
                findings.refer(("source",), name, place(path, row.line, table, column))
    return None if wrong else Indicator(trace=trace, **values)


def _rules(folder: Path, findings: Findings) -> list[Rule]:
    rules: list[Rule] = []
    for pattern, read in (("sigma/*.yml", sigma_rule), ("yara/*.yar", yara_rule)):
        for path in sorted((folder / "rules").glob(pattern)):
            text = read_text(path, findings)
            rule = read(text, str(path), findings) if text is not None else None
            if rule is not None:
                rules.append(rule)
    return rules
