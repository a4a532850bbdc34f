"""What the forms share that hold one stream and no names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nachsorge.evidence.containers.limits import Limits, Meter
from nachsorge.evidence.containers.pump import Feed
from nachsorge.evidence.containers.streams import pulled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Opened


def single(
    source: Opened, limits: Limits, ledger: Ledger, unpack: Callable[[Feed], Iterator[bytes]], endings: dict[str, str]
) -> Iterator[Opened]:
    """Give the one member: its path stays the file's, there being nothing to tell apart; its name loses the ending."""
    if not limits.enter(source, ledger):
        return
    meter = Meter(limits)

    def chunks() -> Iterator[bytes]:
        with source.open() as raw:
            yield from meter.watch(unpack(Feed(raw)))

    name = without_ending(source.name, endings)
    yield replace(source, name=name, open=lambda: pulled(chunks), size=-1, local=None)


def without_ending(name: str, endings: dict[str, str]) -> str:
    """Replace a known ending (`.tgz` by `.tar`), whatever its case."""
    for ending, instead in endings.items():
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)] + instead
    return name
