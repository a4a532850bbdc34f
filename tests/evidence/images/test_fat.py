"""FAT by our own code: files, long names, deleted names, and volumes that lie about themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.images.image_kit import TIME, fat, gone, slot, stick

from nachsorge.evidence.images.fat import Fat
from nachsorge.evidence.images.medium import Medium
from nachsorge.evidence.images.nodes import DELETED, Node, Trouble
from nachsorge.evidence.seams import ReadError


def volume(data: bytes) -> Fat:
    return Fat(Medium(lambda offset, size: data[offset : offset + size], len(data)))


def nodes(data: bytes) -> dict[str, Node]:
    return {node.path: node for node in volume(data).nodes(Trouble()) if node is not None}


def test_files_have_their_long_names_times_and_bytes() -> None:
    data = stick()
    found = nodes(data)
    assert set(found) == {"TOP.TXT", "FOLDER/a longer name.log", "FOLDER/evil tool.exe"}
    node = found["FOLDER/a longer name.log"]
    assert (node.size, node.modified, node.why) == (6, TIME, "")
    assert node.key is not None and volume(data).open(node.key)(0, 100) == b"hello\n"


def test_a_deleted_file_keeps_its_long_name_and_gives_no_bytes() -> None:
    node = nodes(stick())["FOLDER/evil tool.exe"]
    assert (node.key, node.why, node.size) == (None, DELETED, 4096)


def test_of_a_deleted_short_name_the_first_letter_is_lost() -> None:
    assert list(nodes(fat(gone(slot(b"EVIL    EXE", cluster=3, size=6))))) == ["?VIL.EXE"]


def test_a_chain_that_leads_back_into_itself_ends() -> None:
    data = fat(slot(b"LOOP    TXT", cluster=3, size=1 << 31), links=(0xFFF, 3))
    (node,) = nodes(data).values()
    assert node.key is not None
    assert len(volume(data).open(node.key)(0, 1 << 20)) < 1 << 20


def test_a_folder_that_holds_itself_is_listed_once() -> None:
    inner = slot(b"AGAIN", attributes=0x10, cluster=2) + slot(b"A", cluster=3, size=1)
    assert list(nodes(fat(slot(b"FOLDER", attributes=0x10, cluster=2), folder=inner))) == ["FOLDER/A"]


@given(st.binary(min_size=1, max_size=300), st.integers(0, 2000))
def test_no_bytes_make_it_raise_or_run_on(noise: bytes, where: int) -> None:
    data = bytearray(stick())
    data[where : where + len(noise)] = noise
    try:
        whole = volume(bytes(data))
        found = [node for node in whole.nodes(Trouble()) if node is not None]
        for node in found:
            if node.key is not None:
                assert len(whole.open(node.key)(0, 4096)) <= 4096
    except (ReadError, ValueError, OverflowError):
        return  # what `FAULTS` holds is a gap
    assert len(found) < 10_000
