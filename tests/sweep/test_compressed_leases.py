"""Whose an address was is known from logs of leases, however they are wrapped."""

import gzip
import io
import zipfile

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.model.assessment import Asset
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

LEASES = (
    b"#separator \\x09\n#path\tdhcp\n#fields\tts\tmac\thost_name\tassigned_addr\tlease_time\n"
    b"1679600000.000000\t02:00:5e:10:00:01\tpc-1\t192.0.2.17\t86400.000000\n"
)
QUERIES = (
    b"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\n"
    b"1679610000.000000\tC1\t192.0.2.17\t192.0.2.53\tevil.example\n"
)


def zipped(body):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dhcp.log", body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "wrap"), [("z-dhcp.log", bytes), ("z-dhcp.log.gz", gzip.compress), ("z-logs.zip", zipped)]
)
def test_a_lease_is_known_however_its_log_is_wrapped(tmp_path, name, wrap):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / name).write_bytes(wrap(LEASES))
    (tmp_path / "logs" / "dns.log").write_bytes(QUERIES)
    (tmp_path / "iocs.csv").write_text("type,value\ndomain,evil.example\n", encoding="utf-8")
    inventory = Inventory((Asset(id="pc-1", names=("pc-1",), declared=True),))
    found = sweep([resolve(str(tmp_path / "iocs.csv"))], [str(tmp_path / "logs")], inventory, Options(jobs=1))
    assert [sighting.asset for sighting in found.sightings] == ["pc-1"]
    assert [row.asset.id for row in found.assets] == ["pc-1"]


HOME = "type,value\ndomain,other.example\n"
LATER = QUERIES + b"1679613000.000000\tC2\t192.0.2.17\t192.0.2.53\tgood.example\n"
MASQ = (
    b"2023-03-23T20:00:00+00:00 gw dnsmasq-dhcp[7]: DHCPACK(eth0) 192.0.2.17 02:00:5e:10:00:01 pc-1\n"
    b"2023-03-23T22:20:00+00:00 gw dnsmasq[7]: query[A] good.example from 192.0.2.17\n"
    b"2023-03-23T23:10:00+00:00 gw dnsmasq[7]: query[A] good.example from 192.0.2.17\n"
)


def covered(found):
    """Give the stretches in which DNS counts as looked at, by asset."""
    return {one.asset: one.intervals for one in found.coverage if one.telemetry.value == "dns_query" and one.intervals}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    "files",
    [
        {"z-logs.zip": zipped(LEASES), "dns.log": LATER},
        {"z-logs.zip": zipped(LEASES), "dns.zip": zipped(LATER)},
        {"dnsmasq.log": MASQ},
    ],
)
def test_a_lease_that_is_known_late_covers_its_machine_all_the_same(tmp_path, files, jobs):
    (tmp_path / "logs").mkdir()
    for name, body in files.items():
        (tmp_path / "logs" / name).write_bytes(body)
    (tmp_path / "iocs.csv").write_text(HOME, encoding="utf-8")
    inventory = Inventory((Asset(id="pc-1", names=("pc-1",), declared=True),))
    found = sweep([resolve(str(tmp_path / "iocs.csv"))], [str(tmp_path / "logs")], inventory, Options(jobs=jobs))
    assert set(covered(found)) == {"pc-1"}
