"""What never returns from native code is ended and named; the rest is read. Nothing that matters is ever ended."""

from __future__ import annotations

import faulthandler
from pathlib import Path

import pytest
from tests.builders import domain_pack, t
from tests.sweep import hanging

from nachsorge.evidence import expendable
from nachsorge.evidence.seams import Root
from nachsorge.evidence.units import Unit, units
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.model.words import Platform, Reason, Status
from nachsorge.sweep import executors, processes, work
from nachsorge.sweep.executors import Here, local
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.pool import Pool
from nachsorge.sweep.processes import Processes

ORDERS = Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"))
forking = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells whether one may fork")


def files(folder: Path, *names: str) -> list[Unit]:
    for name in names:
        (folder / name).write_bytes(b"x")
    return list(units([str(folder / name) for name in names], {}))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "work", hanging.work)
    monkeypatch.setattr(expendable, "LONGEST", 1.0)
    monkeypatch.setattr(processes, "single_threaded", lambda: True)  # forked processes have the patches


@forking
@pytest.mark.parametrize(("jobs", "names"), [(1, ["poison.evtx"]), (1, ["poison.evtx", "sound"]), (2, ["poison", "a"])])
def test_a_call_that_never_returns_is_a_gap_with_its_place(
    tmp_path: Path, impatient: None, monkeypatch: pytest.MonkeyPatch, jobs: int, names: list[str]
) -> None:
    if jobs > 1:
        monkeypatch.setattr(executors, "SMALL", 0)
    listed = files(tmp_path, *names)
    found = Pool(jobs=jobs, total=9, progress=lambda *step: None).run(ORDERS, listed)
    assert [one.reading.path for one in found] == [unit.shown for unit in listed]
    assert [one.reading.status for one in found] == [Status.UNREAD, Status.READ][: len(found)]
    assert found[0].reading.reason is Reason.FAILED and "died, twice" in found[0].reading.note


def test_this_process_is_never_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up: list[float] = []
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, **_: set_up.append(seconds))
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: set_up.append(0))
    with expendable.deadline():
        pass
    assert set_up == []
    monkeypatch.setattr(expendable, "_allowed", [])
    expendable.allow()
    with pytest.raises(ValueError, match="whatever"), expendable.deadline():
        raise ValueError("whatever")
    assert set_up == [expendable.LONGEST, 0]


@pytest.mark.parametrize("alone", [True, False])
def test_one_process_is_made_for_what_native_code_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """With a progress bar, whose thread forbids to fork, and without; an archive or image may hold event logs."""
    monkeypatch.setattr(processes, "single_threaded", lambda: alone)
    listed = files(tmp_path, "a.log", "System.EVTX", "X.pf", "KAPE.zip", "host.tar.gz", "disk.E01")
    assert isinstance(local(1, listed[:1]), Here)
    assert [isinstance(local(1, [unit]), Processes) for unit in listed[1:]] == [True] * 5
    for platform in (Platform.WINDOWS, Platform.LINUX):
        root = Root(platform=platform, prefix="")
        assert isinstance(local(1, [Unit(path=tmp_path, shown="x", root=root)]), Processes)


@forking
def test_an_event_log_under_another_name_is_ended_too(tmp_path: Path, impatient: None) -> None:
    (tmp_path / "poison").write_bytes(b"ElfFile\0" + bytes(4088))
    (tmp_path / "sound").write_bytes(b"x")
    listed = list(units([str(tmp_path / "poison"), str(tmp_path / "sound")], {}))
    found = Pool(jobs=1, total=9, progress=lambda *step: None).run(ORDERS, listed)
    assert [one.reading.status for one in found] == [Status.UNREAD, Status.READ]
