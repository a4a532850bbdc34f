"""A few cases of every reader in each test run, always the same; and that the run finds what it is there to find."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.fuzz import child
from tests.fuzz.damage import ALONE, LARGEST, damaged
from tests.fuzz.run import Findings, Tally, report, run
from tests.fuzz.seeds import Seed
from tests.fuzz.targets import Case, Outcome

from nachsorge.evidence.readers import READERS


def test_a_few_cases_of_every_reader():
    asked = [sys.executable, "-m", "tests.fuzz", "--made", "--cases", "6", "--seed", "1"]
    done = subprocess.run(asked, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    rows = {row.split()[0]: row.split() for row in done.stdout.splitlines() if row and row[0].islower()}
    assert {reader.name for reader in READERS} <= set(rows)
    tried = [name for name, row in rows.items() if row[2] == "6"]
    assert len(tried) > 70


@dataclass
class Made:
    """A target that does what a test wants it to do with a damaged file."""

    what: str
    name: str = "made"
    seeds: list[Seed] = field(default_factory=lambda: [Seed("x", b"good")])

    def case(self, chance: random.Random) -> Case:
        return Case("x", b"bad %d" % chance.randrange(9), 0, "flip")

    def run(self, name: str, body: bytes) -> Outcome:
        if body == b"good":
            return Outcome(records=3)
        match self.what:
            case "dies":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "loops":
                end = time.process_time() + 30
                while time.process_time() < end:
                    pass
            case "grows":
                try:
                    return Outcome(len(bytearray(child.MEMORY + 100_000_000)))
                except MemoryError:
                    return Outcome(fault="failed: MemoryError")
            case "says":
                return Outcome(records=1, told=("it is damaged",))
        return Outcome(records=1)


@pytest.mark.parametrize(
    ("what", "fault"),
    [("dies", "died of SIGSEGV"), ("loops", "took more than"), ("grows", "failed: MemoryError")],
)
def test_what_hangs_grows_or_dies_is_a_finding_and_the_run_goes_on(monkeypatch, tmp_path, what, fault):
    monkeypatch.setattr(child, "SECONDS", 0.5)
    tally = run(Made(what), 1, Findings(tmp_path), cases=2)
    assert tally.cases == 2
    # A loop is stopped wherever it stands, so two of them may be told as two faults.
    assert sum(count for said, count in tally.faults.items() if fault in said) == 2
    assert any(place.read_bytes().startswith(b"bad") for place in tmp_path.iterdir())
    assert report([tally]).count("FAULT made: ") == len(tally.faults)


def test_fewer_records_without_a_word_are_counted_and_with_one_are_not():
    silent = run(Made("nothing"), 1, Findings(), cases=3)
    assert (silent.silent, silent.faults.total()) == ({"flip": 3}, 0)
    assert run(Made("says"), 1, Findings(), cases=3).silent.total() == 0


def test_a_target_without_a_sample_has_no_cases():
    assert run(Made("dies", seeds=[]), 1, Findings(), cases=3) == Tally("made")


@pytest.mark.parametrize("way", ALONE, ids=lambda way: way.__name__)
def test_every_way_breaks_something_and_bears_no_bytes(way):
    body = b'{"a": 1, "b": "two"}\nthree four\n'
    found = {way(body, random.Random(number)) for number in range(30)}
    assert len(found - {body}) > 3
    for number in range(10):
        assert isinstance(way(b"", random.Random(number)), bytes)


def test_the_same_number_makes_the_same_case_and_none_is_too_large():
    bodies = [b"one\ntwo\n" * 50, b"three"]
    for number in range(200):
        one, two = (damaged(bodies, random.Random(number)) for _ in range(2))
        assert one == two and len(one[0]) <= LARGEST
