"""All problems of a pack or indicator file, and what a careful author would still look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.packs.adhoc import load_indicator_file
from nachsorge.packs.load import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from nachsorge.model.pack import Pack


def lint(path: Path) -> list[Problem]:
    """Give everything that is wrong with a pack's folder or an indicator file; an empty list means that it is right."""
    try:
        pack = load_pack(path) if path.is_dir() else load_indicator_file(path)
    except PackError as error:
        return error.problems
    not_understood = [Problem(path=str(path), message=each) for each in pack.not_understood]
    if pack.ad_hoc:
        return not_understood
    return [*_folder(pack, path), *_untested(pack, path), *not_understood]


def _folder(pack: Pack, path: Path) -> list[Problem]:
    if path.resolve().name == pack.id:
        return []
    message = f"the folder is not called like the pack, {pack.id!r}"
    return [Problem(path=str(path / "pack.yaml"), message=message, remedy="rename one of them", line=1)]


def _untested(pack: Pack, path: Path) -> list[Problem]:
    tested = {indicator.trace for indicator in pack.indicators if indicator.drives} | {
        rule.trace for rule in pack.rules
    }
    lacking = [trace for trace in pack.traces if trace.id not in tested and trace.stored_time is None]
    remedy = "give it an indicator, a rule or a stored time, or drop it"
    return [
        Problem(path=str(path / "pack.yaml"), message=f"nothing tests the trace {trace.id!r}", remedy=remedy)
        for trace in lacking
    ]
