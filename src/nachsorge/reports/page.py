"""What every part of the console report writes with: one page, one way to print, and the limits of its lists.

Everything passes `text`, which takes no markup and makes control characters visible: evidence is written by attackers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from nachsorge.model.assessment import Assessment
from nachsorge.model.words import Standing
from nachsorge.reports import given, view
from nachsorge.reports.texts import Texts
from nachsorge.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

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
class Page:
    """What every part of the report needs to know."""

    assessment: Assessment
    console: Console
    texts: Texts
    verbose: bool

    def given(self, reasons: Sequence[str]) -> list[str]:
        """Say reasons in the page's language, stages by their titles."""
        titles = {column.stage: column.title for column in view.columns(self.assessment, self.texts.lang).values()}
        return [given.say(reason, self.texts, titles) for reason in reasons]

    def shown(self, limit: int) -> int | None:
        """Give how many entries of a list are printed; None for all."""
        return None if self.verbose else limit

    def line(self, *parts: str | tuple[str, str] | Text, indent: int = 0) -> None:
        """Print a line; parts are text or (text, style)."""
        self.console.print(Padding(text(*parts), (0, 0, 0, indent), expand=False), overflow="fold", highlight=False)

    def heading(self, words: str) -> None:
        """Print a heading with a blank line before it."""
        self.console.print()
        self.line((words, "bold underline"))

    def more(self, count: int, indent: int = 0) -> None:
        """Say how many entries were left out, if any."""
        if count > 0:
            self.line((self.texts.more.format(count=count), "dim"), indent=indent)


def text(*parts: str | tuple[str, str] | Text) -> Text:
    """Join parts into text without markup, control characters made visible."""
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
