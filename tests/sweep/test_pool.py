from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import MARCH, domain_pack, t
from tests.sweep import dying
from tests.sweep.logs import dns_log

from nachsorge.evidence.units import Unit, units
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.model.words import Reason, Status
from nachsorge.sweep import bundles, executors, processes, work
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.pool import Pool

ORDERS = Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"))

forking = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux tells whether one may fork")


def silent(done, total, name):
    """Show no progress."""


@pytest.fixture
def always_pooled(monkeypatch):
    monkeypatch.setattr(executors, "SMALL", 0)


@pytest.fixture
def logs(tmp_path):
    for number in range(3):
        body = dns_log(MARCH, query="evil.example", at=t("2023-03-15") if number == 1 else None)
        (tmp_path / f"site-{number}.log").write_bytes(body)
    return list(units([str(tmp_path)], {}))


def files(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x")
    return list(units([str(folder / name) for name in names], {}))


def test_one_job_and_two_give_the_same_outcomes_in_the_units_order(logs, always_pooled):
    alone, together = (Pool(jobs=jobs, total=0, progress=silent).run(ORDERS, logs) for jobs in (1, 2))
    assert alone == together
    assert [outcome.reading.path for outcome in alone] == [unit.shown for unit in logs]
    assert [len(outcome.hits) for outcome in alone] == [0, 1, 0]


def test_progress_adds_up_to_all_bytes(logs):
    told = []
    Pool(jobs=1, total=sum(unit.size for unit in logs), progress=lambda *step: told.append(step)).run(ORDERS, logs)
    assert [name for _, _, name in told] == [unit.shown for unit in logs]
    assert told[-1][:2] == (sum(unit.size for unit in logs),) * 2


def test_a_unit_that_kills_its_process_is_tried_alone_and_then_named(tmp_path, monkeypatch, always_pooled):
    monkeypatch.setattr(work, "work", dying.work)
    poison, sound = Pool(jobs=2, total=2, progress=silent).run(ORDERS, files(tmp_path, "poison", "sound"))
    assert (poison.reading.status, poison.reading.reason) == (Status.UNREAD, Reason.FAILED)
    assert "died, twice" in poison.reading.note
    assert sound.reading.status is Status.READ


def test_a_unit_whose_process_died_by_chance_is_read_after_all(tmp_path, monkeypatch, always_pooled):
    monkeypatch.setattr(work, "work", dying.work)
    found = Pool(jobs=2, total=2, progress=silent).run(ORDERS, files(tmp_path, "shaky", "sound"))
    assert (tmp_path / "shaky.mark").exists()
    assert [outcome.reading.status for outcome in found] == [Status.READ, Status.READ]


def test_a_process_that_dies_while_units_are_handed_out_loses_none(logs, monkeypatch, always_pooled):
    new_pool = processes.new_pool

    class Broken:
        def submit(self, *call):
            raise BrokenProcessPool

        def shutdown(self, **how):
            pass

    monkeypatch.setattr(
        processes, "new_pool", lambda orders, jobs, *_: Broken() if jobs > 1 else new_pool(orders, jobs)
    )
    found = Pool(jobs=2, total=0, progress=silent).run(ORDERS, logs)
    assert [outcome.reading.status for outcome in found] == [Status.READ] * 3


def test_an_interrupt_keeps_what_is_done_and_names_the_rest(logs):
    def ctrl_c(done, total, name):
        raise KeyboardInterrupt

    interrupted = Pool(jobs=1, total=0, progress=ctrl_c)
    first, *rest = interrupted.run(ORDERS, logs)
    assert interrupted.stopped
    assert first.reading.status is Status.READ
    assert [outcome.reading.reason for outcome in rest] == [Reason.INTERRUPTED] * 2
    later = interrupted.run(ORDERS, logs)
    assert {outcome.reading.reason for outcome in later} == {Reason.INTERRUPTED}


def test_small_units_are_handed_out_together_and_every_one_once():
    sizes = [1, 2, 3, 10 * bundles.LIGHT, 5, bundles.LIGHT] * 200
    units = [Unit(path=Path(str(number)), shown=str(number), size=size) for number, size in enumerate(sizes)]
    found = bundles.bundles(units, 2)
    assert sorted(index for bundle in found for index in bundle) == list(range(len(units)))
    assert len(found[0]) == 1
    assert 200 + 8 <= len(found) < 400
    assert all(sum(sizes[index] for index in bundle) <= bundles.TOGETHER + bundles.LIGHT for bundle in found[200:])
    assert bundles.bundles(units[:2], 2) == [(1,), (0,)]


@forking
def test_processes_go_on_with_what_comes_next_and_inherit_it(tmp_path, logs, monkeypatch, always_pooled):
    monkeypatch.setattr(processes, "single_threaded", lambda: True)
    made, sent = [], []
    new_pool = processes.new_pool

    def watched(*words):
        pool = new_pool(*words)
        made.append(pool)
        submit = pool.submit
        pool.submit = lambda task, worked, units: (sent.extend(units), submit(task, worked, units))[1]  # type: ignore[method-assign, assignment]
        return pool

    monkeypatch.setattr(processes, "new_pool", watched)
    with Pool(jobs=2, total=0, progress=silent, shared=logs) as pool:
        first = pool.run(ORDERS, logs[:2])
        rest = pool.run(replace(ORDERS), logs[2:])
        assert len(made) == 1 and sorted(sent) == [0, 1, 2]
        others = pool.run(replace(ORDERS, addresses=frozenset({"10.0.0.5"})), logs)
        assert len(made) == 2
    assert work.shared() == ()
    assert [*first, *rest] == Pool(jobs=1, total=0, progress=silent).run(ORDERS, logs)
    assert [outcome.reading.path for outcome in others] == [unit.shown for unit in logs]


@forking
def test_kept_processes_survive_that_one_of_them_dies(tmp_path, monkeypatch, always_pooled):
    monkeypatch.setattr(processes, "single_threaded", lambda: True)
    monkeypatch.setattr(work, "work", dying.work)
    listed = files(tmp_path, "poison", "sound", "other", "last")
    with Pool(jobs=2, total=4, progress=silent, shared=listed) as pool:
        poison, sound = pool.run(ORDERS, listed[:2])
        later = pool.run(ORDERS, listed[2:])
    assert poison.reading.reason is Reason.FAILED
    assert [one.reading.status for one in (sound, *later)] == [Status.READ] * 3
