"""A call that dies or never returns costs its own process only, and says so; the one that asked goes on."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.builders import MARCH, domain_pack, t
from tests.evidence.readers.test_evtx import circled
from tests.sweep import hanging
from tests.sweep.logs import dns_log
from tests.sweep.test_natives import LOG, unit_of

from nachsorge.evidence.evtx_file import CHUNK, HEADER
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.model.words import Reason, Status
from nachsorge.sweep import outside, shipped
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.pool import Pool
from nachsorge.sweep.work import Worker

if TYPE_CHECKING:
    from nachsorge.evidence.units import Unit

ORDERS = Orders(tests=compiled([domain_pack()]), now=t("2023-05-01"))
HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch):
    """Let children find the tests' own work, and leave none behind."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    outside.dismiss()
    yield
    outside.dismiss()
    assert outside._idle == []


@pytest.fixture
def ticket(monkeypatch: pytest.MonkeyPatch) -> shipped.Ticket:
    found, sent = shipped.parted(ORDERS)
    monkeypatch.setattr(shipped, "bodies", dict(sent))
    return found


def test_a_process_is_kept_for_the_next_call() -> None:
    first, second = outside.call(os.getpid), outside.call(os.getpid)
    assert first is not None and second is not None
    assert first.result == second.result != os.getpid()


def test_threads_have_processes_of_their_own() -> None:
    with ThreadPoolExecutor(2) as pool:
        both = threading.Barrier(2)
        found = list(pool.map(lambda _: (both.wait(), outside.call(pid_after, 0.3))[1], range(2)))
    assert len({answer.result for answer in found if answer is not None}) == 2


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def noisy() -> str:
    os.write(1, b"a library talks\n")
    print("so do we", flush=True)
    return "heard"


def test_what_libraries_print_does_not_spoil_the_answer() -> None:
    assert outside.call(noisy) == outside.Answer("heard")
    assert outside.call(noisy) == outside.Answer("heard")


def die_once(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "at last"


def test_a_death_by_chance_is_made_good_and_the_second_is_told(tmp_path: Path) -> None:
    assert outside.call(die_once, tmp_path / "mark") == outside.Answer("at last")
    assert outside.call(os._exit, 9) is None
    assert outside.call(os.getpid) is not None, "the next call has a process again"


def test_what_raises_is_a_death_too() -> None:
    assert outside.call(divmod, 1, 0) is None


def test_processes_that_wait_are_ended() -> None:
    outside.call(os.getpid)
    (child,) = outside._idle
    outside.dismiss()
    assert child.poll() is not None


def test_a_process_ends_with_its_input() -> None:
    """So does it where the worker is killed, which closes nothing in good order."""
    outside.call(os.getpid)
    with outside._taken() as child:
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(10) == 0


def test_only_what_is_native_leaves_the_worker(
    tmp_path: Path, ticket: shipped.Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    call = outside.call

    def noted(function, sent, ticket, unit):
        asked.append(unit.path.name)
        return call(function, sent, ticket, unit)

    monkeypatch.setattr(outside, "call", noted)
    plain = unit_of(tmp_path, "dns.log", dns_log(MARCH, query="evil.example", at=t("2023-03-15")))
    listed = [plain, unit_of(tmp_path, "renamed", LOG)]
    assert shipped.work(ticket, listed) == [Worker(ORDERS).work(unit) for unit in listed]
    assert asked == ["renamed"]


def test_orders_that_never_came_are_no_fault_of_the_evidence(tmp_path: Path, ticket: shipped.Ticket) -> None:
    shipped.bodies.clear()
    with pytest.raises(shipped.NotHereError, match="never came"):
        shipped.work(ticket, [unit_of(tmp_path, "renamed", LOG)])


def test_a_worker_outlives_a_call_that_never_returns(
    tmp_path: Path, ticket: shipped.Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "inside", hanging.inside)
    listed = [unit_of(tmp_path, "poison", LOG), unit_of(tmp_path, "sound", LOG)]
    (poison,), (sound,) = shipped.work(ticket, listed)
    assert (poison.reading.status, poison.reading.reason) == (Status.UNREAD, Reason.FAILED)
    assert poison.reading.path == listed[0].shown and "died, twice" in poison.reading.note
    assert sound.reading.status is Status.READ


def test_a_cluster_names_it_and_reads_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its workers are threads of this process here, which could not be ended without ending the test."""
    distributed = pytest.importorskip("distributed", reason='EXTRA ABSENT: pip install "nachsorge[cluster]"')
    from nachsorge.sweep.cluster import cluster

    monkeypatch.setattr(shipped, "inside", hanging.inside)
    listed = [unit_of(tmp_path, name, LOG) for name in ("poison", "sound")]
    listed.append(unit_of(tmp_path, "dns.log", dns_log(MARCH)))
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None) as found,
        cluster(found.scheduler_address) as executor,
    ):
        outcomes = Pool(jobs=0, total=0, progress=lambda *step: None, executor=executor).run(ORDERS, listed)
    assert [one.reading.status for one in outcomes] == [Status.UNREAD, Status.READ, Status.READ]
    assert "died, twice" in outcomes[0].reading.note
    assert outside._idle == [], "nothing waits when the check is over"


def circle(shared_data: Path, folder: Path) -> Unit:
    system = (shared_data / "evtx-plaso-benign" / "System.evtx").read_bytes()
    return unit_of(folder, "renamed", circled(system[: HEADER + CHUNK]))


def test_the_loop_that_is_known_is_ended_where_nobody_looked_for_it(
    shared_data: Path, tmp_path: Path, ticket: shipped.Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that lead to each other for ever, handed to the library itself."""
    unit = circle(shared_data, tmp_path)
    ((seen,),) = shipped.work(ticket, [unit])
    assert seen.reading.status is not Status.READ and "in a circle" in seen.reading.note
    monkeypatch.setattr(shipped, "inside", hanging.trusting)
    began = time.monotonic()
    ((lost,),) = shipped.work(ticket, [unit])
    assert (lost.reading.status, lost.reading.reason) == (Status.UNREAD, Reason.FAILED)
    assert 3.5 < time.monotonic() - began < 60, "two processes had two seconds each"
