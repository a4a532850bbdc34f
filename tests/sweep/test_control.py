from __future__ import annotations

import pytest
from tests.builders import MARCH, domain_pack
from tests.sweep.logs import dns_log

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.matching.match import Matcher
from nachsorge.matching.tests import control_tests
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.sweep import Options, sweep
from nachsorge.sweep.control import PLANT, control

HEAD = dns_log(MARCH)[:2000]


class Plants(ZeekTsv):
    """A reader whose planted record is what a test says; an exception is raised."""

    def __init__(self, planted):
        super().__init__()
        self.planted = planted

    def plant(self, head, plant):
        if isinstance(self.planted, Exception):
            raise self.planted
        return self.planted


def controlled(reader, sieved=True):
    matcher = Matcher((*compiled([domain_pack()]), *control_tests(PLANT.host, PLANT.address, PLANT.sha256, PLANT.path)))
    return control(matcher, matcher.sieve(sieved), reader, HEAD, "dns.log")


@pytest.mark.parametrize("sieved", [True, False])
def test_a_sound_reader_sees_its_plant(sieved):
    assert controlled(ZeekTsv(), sieved) == (True, "")


def test_a_reader_that_loses_its_plant_is_found_out():
    assert controlled(Plants(HEAD))[0] is False


def test_a_reader_that_fails_over_the_plant_is_found_out_and_the_run_goes_on():
    seen, note = controlled(Plants(IndexError("no such column")))
    assert seen is False
    assert "IndexError: no such column" in note


def test_a_failure_of_any_kind_over_the_plant_is_found_out():
    assert controlled(Plants(RecursionError("too deep")))[0] is False


def test_a_plant_that_was_met_as_bare_text_proves_nothing_of_its_reader(monkeypatch):
    monkeypatch.setattr("nachsorge.evidence.readers.zeek_tsv.ZeekLog.parse", lambda *_: None)
    assert controlled(ZeekTsv())[0] is False


def test_a_format_that_can_hold_no_planted_value_has_no_control():
    assert controlled(Plants(None)) == (None, "no record of this file can hold a planted value")


def test_a_decoder_that_writes_no_files_is_controlled_from_its_records_on():
    class Decoder(ZeekTsv):
        def control_records(self, plant):
            return []

    assert controlled(Decoder()) == (False, "from the decoder's output on")


def test_a_log_that_holds_the_planted_value_itself_is_nobodys_sighting(tmp_path):
    """Whoever knows the value can write it into a log; it must neither be found nor stop the run."""
    log = tmp_path / "dns.log"
    log.write_text(
        f"#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n1680000000.0\t10.0.0.1\t{PLANT.host}\n"
    )
    found = sweep([domain_pack()], [str(log)], Inventory(), Options(jobs=1))
    assert (found.sightings, [control.seen for control in found.controls]) == ((), [True])
