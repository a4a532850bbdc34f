"""Progress by bytes on a terminal; silence in a pipe or with `-q`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nachsorge.cli.say import STDERR
from nachsorge.locale import _

if TYPE_CHECKING:
    from nachsorge.sweep.pool import Progress as Report

_LONGEST = 40


@contextmanager
def progress(quiet: bool) -> Iterator[Report]:
    """Show a bar while the block runs; gives the function that the sweep reports to."""
    if quiet or not STDERR.is_terminal:
        yield lambda done, total, name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_("reading"), total=None)

        def report(done: int, total: int, name: str) -> None:
            tail = name if len(name) <= _LONGEST else "…" + name[-_LONGEST:]
            bar.update(task, completed=done, total=total or None, description=tail)

        yield report
