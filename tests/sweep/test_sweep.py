"""The line from end to end, over logs made here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import MARCH, asset, domain_pack, pack, span, t
from tests.sweep.logs import dns_log

from nachsorge.assets.inventory import Inventory
from nachsorge.assets.registry import UNATTRIBUTED
from nachsorge.errors import UsageError
from nachsorge.evidence.readers.zeek_tsv import ZeekTsv
from nachsorge.model.words import Reason, Status, Verdict
from nachsorge.sweep import Options, sweep

NOW = t("2023-05-01")
PC1 = asset("pc1", names=("pc1",), addresses=("10.0.0.5",), declared=True)
PC2 = asset("pc2", names=("pc2",), addresses=("10.0.0.6",), declared=True)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "dns.log"
    path.write_bytes(dns_log(MARCH))
    return path


def swept(*paths, packs=(), assets=(PC1,), **options):
    chosen = {"jobs": 1, "now": NOW, **options}
    return sweep(packs or [domain_pack()], [str(path) for path in paths], Inventory(tuple(assets)), Options(**chosen))


def verdicts(found):
    return {row.asset.id: row.verdict for row in found.assets}


def test_what_was_seen_throughout_is_ruled_out_and_ends_with_zero(log):
    found = swept(log)
    assert verdicts(found) == {"pc1": Verdict.RULED_OUT}
    assert found.summary.exit == 0
    assert [control.seen for control in found.controls] == [True]


def test_an_asset_without_evidence_has_a_row_and_is_open(log):
    found = swept(log, assets=(PC1, PC2))
    assert verdicts(found) == {"pc1": Verdict.RULED_OUT, "pc2": Verdict.OPEN}
    assert found.summary.exit == 3
    assert found.assets[1].cells[0].unmet[0].reason is Reason.NOT_SEEN_BY_SENSOR


def test_a_sighting_beats_what_is_open(log):
    log.write_bytes(dns_log(MARCH, query="evil.example", at=t("2023-03-15")))
    found = swept(log, log.with_name("missing.log"), assets=(PC1, PC2))
    assert verdicts(found) == {"pc1": Verdict.COMPROMISED, "pc2": Verdict.OPEN}
    assert (found.summary.exit, found.assets[0].stage) == (1, "contacted")


def test_evidence_that_was_named_and_not_read_keeps_zero_away(log):
    found = swept(log, log.with_name("missing.log"))
    assert verdicts(found) == {"pc1": Verdict.RULED_OUT}
    assert (found.summary.verdict, found.summary.exit) == (Verdict.OPEN, 3)


@pytest.mark.parametrize("assets", [(), (PC1,)])
def test_nothing_read_is_never_ruled_out(assets, tmp_path):
    found = swept(tmp_path, assets=assets)
    assert set(verdicts(found).values()) == {Verdict.OPEN}
    assert found.summary.exit == 3


def test_without_an_inventory_whoever_the_sensor_saw_is_one_row(log):
    assert verdicts(swept(log, assets=())) == {UNATTRIBUTED: Verdict.RULED_OUT}


def test_a_reader_that_does_not_see_its_plant_grants_no_coverage(log, monkeypatch):
    monkeypatch.setattr(ZeekTsv, "plant", lambda self, head, plant: head)
    found = swept(log)
    assert [control.seen for control in found.controls] == [False]
    assert verdicts(found) == {"pc1": Verdict.OPEN}
    assert found.assets[0].cells[0].unmet[0].reason is Reason.CONTROL_FAILED


def test_after_an_interrupt_the_assessment_stands_and_says_so(log):
    def ctrl_c(done, total, name):
        raise KeyboardInterrupt

    second = log.with_name("later.log")
    second.write_bytes(dns_log(MARCH))
    found = swept(log, second, progress=ctrl_c)
    assert found.summary.interrupted
    assert found.summary.exit == 3
    assert {source.reading.reason for source in found.sources if source.reading.status is Status.UNREAD} == {
        Reason.INTERRUPTED
    }


def test_the_order_of_the_evidence_does_not_matter(log):
    second = log.with_name("a.log")
    second.write_bytes(dns_log(span("2023-03-01", "2023-03-10"), client="10.0.0.6"))
    assert swept(log, second, assets=(PC1, PC2)) == swept(second, log, assets=(PC1, PC2))


def test_with_and_without_the_sieve_the_assessment_is_the_same(log):
    log.write_bytes(dns_log(MARCH, query="evil.example", at=t("2023-03-15")))
    assert swept(log) == swept(log, sieve=False)


def test_one_pack_given_twice_is_one_and_two_of_one_name_are_refused(log):
    one = domain_pack()
    assert len(swept(log, packs=[one, one]).packs) == 1
    with pytest.raises(UsageError, match="two different packs are called 'incident'"):
        swept(log, packs=[one, replace(one, digest="other")])


def test_a_pack_without_stages_clears_nobody(log):
    assert verdicts(swept(log, packs=[pack()])) == {"pc1": Verdict.OPEN}
