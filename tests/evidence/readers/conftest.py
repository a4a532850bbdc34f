"""Holds every sample that a test of a reader reads to what the reader says that it can cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nachsorge.evidence.readers import READERS
from nachsorge.model.words import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.evidence.ledger import Ledger
    from nachsorge.evidence.seams import Reader


@pytest.fixture(autouse=True, scope="module")
def covers_no_more_than_it_tells() -> Iterator[None]:
    """Look at the account of whatever is read to its end."""
    with pytest.MonkeyPatch.context() as patch:
        for reader in READERS:
            patch.setattr(type(reader), "read", _held(reader, type(reader).read))
        yield


def _held(reader: Reader, read: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    told = {*reader.tells.covers, Telemetry.TEXT}

    def held(self: Reader, source: Any, sieve: Any, ledger: Ledger) -> Iterator[Any]:
        before = {seen.telemetry for seen in ledger.seen() if seen.spans}
        yield from read(self, source, sieve, ledger)
        covered = {seen.telemetry for seen in ledger.seen() if seen.spans}
        assert covered - before <= told, f"{reader.name} covers more than its `tells` says"

    return held
