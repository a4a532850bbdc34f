"""A reader, of another package perhaps, that raises while it is asked: the run goes on, and the source says so."""

from __future__ import annotations

import hashlib
import importlib
from typing import TYPE_CHECKING

import pytest
from tests.evidence.readers.test_squid import BODY
from tests.evidence_kit import Everything, opened

from nachsorge.evidence import identify
from nachsorge.evidence.identify import reader_for
from nachsorge.evidence.read import read_source
from nachsorge.model.words import Reason, Status

if TYPE_CHECKING:
    from nachsorge.model.evidence import Reading

NOTE = "reader broken failed while it was asked: KeyError: 'x'"


class Broken:
    name = "broken"
    telemetry = ()

    def accepts(self, head, name):
        raise KeyError("x")


class Wordy(Broken):
    name = "wordy"

    def accepts(self, head, name):
        return "surely"


@pytest.fixture(autouse=True)
def _broken(monkeypatch):
    monkeypatch.setattr(identify, "offered", lambda: (Broken(),))


def read(body: bytes) -> tuple[Reading, int]:
    reader = reader_for(body, "x")
    assert reader is not None
    records: list[object] = []
    return read_source(opened(body, "x"), reader, Everything(), records.append), len(records)


def test_what_another_reader_knows_is_read_by_it_and_the_failure_is_a_note():
    reading, count = read(BODY)
    assert (reading.reader, reading.status, count) == ("squid", Status.READ, 4)
    assert NOTE in reading.note
    assert reading.seen[0].spans  # it clears as before


def test_text_that_nobody_else_knows_is_searched_and_never_counts_as_read():
    reading, count = read(b"what a reader of another package may have known\n")
    assert (reading.reader, reading.status, reading.reason, count) == ("broken", Status.PARTLY, Reason.FAILED, 1)
    assert [(gap.reason, gap.note) for gap in reading.gaps] == [(Reason.FAILED, NOTE)]


def test_other_bytes_that_nobody_else_knows_are_unread_and_keep_their_hash():
    body = bytes(range(256)) * 5
    reading, count = read(body)
    assert (reading.status, reading.reason, count) == (Status.UNREAD, Reason.FAILED, 0)
    assert NOTE in reading.note
    assert reading.sha256 == hashlib.sha256(body).hexdigest()


def test_an_answer_that_is_no_number_is_a_failure_too(monkeypatch):
    monkeypatch.setattr(identify, "offered", lambda: (Wordy(),))
    reading, _ = read(BODY)
    assert "reader wordy failed while it was asked: ValueError" in reading.note


def test_what_the_line_asks_of_readers_beside_the_seam_comes_from_the_one_that_knows(monkeypatch):
    class Knowing(Broken):
        name = "knowing"
        by_origin = True
        plant = read = None

        def accepts(self, head, name):
            return 100

    monkeypatch.setattr(identify, "offered", lambda: (Broken(), Knowing()))
    assert getattr(reader_for(BODY, "x"), "by_origin", False) is True
    assert getattr(reader_for(BODY, "x"), "control_records", None) is None


class Point:
    """An entry point of another package."""

    name = "theirs"

    def load(self):
        raise ImportError("no module named theirs")


def test_a_reader_that_cannot_be_loaded_is_named_and_the_run_goes_on(monkeypatch):
    registry = importlib.import_module("nachsorge.evidence.readers")
    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()])
    found = registry.offered.__wrapped__()
    assert [reader.name for reader in found] == ["theirs"]
    monkeypatch.setattr(identify, "offered", lambda: found)
    note = "reader theirs failed while it was asked: RuntimeError: it could not be loaded: ImportError: no module"
    reading, _ = read(BODY)
    assert (reading.reader, reading.status) == ("squid", Status.READ) and note in reading.note
    reading, _ = read(b"what a reader of another package may have known\n")
    assert (reading.reader, reading.status, reading.reason) == ("theirs", Status.PARTLY, Reason.FAILED)
    assert note in reading.note
