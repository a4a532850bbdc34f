"""A cluster gives what this machine gives: the same assessment to the last byte, or a gap that says what is lacking."""

from __future__ import annotations

import signal
import time
from dataclasses import replace

import pytest
from tests.builders import MARCH, domain_pack, t
from tests.sweep import fleet as fleets
from tests.sweep.logs import dns_log
from tests.sweep.test_split import made
from tests.test_demo import EVIDENCE, ORGANISATION, TRIAGE
from tests.test_demo import run as run_demo

from nachsorge.assets.inventory import Inventory, load_inventory
from nachsorge.errors import UsageError
from nachsorge.evidence.units import units
from nachsorge.exports.assessment_json import dumps
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.model.times import parse_instant
from nachsorge.model.words import Reason, Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, shipped, split, sweep
from nachsorge.sweep import cluster as clusters
from nachsorge.sweep.cluster import cluster
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.pool import Pool

distributed = pytest.importorskip(
    "distributed", reason='EXTRA ABSENT: pip install "nachsorge[cluster]"; this test has NOT run anything on a cluster'
)

ORDERS = Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"))


def silent(done, total, name):
    """Show no progress."""


@pytest.fixture(scope="module")
def processes():
    """A cluster of two worker processes; what kills two of them in a row is given up by the scheduler."""
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as found,
    ):
        yield found.scheduler_address


def many_logs(folder, count=24):
    for number in range(count):
        body = dns_log(MARCH, query="evil.example", at=t("2023-03-15") if number % 5 == 1 else None)
        (folder / f"site-{number:02}.log").write_bytes(body * (1 + number % 3))
    return [str(folder)]


def files(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"x" * len(name))
    return list(units([str(folder / name) for name in names], {}))


def assessed(evidence, executor=None, report=silent):
    options = Options(now=t("2023-05-01"), progress=report, executor=executor, jobs=1)
    return sweep([domain_pack()], evidence, Inventory(), options)


def test_the_example_organisation_is_judged_alike(processes):
    with cluster(processes) as executor:
        options = Options(assets={str(TRIAGE): "gm-ws-12"}, now=parse_instant("2023-06-01"), executor=executor)
        inventory = load_inventory(ORGANISATION / "inventory.csv")
        found = sweep([resolve("3cx-2023")], [str(EVIDENCE), str(TRIAGE)], inventory, options)
    assert dumps(found) == dumps(run_demo())


def test_a_split_file_is_joined_alike(processes, tmp_path, monkeypatch):
    monkeypatch.setattr(split, "LARGE", 4096)
    monkeypatch.setattr(split, "LEAST", 4096)
    (tmp_path / "big.log").write_bytes(made("squid", 60_000, 5, steps=(1, 2)))
    waiting = list(units([str(tmp_path)], {}))
    with cluster(processes) as executor:
        assert len(split.Board(waiting, executor.workers).tasks) > 2
        found = Pool(jobs=0, total=0, progress=silent, executor=executor).run(ORDERS, waiting)
    assert found == Pool(jobs=1, total=0, progress=silent).run(ORDERS, waiting)


def test_orders_come_once_and_are_forgotten_afterwards(processes, tmp_path, monkeypatch):
    sent: list[str] = []
    register = distributed.Client.register_plugin

    def noted(client, plugin, name):
        sent.append(name)
        return register(client, plugin, name)

    monkeypatch.setattr(distributed.Client, "register_plugin", noted)
    waiting = list(units(many_logs(tmp_path, 4), {}))
    with cluster(processes) as executor:
        pool = Pool(jobs=0, total=0, progress=silent, executor=executor)
        pool.run(ORDERS, waiting)
        pool.run(replace(ORDERS, addresses=frozenset({"10.0.0.5"})), waiting)
        assert len(sent) == len(set(sent)) == 3  # the tests, and what else was ordered, twice
    with distributed.Client(processes, set_as_default=False) as client:
        assert set(map(len, client.run(kept).values())) == {0}


