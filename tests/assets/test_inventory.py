from __future__ import annotations

import csv

import pytest
from tests.builders import span

from nachsorge.assets.inventory import load_inventory
from nachsorge.errors import InventoryError
from nachsorge.model.evidence import Lease
from nachsorge.model.words import Platform


@pytest.fixture
def load(tmp_path):
    """Load an inventory from its text."""

    def _load(text):
        path = tmp_path / "inventory.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_inventory(path)

    return _load


@pytest.fixture
def problems(load):
    """Give the problems of an inventory as (line, message, remedy)."""

    def _problems(text):
        with pytest.raises(InventoryError) as caught:
            load(text)
        return [(one.line, one.message, one.remedy) for one in caught.value.problems]

    return _problems


def test_one_asset_a_row_with_all_that_is_known_of_it(load):
    found = load(
        "asset,names,addresses,platform,role,watched,Owner\n"
        "pc1,pc1.corp.example;PC-ONE,10.0.0.5;fe80::0:1,Windows 10,PBX,dns_query;proxy@site-b,Berta\n"
        "pc2,,,,,,\n"
    )
    one, two = found.assets
    assert one.names == ("pc1", "pc1.corp.example", "PC-ONE")
    assert one.addresses == ("10.0.0.5", "fe80::1")
    assert (one.platform, one.role, one.declared) == (Platform.WINDOWS, "pbx", True)
    assert one.watched == ("dns_query", "proxy@site-b")
    assert one.attributes == {"owner": "Berta"}
    assert (two.names, two.addresses, two.platform, two.watched) == (("pc2",), (), None, ())


def test_an_address_limited_in_time_is_a_lease(load):
    found = load("asset,addresses\npc1,10.0.0.5@2023-01-01/2023-03-01\n")
    assert found.assets[0].addresses == ()
    assert found.leases == (Lease(address="10.0.0.5", host="pc1", span=span("2023-01-01", "2023-03-01")),)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffHostname,IP,OS\r\npc1,10.0.0.5,macOS\r\n",
        "asset;addresses;platform\npc1;10.0.0.5;mac\n",
        "name,address,platform\n\npc1,10.0.0.5,darwin",
    ],
    ids=["a spreadsheet's", "semicolons", "other names"],
)
def test_spellings_of_the_same_inventory(load, text):
    (one,) = load(text).assets
    assert (one.id, one.addresses, one.platform) == ("pc1", ("10.0.0.5",), Platform.MACOS)


def test_all_problems_are_told_at_once_with_line_and_remedy(problems):
    found = problems(
        "asset,addresses,platform,watched\n"
        "pc1,10.0.0.500,windows,dns_querry\n"
        ",10.0.0.6,,\n"
        "PC1,,,\n"
        "pc3,10.0.0.7@2023-03-01/2023-01-01,amiga,mail\n"
        "pc4,10.0.0.7@2023-03-01,,dns_query@\n"
    )
    assert [line for line, _, _ in found] == [2, 2, 3, 4, 5, 5, 5, 6, 6]
    assert [message for _, message, _ in found] == [
        "'10.0.0.500' is no address",
        "'dns_querry' is nothing a sensor watches",
        "a row without a name",
        "asset 'PC1' stands here twice",
        "'10.0.0.7@2023-03-01/2023-01-01' is no address",
        "unknown platform 'amiga'",
        "'mail' is nothing a sensor watches",
        "'10.0.0.7@2023-03-01' is no address",
        "'dns_query@' names no sensor",
    ]
    assert all(remedy for _, _, remedy in found)
    assert found[1][2] == "did you mean dns_query?"


def test_an_address_of_two_assets_would_be_credited_to_the_wrong_one(problems, load):
    ((line, message, remedy),) = problems("asset,addresses\npc1,10.0.0.5\npc2,10.0.0.5\n")
    assert (line, message) == (3, "10.0.0.5 is the address of 'pc1' as well")
    assert "limit it in time" in remedy
    load("asset,addresses\npc1,10.0.0.5;10.0.0.5\npc2,10.0.0.5@2023-01-01/2023-03-01\n")


def test_a_value_that_slips_out_of_its_column_is_no_silent_loss(problems):
    ((line, message, remedy),) = problems("asset,addresses\npc1,10.0.0.5,10.0.0.6\n")
    assert (line, message) == (2, "more fields than the first line names")
    assert ";" in remedy


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("", "no column `asset`", "the first line names the columns"),
        ("assets,ip\npc1,10.0.0.5\n", "no column `asset`", "rename 'assets' to asset"),
        ("host,hostname\npc1,pc1.example\n", "'asset' is named by several columns", "keep one"),
    ],
)
def test_an_unusable_header_or_table(problems, text, message, remedy):
    ((_, found, advice),) = problems(text)
    assert found == message
    assert remedy in advice


def test_a_quote_that_is_never_closed_is_named(problems):
    before = csv.field_size_limit(100)
    try:
        ((_, message, remedy),) = problems('asset,note\npc1,"' + "x\n" * 200)
    finally:
        csv.field_size_limit(before)
    assert message == "no CSV: field larger than field limit (100)"
    assert "never closed" in remedy


def test_a_file_that_cannot_be_read_says_why(problems, tmp_path):
    ((_, message, _),) = problems("asset\npc1\n".encode("utf-16"))
    assert message.startswith("cannot be read")
    with pytest.raises(InventoryError, match=r"missing\.csv: cannot be read"):
        load_inventory(tmp_path / "missing.csv")
