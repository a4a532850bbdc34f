"""`nachsorge pack sources`: who supports which statement of a pack."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nachsorge.packs.library import resolve
from nachsorge.packs.support import by_source, statements


def sources(
    pack: Annotated[str, typer.Argument(help="A shipped pack's id, a folder, or an indicator file.")],
) -> None:
    """Show who supports which claim: values, names, actors, disputed points, statements.

    Example: nachsorge pack sources 3cx-2023
    """
    found = resolve(pack)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    known = {source.id: source for source in found.sources}
    table = Table("source", "publisher", "date", "first", "confirms", "alone", box=None, pad_edge=False)
    supports = by_source(found)
    for name, support in supports.items():
        source = known.get(name)
        counts = (str(support.first), str(support.confirms), str(support.alone))
        table.add_row(name, source.publisher if source else "", source.date if source else "", *counts)
    console.print(f"{found.id} {found.version}: {len(found.indicators)} values, {len(known)} sources")
    console.print(table)
    unsaid = sum(not (indicator.first_source or indicator.sources) for indicator in found.indicators)
    if unsaid:
        console.print(f"{unsaid} values name no source")
    console.print()
    for each in statements(found):
        by = ", ".join(each.by) or "nobody named"
        date = f", {each.date}" if each.date else ""
        console.print(f"{each.about}: {each.says} ({by}{date})")
