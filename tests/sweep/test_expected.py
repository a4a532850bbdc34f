"""The compiled loops are loaded before all where files are called like logs, and else where a large log is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.builders import domain_pack, t

from nachsorge.evidence import fast
from nachsorge.evidence.units import units
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from pathlib import Path

LINE = b"2023-03-15T10:00:00Z host named[1]: something\n"


@pytest.mark.parametrize(("size", "asked"), [(1000, [0]), (600_000, [0, 600_000 - 600_000 % len(LINE)])])
def test_a_large_log_by_another_name_has_them_loaded_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, asked: list[int]
) -> None:
    (tmp_path / "messages.data").write_bytes(LINE * (size // len(LINE)))
    told: list[int] = []
    monkeypatch.setattr(fast, "prepare", lambda folder, size: told.append(size))
    monkeypatch.setattr(fast, "kernel", lambda: None)
    worker = Worker(Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"), perhaps=77))
    outcomes = [outcome for unit in units([str(tmp_path)], {}) for outcome in worker.work(unit)]
    assert outcomes[0].reading.reader == "syslog"
    assert told == asked
