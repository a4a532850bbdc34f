"""An interrupt that Python loses is heeded at the next step, and no trace of it is printed."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from nachsorge.sweep.interrupt import interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _heeded() -> Iterator[None]:
    """Heed the signal, as a shell's background would not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Dying:
    """Presses Ctrl-C while it is being destroyed."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100):
            pass  # here Python raises, and drops what it raised


def test_an_interrupt_in_a_destructor_is_heeded(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as heed:
        made = Dying()
        del made
        with pytest.raises(KeyboardInterrupt):
            heed()
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err == ""


def test_without_one_nothing_happens() -> None:
    with interruptible() as heed:
        heed()


def test_a_handler_of_somebody_else_stays() -> None:
    def theirs(number: int, frame: object) -> None:
        """Handle it."""

    before = signal.signal(signal.SIGINT, theirs)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is theirs
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_may_sweep() -> None:
    done: list[bool] = []

    def swept() -> None:
        with interruptible() as heed:
            heed()
            done.append(True)

    thread = threading.Thread(target=swept)
    thread.start()
    thread.join()
    assert done == [True]
