"""Every text of the code that can become a note, found in its syntax tree: what varies in it stands as ``{name}``."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nachsorge

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM = Path(str(nachsorge.__file__)).parent
FOLDERS = ("evidence", "sweep", "assets", "matching", "verdicts", "index")
CALLS = frozenset(
    {
        *("gap", "_gap", "ReadError", "Hole", "Gap", "KnownGap", "unread", "lose", "lacks", "fault", "failed"),
        *("Damage", "Replay", "NotSupported", "Slow", "TableError", "HeaderError", "spoil", "says", "tell", "_stop"),
        *("_dead", "_end", "_line", "_broken", "_miss", "_uncovered", "remark", "unfamiliar", "_by_cells", "_unmet"),
        *("Segments", "Finding", "_made"),
    }
)
"""Calls that take a note among their arguments."""
LISTS = frozenset(
    {"notes", "faults", "gaps", "problems", "wanted", "blind", "remarks", "found", "bad", "trouble", "failed"}
)
"""Names of what notes are put into with `append`, `extend`, `add` and `insert`."""
NAMES = re.compile(
    r"(?:self\.|\w+\.)?_?(?:notes?|why|because|broken|fault|damage|stopped|control_note|failure|remarks|missing|"
    r"hides_dns|told|\w*reason|where|whole|lack|says|by|known|what|more|later)|_?[A-Z][A-Z_]*"
)
"""Names that a note is kept under until it is said."""
GIVERS = re.compile(
    r"says|_?why\w*|_?notes?|_\w*reason|_?told|contradiction|conflicts|_of_rule|_doubt|close|weigh|claim_of|strangers|claimed|"
    r"_not_clean|_lacking|_uncovered|_there|_named|_blind|_limit|_passed_over|link_name|_segment|_walk|_ip|_peeled|"
    r"_hides_dns|_name_of|_difference|_told|_nobodys|applicable|_applicable|prepared|_still|_kind|control|_lost|_close|"
    r"unclear_watches|_counted|_told|told|_leased|_moves|_parted|_addresses|load_inventory|of_identities|merged|_one|"
    r"_is|_own|of"
)
"""Functions that give a note back."""
VERDICT = re.compile(r"holds|refuted|untestable")
ASIDE = ("haul_tests.py", "pack_plants.py", "pack_samples.py", "tables.py", "fields.py", "mapping.py")
"""Modules of other words than notes: names of columns, what `pack test` says, what is said of wrong use, rules."""
_LEAST = 2


@dataclass(frozen=True)
class Noted:
    """One text of the code, and how it is told: what is said before it and behind."""

    place: str
    text: str
    before: str = ""
    behind: str = ""

    @property
    def told(self) -> str:
        return f"{self.before}{self.text}{self.behind}"


def noted() -> Iterator[Noted]:
    """Every note of the folders above, once."""
    seen = set()
    for folder in FOLDERS:
        for path in sorted((ROOM / folder).rglob("*.py")):
            if path.name in ASIDE and path.parent.name in ("assets", "sweep", "evidence"):
                continue
            for one in _of_module(path):
                if one.told not in seen:
                    seen.add(one.told)
                    yield one


def _of_module(path: Path) -> Iterator[Noted]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOM).as_posix()
    for node, above in _walk(tree, ()):
        text = _text(node)
        if text is None or not _words(text):
            continue
        if (form := _form(node, above)) is not None:
            yield Noted(f"{place}:{node.lineno}", text, *form)  # type: ignore[attr-defined]


def _walk(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    yield node, above
    for child in ast.iter_child_nodes(node):
        if not isinstance(node, ast.JoinedStr):
            yield from _walk(child, (*above, node))


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return re.sub(r"[{}]", "", text)
        case ast.JoinedStr(values=values):
            names = list[str]()
            return "".join(_part(value, names) for value in values)
    return None


def _part(value: ast.expr, names: list[str]) -> str:
    if isinstance(value, ast.Constant):
        return re.sub(r"[{}]", "", str(value.value))
    assert isinstance(value, ast.FormattedValue)
    found = re.findall(r"[a-z]+(?:_[a-z]+)*", ast.unparse(value.value).replace("self.", "").replace("str(", ""))
    name = next(
        (one for one in reversed(found) if len(one) > 1 and one not in ("len", "shown", "join", "path")), "what"
    )
    if found and "path" in found and name in ("what", "source", "entry", "reading"):
        name = "path"
    while name in names:
        name += "_too"
    names.append(name)
    return "{" + name + "}"


def _words(text: str) -> bool:
    bare = re.sub(r"\{\w+\}", "", text)
    return (
        len(re.findall(r"[a-z]{2,}", bare)) >= _LEAST and " " in bare.strip() and not re.search(r"[\\|*%]|SELECT", bare)
    )


def _form(node: ast.AST, above: tuple[ast.AST, ...]) -> tuple[str, str] | None:
    """Tell whether a text is a note, and what stands around it when it is told."""
    for up in reversed(above):
        match up:
            case ast.Call(func=func):
                name = ast.unparse(func).rsplit(".", 1)[-1].split("(")[0]
                if name in (
                    "Tells",
                    "compile",
                    "_",
                    "N_",
                    "Record",
                    "Problem",
                    "serialised",
                    "ValueProblem",
                    "UsageError",
                ):
                    return None
                if name in CALLS or (name in ("append", "extend", "add", "insert") and _list(func)):
                    return _around(name, up, node)
                if name in ("join", "tuple", "list", "str", "sorted", "chain", "replace", "format", "Reason"):
                    continue
                if name in ("encode", "split", "startswith", "execute", "get", "search", "sub", "findall", "_words"):
                    return None
                continue
            case ast.Expr(value=value) if value is node:
                return None  # a docstring
            case ast.Compare() | ast.Assert() | ast.Subscript() | ast.Dict():
                return None
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                return ("", "") if NAMES.fullmatch(ast.unparse(target)) else None
            case ast.Return() | ast.Yield() | ast.YieldFrom():
                inside = next((one.name for one in reversed(above) if isinstance(one, ast.FunctionDef)), "")
                return ("", "") if GIVERS.fullmatch(inside) or _answers(up) else None
            case ast.FunctionDef() | ast.ClassDef():
                return None
    return None


def _list(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and ast.unparse(func.value).split("[")[0].rsplit(".", 1)[-1] in LISTS


def _answers(node: ast.AST) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Tuple) and bool(VERDICT.search(ast.unparse(value)))


def _around(name: str, call: ast.Call, node: ast.AST) -> tuple[str, str] | None:
    texts = [one for one in call.args if _text(one) is not None]
    if name == "says":
        return "{count} ", ": {names}"
    if name == "spoil":
        return ("{place} ", "") if node in call.args[1:] else None
    if name == "tell":
        return (f"{_text(texts[0])}: ", "") if texts and node is texts[-1] and len(texts) > 1 else None
    return "", ""
