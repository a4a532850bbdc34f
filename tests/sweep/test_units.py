from __future__ import annotations

import io
import zipfile

import pytest
from tests.builders import MARCH, domain_pack, t
from tests.sweep.logs import dns_log

from nachsorge.evidence.units import units
from nachsorge.matching.tests import tests_of as compiled
from nachsorge.model.words import Reason, Status
from nachsorge.sweep.outcome import Orders
from nachsorge.sweep.work import Worker


def worked(*paths, assets=None):
    worker = Worker(Orders(tests=compiled([domain_pack()]), now=t("2023-05-01")))
    return [
        outcome.reading for unit in units([str(path) for path in paths], assets or {}) for outcome in worker.work(unit)
    ]


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("_", "."), body)
    return out.getvalue()


def test_a_path_that_does_not_exist_is_a_reading_that_says_so(tmp_path):
    (reading,) = worked(tmp_path / "nowhere")
    assert (reading.status, reading.reason) == (Status.UNREAD, Reason.MISSING)
    assert "check the spelling" in reading.note


def test_an_empty_folder_and_an_empty_file_are_named(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.log").touch()
    assert [reading.reason for reading in worked(tmp_path / "folder", tmp_path / "file.log")] == [Reason.EMPTY] * 2


def test_a_single_file_keeps_the_path_and_the_asset_it_was_given_with(tmp_path):
    path = tmp_path / "dns.log"
    path.write_bytes(dns_log(MARCH))
    (reading,) = worked(path, assets={str(path): "pc1"})
    assert (reading.path, reading.asset, reading.status) == (str(path), "pc1", Status.READ)


def test_a_folder_is_walked_in_a_stable_order_and_nothing_in_it_is_passed_over(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("z.log", "a.log", "b/m.log"):
        (tmp_path / name).write_bytes(dns_log(MARCH))
    found = [reading.path for reading in worked(tmp_path)]
    assert found == [reading.path for reading in worked(tmp_path)]
    assert sorted(found) == [str(tmp_path / name) for name in ("a.log", "b/m.log", "z.log")]


def test_an_archive_in_an_archive_is_read_to_its_last_member(tmp_path):
    inner = zipped(dns_log=dns_log(MARCH))
    path = tmp_path / "all.zip"
    path.write_bytes(zipped(inner_zip=inner, other_log=b""))
    found = {reading.path.removeprefix(str(path)): reading.status for reading in worked(path)}
    assert found == {"!inner.zip!dns.log": Status.READ, "!other.log": Status.UNREAD}


@pytest.mark.parametrize("cut", [10, 60])
def test_a_broken_archive_is_never_silence(tmp_path, cut):
    path = tmp_path / "all.zip"
    path.write_bytes(zipped(dns_log=dns_log(MARCH))[:-cut])
    found = worked(path)
    assert any(reading.reason in (Reason.TRUNCATED, Reason.CORRUPT) for reading in found)
