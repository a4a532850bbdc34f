"""A scheduler and workers started by Dask's own command line on loopback, and work that some workers die over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nachsorge.model.evidence import Reading
from nachsorge.sweep.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nachsorge.evidence.units import Unit
    from nachsorge.sweep.shipped import Ticket

HERE = Path(__file__).resolve().parents[2]


@contextmanager
def fleet(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the scheduler's address and the workers' processes, which are the workers themselves: no nanny."""
    about = folder / "scheduler.json"
    host = ("--host", "127.0.0.1")
    running = [
        _dask("scheduler", *host, "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(about))
    ]
    try:
        address = _written(about, running[0])
        worker = ("worker", address, *host, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        running += [_dask(*worker, "--local-directory", str(folder / str(number))) for number in range(workers)]
        yield address, running[1:]
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()


def _dask(*words: str) -> subprocess.Popen[bytes]:
    # Workers import `tests` by name where a test sends them work of its own.
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    call = [sys.executable, "-m", "dask", *words]
    return subprocess.Popen(call, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _written(place: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(300):
        if place.exists() and (text := place.read_text()).rstrip().endswith("}"):
            return str(json.loads(text)["address"])
        assert process.poll() is None, "the scheduler ended"
        time.sleep(0.1)
    raise TimeoutError(place)


def work(ticket: Ticket, units: Sequence[Unit]) -> list[list[Outcome]]:
    """Die over `poison`, fail over `raises`, read all others."""
    names = {unit.path.name for unit in units}
    if "poison" in names:
        os._exit(1)
    if "raises" in names:
        raise RuntimeError("never on this machine")
    return [[Outcome(reading=Reading(path=unit.shown))] for unit in units]
