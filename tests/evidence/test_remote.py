"""Evidence by URL gives what the same files give as paths; a store that does not is a gap with a reason."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.builders import MARCH, domain_pack, t
from tests.sweep.logs import dns_log
from tests.sweep.test_split import made

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence import remote
from nachsorge.evidence.containers.streams import read_whole
from nachsorge.evidence.units import opened, units
from nachsorge.exports.assessment_json import dumps
from nachsorge.model.words import Reason, Status
from nachsorge.sweep import Options, executors, split, sweep

ABSENT = 'EXTRA ABSENT: pip install "nachsorge[cluster]" s3fs moto flask; this test has NOT read anything from a store'
fsspec = pytest.importorskip("fsspec", reason=ABSENT)
pytest.importorskip("s3fs", reason=ABSENT)
moto_server = pytest.importorskip("moto.server", reason=ABSENT)
pytest.importorskip("flask_cors", reason=ABSENT)

BUCKET = "s3://evidence"


@pytest.fixture(scope="module")
def s3():
    """A real S3 server on loopback; processes that are started find it by the environment."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "example")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "example")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        store = fsspec.filesystem("s3", skip_instance_cache=True)
        store.mkdir("evidence")
        yield store
    server.stop()


@pytest.fixture
def both(s3, tmp_path):
    """The same evidence as files and as objects: a log, one compressed, an archive, nonsense."""
    import gzip
    import zipfile

    bodies = {
        "site-1/dns.log": dns_log(MARCH),
        "site-1/dns.log.gz": gzip.compress(dns_log(MARCH, query="evil.example", at=t("2023-03-15")), mtime=0),
        "site-2/nonsense.bin": b"\x00\x01\x02" * 999,
        "site-2/näme mit leer.log": dns_log(MARCH, client="10.0.0.9"),
    }
    for name, body in bodies.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    with zipfile.ZipFile(tmp_path / "site-2" / "logs.zip", "w") as archive:
        archive.writestr("inner/dns.log", dns_log(MARCH, query="www.evil.example", at=t("2023-03-16")))
    s3.put(str(tmp_path), "evidence/all", recursive=True)
    yield str(tmp_path)
    s3.rm("evidence/all", recursive=True)


def assessed(*evidence, executor=None, jobs=1, assets=None):
    options = Options(now=t("2023-05-01"), executor=executor, jobs=jobs, assets=assets or {})
    return sweep([domain_pack()], evidence, Inventory(), options)


def as_paths(assessment, base, instead):
    return dumps(assessment).replace(base.encode(), instead.encode())


def only(url):
    (unit,) = units([url], {})
    return unit


def test_a_folder_of_a_bucket_is_the_folder(both):
    url = f"{BUCKET}/all"
    found = assessed(url)
    assert len(found.sightings) == 2
    assert as_paths(found, url, both) == dumps(assessed(both))


def test_a_cluster_reads_the_bucket_itself(both):
    distributed = pytest.importorskip("distributed", reason=ABSENT)
    from nachsorge.sweep.cluster import cluster

    url = f"{BUCKET}/all"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as found,
        cluster(found.scheduler_address) as executor,
    ):
        there = assessed(url, executor=executor)
    assert as_paths(there, url, both) == dumps(assessed(both))


def test_wildcards_choose_and_one_object_stands_alone(both):
    assert [unit.shown for unit in units([f"{BUCKET}/all/*/*.log"], {})] == [
        f"{BUCKET}/all/site-1/dns.log",
        f"{BUCKET}/all/site-2/näme mit leer.log",
    ]
    assert only(f"{BUCKET}/all/site-1/dns.log").size == len(dns_log(MARCH))


def test_whose_evidence_a_url_is_can_be_said(both):
    url = f"{BUCKET}/all/site-1/dns.log"
    (source,) = assessed(url, assets={url: "pc1"}).sources
    assert source.reading.asset == "pc1"


def test_an_object_can_be_read_anywhere(s3):
    body = bytes(range(256)) * 100_000
    s3.pipe("evidence/big.bin", body)
    unit = only(f"{BUCKET}/big.bin")
    with opened(unit, frozenset()).open() as stream:
        assert stream.seek(20_000_001) == 20_000_001
        assert stream.read(3) == body[20_000_001:20_000_004]
        stream.seek(5)
        assert read_whole(stream, len(body)) == body[5:]


