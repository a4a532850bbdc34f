"""The classic event log is recognised and said to be unread."""

from __future__ import annotations

import pytest
from tests.evidence_kit import PLANT, read_bytes

from nachsorge.evidence.readers.evt_classic import EvtClassic
from nachsorge.evidence.seams import ReadError
from nachsorge.model.words import Reason

BODY = b"0\x00\x00\x00LfLe" + bytes(92)


def test_it_is_recognised_and_unread_with_its_size():
    assert EvtClassic().accepts(BODY, "x.evt") > 90
    assert EvtClassic().accepts(b"ElfFile\x00", "x.evt") == 0
    with pytest.raises(ReadError, match="100 bytes") as error:
        read_bytes(EvtClassic(), BODY)
    assert error.value.reason is Reason.NOT_SUPPORTED
    assert EvtClassic().plant(BODY, PLANT) is None


def test_a_real_one(shared_data):
    body = (shared_data / "evtx-plaso-benign" / "SysEvent.Evt").read_bytes()
    assert EvtClassic().accepts(body[:65536], "SysEvent.Evt") > 90
    with pytest.raises(ReadError, match=str(len(body))):
        read_bytes(EvtClassic(), body)
