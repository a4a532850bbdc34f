"""What bad input gets: a status that names the thing, everything else still done, never a traceback, never 0."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nachsorge.assets.inventory import Inventory
from nachsorge.evidence.readers import READERS
from nachsorge.evidence.seams import Plant
from nachsorge.model.words import Reason, Status
from nachsorge.packs.library import resolve
from nachsorge.sweep import Options, sweep

if TYPE_CHECKING:
    from nachsorge.model.assessment import Assessment
    from nachsorge.model.pack import Pack

PLANT = Plant(host="evil.example", address="192.0.2.7", sha256="0" * 63 + "1", path="C:\\x\\evil.bin")
HEADS = {
    "zeek_tsv": b"#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tquery\n1680000000.0\t10.0.0.1\ta.example\n",
    "w3c": b"#Software: IIS\n#Fields: date time cs-method cs-uri-stem c-ip cs-host\n"
    b"2023-03-29 10:00:00 GET /x 10.0.0.1 a.example\n",
    "squid": b"1680000000.123    45 10.0.0.5 TCP_MISS/200 512 GET http://a.example/ - HIER_DIRECT/192.0.2.1 -\n",
    "access_log": b'10.0.0.5 - - [29/Mar/2023:10:00:00 +0200] "GET /x HTTP/1.1" 200 12 "-" "agent"\n',
    "syslog": b"<34>1 2023-03-29T10:00:00Z host1 app 1 - - text\n",
    "bind": b"29-Mar-2023 10:11:12.345 client @0x7f 10.0.0.5#51515 (a.example): query: a.example IN A + (10.0.0.1)\n",
    "dnsmasq": b"Mar 29 10:11:12 gw dnsmasq[1]: query[A] a.example from 10.0.0.5\n",
    "windns": b"29.03.2023 10:11:12 0A4C PACKET  00000000 UDP Rcv 10.0.0.5 0001   Q [0001   D   NOERROR] A "
    b"     (1)a(7)example(0)\n",
    "cef": b"CEF:0|v|p|1|1|n|3|src=10.0.0.5 dhost=a.example request=http://a.example/ rt=1680000000000\n",
    "leef": b"LEEF:1.0|v|p|1|e|src=10.0.0.5\tdst=192.0.2.1\turl=http://a.example/\n",
    "csv_table": b"time,host,url\n2023-03-29T10:00:00Z,pc1,http://a.example/\n2023-03-29T10:01:00Z,pc1,http://b.example/\n",
}
SAMPLES = {
    reader.name: body
    for reader in READERS
    if (body := reader.plant(HEADS.get(reader.name, b""), PLANT)) is not None and reader.name != "threecx"
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    path = tmp_path_factory.mktemp("pack") / "list.csv"
    path.write_text("type,value\ndomain,absent.example\nsha256," + "ab" * 32 + "\n")
    return resolve(str(path))


def look(pack: Pack, *paths: Path) -> Assessment:
    return sweep([pack], [str(path) for path in paths], Inventory(), Options(jobs=1))


def test_enough_formats_are_tried() -> None:
    assert len(SAMPLES) >= 15


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("damage", ["none", "cut", "noise", "invalid-utf8", "doubled"])
def test_damaged_files_of_every_format_have_a_status_and_never_end_clean(
    pack: Pack, tmp_path: Path, name: str, damage: str
) -> None:
    body, rng = SAMPLES[name], random.Random(name)
    match damage:
        case "cut":
            body = body[: max(len(body) * 2 // 3, 1)]
        case "noise":
            at = len(body) // 2
            body = body[:at] + rng.randbytes(200) + body[at:]
        case "invalid-utf8":
            body = body.replace(b"e", b"\xff\xfe", 3)
        case "doubled":
            body = body + body
    path = tmp_path / f"{name}.log"
    path.write_bytes(body)
    assessment = look(pack, path)
    reasons = [source.reading.reason for source in assessment.sources]
    assert assessment.sources and Reason.FAILED not in reasons
    assert all(control.seen for control in assessment.controls if damage == "none")


@pytest.mark.parametrize("kind", ["zero", "random", "one-byte", "nul"])
def test_files_without_any_evidence_keep_zero_away(pack: Pack, tmp_path: Path, kind: str) -> None:
    body = {"zero": b"", "random": random.Random(1).randbytes(5000), "one-byte": b"\x01", "nul": bytes(5000)}[kind]
    (tmp_path / "dns.log").write_bytes(body)
    assessment = look(pack, tmp_path / "dns.log")
    (source,) = assessment.sources
    assert source.reading.status in (Status.UNREAD, Status.UNKNOWN_FORMAT) and source.reading.note
    assert assessment.summary.exit == 3


def test_a_path_that_does_not_exist_an_empty_folder_and_a_good_file(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.log").write_bytes(SAMPLES["zeek_tsv"])
    assessment = look(pack, tmp_path / "absent", tmp_path / "empty", tmp_path / "good.log")
    by_name = {Path(s.reading.path).name: s.reading for s in assessment.sources}
    assert by_name["absent"].reason is Reason.MISSING
    assert by_name["empty"].reason is Reason.EMPTY
    assert by_name["good.log"].status is Status.READ
    assert assessment.summary.exit == 3


def test_a_file_without_permission_is_named(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.log"
    path.write_bytes(SAMPLES["zeek_tsv"])
    real = os.open

    def refuse(name: object, *more: object, **keys: object) -> int:
        if str(name).endswith("secret.log"):
            raise PermissionError(13, "Permission denied", str(name))
        return real(name, *more, **keys)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    (source,) = look(pack, path).sources
    assert source.reading.reason is Reason.PERMISSION and source.reading.status is Status.UNREAD


def test_a_folder_without_permission_is_named_and_the_rest_is_read(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "good.log").write_bytes(SAMPLES["zeek_tsv"])
    real = os.scandir

    def refuse(path: object = ".") -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    assessment = look(pack, tmp_path)
    notes = " ".join(source.reading.note for source in assessment.sources)
    assert "locked" in notes and assessment.summary.exit == 3
    assert any(source.reading.status is Status.READ for source in assessment.sources)


def test_a_symlink_loop_ends(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to("../a")
    (tmp_path / "good.log").write_bytes(SAMPLES["zeek_tsv"])
    assert len(look(pack, tmp_path).sources) == 2


def test_a_file_that_shrinks_while_it_is_read_says_so(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nachsorge.evidence import units

    path = tmp_path / "dns.log"
    path.write_bytes(SAMPLES["zeek_tsv"] * 50)
    whole = units.opened

    def grown(*words: object) -> object:
        from dataclasses import replace

        source = whole(*words)  # type: ignore[arg-type]
        return replace(source, size=source.size + 10_000)

    monkeypatch.setattr("nachsorge.sweep.work.opened", grown)
    (source,) = look(pack, path).sources
    assert source.reading.reason is Reason.CHANGED_WHILE_READ and source.reading.status is Status.PARTLY


@pytest.mark.slow
def test_a_line_of_a_hundred_megabytes_is_named_and_the_rest_is_searched(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("type,value\ndomain,evil.example\n")
    with (tmp_path / "long.log").open("wb") as stream:
        stream.write(b"2023-03-29 first\n")
        for _ in range(100):
            stream.write(b"a" * 1_000_000)
        stream.write(b"\n2023-03-29 GET evil.example\n")
    assessment = look(resolve(str(tmp_path / "list.csv")), tmp_path / "long.log")
    (source,) = assessment.sources
    assert source.reading.reason is Reason.LIMIT and source.reading.status is Status.PARTLY
    assert [s.locator for s in assessment.sightings] == ["line 3"]


def test_a_clock_that_was_never_set_covers_nothing(pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "dns.log").write_bytes(SAMPLES["zeek_tsv"].replace(b"1680000000.000000", b"12.000000"))
    (source,) = look(pack, tmp_path / "dns.log").sources
    assert source.reading.first is None and any(gap.reason is Reason.NO_TIME for gap in source.reading.gaps)


def test_the_wrong_list_for_a_pack_is_refused_with_its_place(tmp_path: Path) -> None:
    from nachsorge.errors import PackError

    (tmp_path / "list.csv").write_text("kind,thing\nfoo,bar\n")
    with pytest.raises(PackError) as caught:
        resolve(str(tmp_path / "list.csv"))
    assert "list.csv" in str(caught.value)
