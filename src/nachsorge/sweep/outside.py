"""Calls made in a process that may be lost, for those who must not be lost themselves: the workers of a cluster.

Such a worker has threads of others, and may have nobody who starts it again; nor may it have a pool of processes, for
Dask's are daemons, which have no children by `multiprocessing`. So a child is a program that is started plainly. It
takes calls from its input and gives results to its output, each a pickle, and ends when its input does: nothing is left
of it where the worker is killed. It is kept for the next call, since starting one takes half a second.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from nachsorge.evidence import expendable

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

TRIES = 2
"""A process may die by chance (memory that others took): so many must die before the call is held to be the cause."""

_CHILD = "from nachsorge.sweep.outside import serve; serve()"

_idle: list[subprocess.Popen[bytes]] = []
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Answer(Generic[Result]):
    """What a call gave."""

    result: Result


def call(function: Callable[..., Result], *arguments: object) -> Answer[Result] | None:
    """Call a function, found by its name, in another process; None where that died, every time."""
    body = pickle.dumps((function, arguments), protocol=5)
    for _ in range(TRIES):
        child = _taken()
        try:
            assert child.stdin is not None and child.stdout is not None  # they are pipes
            child.stdin.write(body)
            child.stdin.flush()
            answer = cast("Answer[Result]", pickle.load(child.stdout))
        except (OSError, EOFError, pickle.UnpicklingError):
            _end(child)
            continue
        except BaseException:
            _end(child)  # its answer is still to come, and would be taken for the next call's
            raise
        with _lock:
            _idle.append(child)
        return answer
    return None


def dismiss() -> None:
    """End the processes that wait for calls; those that are at work are kept."""
    with _lock:
        waiting, _idle[:] = _idle[:], []
    for child in waiting:
        _end(child)


def _taken() -> subprocess.Popen[bytes]:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.poll() is None:
                return child
            _end(child)
    # -P: the folder that the worker was started in, which may hold evidence, is no place to import from.
    command = [sys.executable, "-P", "-c", _CHILD]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(OSError):  # what nobody took is still in the buffer
                stream.close()


def serve() -> None:
    """Be the child: take calls until there are no more. Interrupts are the worker's business.

    What a call raises ends this process: it says no more of the evidence than that it could not be read.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    expendable.allow()
    # Libraries may write to the standard output as well.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        while True:
            try:
                function, arguments = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            pickle.dump(Answer(function(*arguments)), answers, protocol=5)
            answers.flush()
