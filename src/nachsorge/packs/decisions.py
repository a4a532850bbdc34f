"""What the author decided about a trap: `decisions.csv` beside the pack, one row a decision, never rewritten by us."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nachsorge.errors import PackError, Problem
from nachsorge.model.words import IndicatorType as T
from nachsorge.model.words import Role, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "decisions.csv"
HEADER = ("type", "value", "trap", "reason", "decision", "because", "by", "date")


class Choice(StrEnum):
    """What becomes of a value: looked for as it is, as a hint only, or kept and not looked for."""

    KEEP = "keep"
    HINT = "hint"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision with its ground; `trap` is what the value was flagged as at that time."""

    type: T
    value: str
    choice: Choice
    trap: str = ""
    reason: str = ""
    because: str = ""
    by: str = ""
    date: str = ""

    @property
    def role(self) -> Role | None:
        """Give the role that a dropped value gets: an error is withdrawn, anything else is known-good."""
        if self.choice is not Choice.DROP:
            return None
        return Role.WITHDRAWN if self.trap in ("extraction", "") else Role.KNOWN_GOOD

    @property
    def weight(self) -> Weight | None:
        """Give the weight that the decision asks for, if it does."""
        return Weight.HINT if self.choice is Choice.HINT else None


def read(folder: Path) -> dict[tuple[T, str], Decision]:
    """Read the decisions kept beside a pack; the last one on a value counts.

    Raises:
        PackError: a row cannot be used, with all of them.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found: dict[tuple[T, str], Decision] = {}
    problems = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([Problem(path=str(path), message=f"cannot be read: {error}")]) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    for row in rows:
        try:
            each = Decision(
                type=T(row["type"]),
                value=row["value"],
                choice=Choice(row["decision"]),
                **{key: row.get(key) or "" for key in ("trap", "reason", "because", "by", "date")},
            )
        except (ValueError, KeyError, TypeError) as error:
            problems.append(Problem(path=str(path), line=rows.line_num, message=f"no decision: {error}"))
        else:
            found[each.type, each.value] = each
    if problems:
        raise PackError(problems)
    return found


def text_of(decisions: Iterable[Decision]) -> str:
    """Write decisions as the file holds them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for each in decisions:
        cells = (each.type.value, each.value, each.trap, each.reason, each.choice.value, each.because, each.by)
        writer.writerow((*cells, each.date))
    return out.getvalue()