def test_a_big_object_is_split_like_a_file(s3, tmp_path, monkeypatch):
    for name in ("LARGE", "LEAST"):
        monkeypatch.setattr(split, name, 4096)
    monkeypatch.setattr(executors, "SMALL", 0)
    body = made("squid", 60_000, 5, steps=(1, 2))
    s3.pipe("evidence/big.log", body)
    url = f"{BUCKET}/big.log"
    assert len(split.Board([only(url)], workers=2).tasks) == 8
    assert dumps(assessed(url, jobs=2)) == dumps(assessed(url))


@pytest.mark.parametrize(
    ("url", "reason", "said"),
    [
        ("s3://no-such-bucket/logs", Reason.MISSING, "no such object, folder or bucket"),
        ("s3://evidence/no-such-folder/", Reason.MISSING, "no such object"),
        ("s3://evidence/none/*.log", Reason.EMPTY, "no object is there"),
        ("unheard-of://somewhere/logs", Reason.NOT_SUPPORTED, "Protocol not known"),
        ("gs://bucket/logs", Reason.MISSING_EXTRA, 'pip install "nachsorge[cluster]" gcsfs'),
        ("https://127.0.0.1:1/dns.log", Reason.FAILED, "cannot be reached"),
        ("memory://nothing/here", Reason.MISSING, "no such object"),
    ],
)
def test_what_a_store_does_not_give_is_a_gap(s3, url, reason, said):
    (source,) = assessed(url).sources
    assert (source.reading.status, source.reading.reason) == (Status.UNREAD, reason)
    assert said in source.reading.note
    assert assessed(url).summary.exit == 3


def test_no_credentials_are_a_gap(s3, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    (source,) = assessed(f"{BUCKET}/all").sources
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    assert source.reading.reason is Reason.PERMISSION
    assert "credentials" in source.reading.note


def test_without_fsspec_it_is_a_gap_with_the_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (source,) = assessed("s3://evidence/all").sources
    assert source.reading.reason is Reason.MISSING_EXTRA
    assert source.reading.note.endswith('pip install "nachsorge[cluster]" s3fs')


def test_an_object_that_shrank_or_vanished_since_it_was_listed_is_a_gap(s3):
    s3.pipe("evidence/shrinks.log", dns_log(MARCH))
    unit = only(f"{BUCKET}/shrinks.log")
    from nachsorge.matching.tests import tests_of as compiled
    from nachsorge.sweep.outcome import Orders
    from nachsorge.sweep.work import Worker

    worker = Worker(Orders(tests=compiled([domain_pack()]), now=t("2023-05-01")))
    (outcome,) = worker.work(replace(unit, size=unit.size + 1))
    assert outcome.reading.reason is Reason.CHANGED_WHILE_READ
    s3.rm("evidence/shrinks.log")
    (outcome,) = worker.work(unit)
    assert outcome.reading.reason is Reason.MISSING


def test_a_web_page_is_one_file_even_from_a_server_that_tells_no_ranges(tmp_path):
    (tmp_path / "dns.log").write_bytes(dns_log(MARCH, query="evil.example", at=t("2023-03-15")))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *words):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/dns.log"
        found = assessed(url + "?X-Amz-Signature=secret")
        server.shutdown()
    assert len(found.sightings) == 1
    assert found.sources[0].reading.path == url
    assert b"secret" not in dumps(found)


def test_a_file_url_is_a_path(tmp_path):
    (tmp_path / "a b.log").write_bytes(dns_log(MARCH))
    found = assessed((tmp_path / "a b.log").as_uri())
    assert found.sources[0].reading.records == dns_log(MARCH).count(b"\n") - 3


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://admin:secret@host.example/logs/a.log", "sftp://admin@host.example/logs/a.log"),
        ("https://host.example/a.log?sig=secret#x", "https://host.example/a.log"),
        ("s3://bucket/a?b.log", "s3://bucket/a?b.log"),
    ],
)
def test_reports_never_hold_a_password(url, shown):
    assert remote.public(url) == shown
