"""One process for one target: what hangs, grows or dies there is a finding, and does not take the run along."""

from __future__ import annotations

import faulthandler
import os
import pickle
import random
import resource
import signal
import struct
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from select import select
from typing import TYPE_CHECKING

from tests.fuzz.targets import Outcome

if TYPE_CHECKING:
    from tests.fuzz.targets import Case, Target

SECONDS = 5.0
"""Of processor time, for one case; a busy machine is nobody's fault."""

MEMORY = 512 * 1024 * 1024
"""Beyond what the process has when it begins."""

_WALL = 300.0
"""Seconds after which a case that does nothing (waits) is ended."""

_WARM = 120.0
_LIFE = 3000
"""So many cases until a fresh process: what an earlier case left behind must not look like a later one's fault."""


def case_of(target: Target, seed: int, number: int) -> Case:
    """Give the case of a number, always the same."""
    return target.case(random.Random(f"{seed}/{target.name}/{number}"))


@dataclass(slots=True)
class Answer:
    """What became of a case: its outcome, the processor seconds, the growth in bytes."""

    outcome: Outcome
    seconds: float = 0.0


class Child:
    """Runs cases by their number. Closing it ends the process."""

    def __init__(self, target: Target, seed: int) -> None:
        """Start the process; `samples` are what the undamaged seeds give."""
        self.target, self._seed, self._ran = target, seed, 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  kept as long as the process
        self._start()

    def _start(self) -> None:
        ask, self._ask = os.pipe()
        self._answers, answer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._ask)
            os.close(self._answers)
            _serve(self.target, self._seed, ask, answer, self._log.fileno())
        os.close(ask)
        os.close(answer)
        samples = self._receive(_WARM)
        self.samples: list[Outcome] = samples if isinstance(samples, list) else []

    def run(self, number: int) -> Answer:
        """Run one case; a process that ended is told as a fault, and another one is started."""
        if self._ran >= _LIFE:
            self._stop()
            self._start()
            self._ran = 0
        self._ran += 1
        with suppress(BrokenPipeError):
            os.write(self._ask, struct.pack("<q", number))
        found = self._receive(_WALL)
        if isinstance(found, Answer):
            return found
        fault = self._end()
        self._start()
        return Answer(Outcome(fault=fault), SECONDS)

    def _receive(self, seconds: float) -> object:
        end, data = time.monotonic() + seconds, b""
        while len(data) < 4 or len(data) < 4 + struct.unpack_from("<I", data)[0]:
            if not select([self._answers], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            piece = os.read(self._answers, 65536)
            if not piece:
                return None
            data += piece
        return pickle.loads(data[4:])

    def _end(self) -> str:
        """Wait for the process, or end it, and say how it ended and where it was."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        for _ in range(20):
            if pid:
                break
            time.sleep(0.1)  # it may be writing down where it is
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            os.kill(self.pid, signal.SIGKILL)
            status = os.waitpid(self.pid, 0)[1]
        self.pid = 0
        self._drop()
        return f"{_ending(status)} at {self._place()}"

    def _place(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        self._log.seek(0)
        self._log.truncate()
        stack = [line.strip().removeprefix("File ") for line in lines if line.lstrip().startswith("File ")]
        own = [line.rpartition("nachsorge/")[2] for line in stack if "/nachsorge/" in line][:2]
        return " < ".join(own or stack[:2]) or "an unknown place"

    def _drop(self) -> None:
        os.close(self._ask)
        os.close(self._answers)

    def close(self) -> None:
        """End the process."""
        self._stop()
        self._log.close()

    def _stop(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0
            self._drop()


def _ending(status: int) -> str:
    if not os.WIFSIGNALED(status):
        return f"ended with {os.waitstatus_to_exitcode(status)}"
    match signal.Signals(os.WTERMSIG(status)):
        case signal.SIGPROF:
            return f"took more than {SECONDS:.0f} s"
        case signal.SIGKILL:
            return f"hung for {_WALL:.0f} s"
        case number:
            return f"died of {number.name}"


def _serve(target: Target, seed: int, ask: int, answer: int, log: int) -> None:
    """Answer until nobody asks. Never returns."""
    try:
        faulthandler.enable(log)
        faulthandler.register(signal.SIGPROF, log, all_threads=True, chain=True)
        _send(answer, [target.run(each.name, each.body) for each in target.seeds])
        _confine()
        while len(order := os.read(ask, 8)) == 8:
            case = case_of(target, seed, *struct.unpack("<q", order))
            before = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                outcome = target.run(case.name, case.body)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            _send(answer, Answer(outcome, time.process_time() - before))
    except BaseException:  # noqa: BLE001  told to the parent, who sees only how this process ended
        os.write(log, traceback.format_exc().encode())
        os._exit(3)
    os._exit(0)


def _confine() -> None:
    """Limit what the process may have beyond what it has now; only Linux tells that."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        used = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))


def _send(handle: int, what: object) -> None:
    data = pickle.dumps(what)
    data = struct.pack("<I", len(data)) + data
    while data:
        data = data[os.write(handle, data) :]
