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