def kept():
    return list(shipped.bodies)


def test_progress_adds_up(processes, tmp_path):
    told = []
    evidence = many_logs(tmp_path)
    with cluster(processes) as executor:
        assessed(evidence, executor, lambda *step: told.append(step))
    assert len(told) == 24
    assert told[-1][0] == told[-1][1] == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_workers_of_the_command_line_one_killed_in_the_middle(tmp_path):
    (tmp_path / "logs").mkdir()
    evidence = many_logs(tmp_path / "logs")
    with fleets.fleet(tmp_path, workers=2) as (address, workers):
        seen: list[str] = []

        def kill_one(done, total, name):
            if not seen:
                workers[0].kill()
            seen.append(name)

        with cluster(address) as executor:
            found = assessed(evidence, executor, kill_one)
        assert workers[0].wait(5) == -signal.SIGKILL
        assert len(seen) == 24
    assert dumps(found) == dumps(assessed(evidence))


def test_no_worker_left_ends_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "ABANDONED", 1.0)
    monkeypatch.setattr(clusters, "_LOOK", 0.2)
    (tmp_path / "logs").mkdir()
    waiting = list(units(many_logs(tmp_path / "logs"), {}))
    with fleets.fleet(tmp_path, workers=1) as (address, workers), cluster(address) as executor:
        pool = Pool(jobs=0, total=0, progress=lambda *step: workers[0].kill(), executor=executor)
        found = pool.run(ORDERS, waiting)
    left = [outcome.reading for outcome in found if outcome.reading.status is Status.UNREAD]
    assert len(found) == 24
    assert left
    assert {(reading.reason, reading.note) for reading in left} == {
        (Reason.FAILED, "the cluster had no worker left to read it")
    }


def test_poison_and_faults_are_named_and_the_rest_is_read(processes, tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "work", fleets.work)
    waiting = files(tmp_path, "poison", "raises", "sound", "sane")
    with cluster(processes) as executor:
        poison, raises, *others = Pool(jobs=0, total=0, progress=silent, executor=executor).run(ORDERS, waiting)
    assert (poison.reading.status, poison.reading.reason) == (Status.UNREAD, Reason.FAILED)
    assert "died, every time" in poison.reading.note
    assert (raises.reading.path, raises.reading.reason) == (str(tmp_path / "raises"), Reason.FAILED)
    assert "RuntimeError: never on this machine" in raises.reading.note
    assert [outcome.reading.status for outcome in others] == [Status.READ] * 2


def test_an_interrupt_keeps_what_is_done(processes, tmp_path):
    def ctrl_c(done, total, name):
        raise KeyboardInterrupt

    evidence = many_logs(tmp_path)
    with cluster(processes) as executor:
        found = assessed(evidence, executor, ctrl_c)
    reasons = [source.reading.reason for source in found.sources]
    assert reasons.count(Reason.INTERRUPTED) == 23
    assert found.summary.exit in (1, 3)


def test_no_scheduler_is_said_within_seconds():
    began = time.monotonic()
    with pytest.raises(UsageError, match=r"no scheduler answers.*dask scheduler"), cluster("tcp://127.0.0.1:1"):
        pass
    assert time.monotonic() - began < 60


def test_nonsense_for_an_address_is_wrong_use():
    with pytest.raises(UsageError, match="no scheduler answers"), cluster("nonsense://127.0.0.1:1"):
        pass


def test_no_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "JOINED", 2.0)
    with (
        fleets.fleet(tmp_path, workers=0) as (address, _),
        pytest.raises(UsageError, match="has no workers; start some with `dask worker tcp"),
        cluster(address),
    ):
        pass


def test_other_versions_are_refused(processes, monkeypatch):
    monkeypatch.setattr(shipped, "__version__", "0.0.9")
    with pytest.raises(UsageError, match=r"nachsorge .* instead of 0\.0\.9"), cluster(processes):
        pass
